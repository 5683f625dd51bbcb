//===- SharedLibrary.cpp - Code that a model runs -------------------------===//
// SPDX-License-Identifier: Apache-2.0
// dlopen with two precautions: the file is inspected first, and a file that was
// replaced since an earlier load is not mistaken for the earlier one.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/SharedLibrary.h"

#include "lib/Runtime/Core/Error.h"
#include "shift/Runtime/KernelABI.h"

#include <atomic>
#include <climits>
#include <cstdlib>
#include <dlfcn.h>

using namespace shift::rt;

/// The absolute path in a spelling that no earlier call gave. glibc compares
/// the path's text with those of loaded libraries before it opens the file, so
/// a model compiled again under the same name, while the old one is in use,
/// would silently be the old one. A new spelling makes it compare files.
static std::string uniqueSpelling(const std::string &path,
                                  const std::string &source) {
  static std::atomic<uint64_t> calls{0};
  char resolved[PATH_MAX];
  if (!realpath(path.c_str(), resolved))
    throw Error(SHIFT_ERROR_FILE, source + ": expected a readable path");
  std::string absolute = resolved;
  size_t slash = absolute.rfind('/');
  std::string spelling = absolute.substr(0, slash);
  for (uint64_t bits = ++calls; bits != 0; bits >>= 1)
    spelling += bits & 1 ? "/." : "/";
  return spelling + absolute.substr(slash);
}

SharedLibrary::SharedLibrary(const std::string &path,
                             const std::string &source) {
  sizes = inspectSharedLibrary(path, source);
  if (sizes.count(SHIFT_PLAN_SYMBOL) == 0)
    throw Error(SHIFT_ERROR_MODEL,
                source + ": expected a library that shift-compile wrote, got "
                         "one without the symbol " SHIFT_PLAN_SYMBOL);
  handle = dlopen(uniqueSpelling(path, source).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    throw Error(SHIFT_ERROR_FILE, source + ": cannot load the library: " +
                                      (reason ? reason : "unknown reason"));
  }
}

SharedLibrary::~SharedLibrary() {
  if (handle)
    dlclose(handle);
}

void *SharedLibrary::find(const char *symbol) const {
  return dlsym(handle, symbol);
}

std::optional<int64_t> SharedLibrary::sizeOf(const std::string &symbol) const {
  auto found = sizes.find(symbol);
  if (found == sizes.end() || found->second == 0)
    return std::nullopt;
  return found->second;
}
