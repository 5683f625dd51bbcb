//===- SharedLibrary.h - Code that a model runs -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Where a model's symbols come from: a file that stays loaded as long as the
// model, or a callback into code that is in the process already.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_SHAREDLIBRARY_H
#define LIB_RUNTIME_CORE_SHAREDLIBRARY_H

#include "lib/Runtime/Core/ElfFile.h"

#include <optional>
#include <string>

namespace shift::rt {

/// A loaded shared library.
class SharedLibrary {
public:
  /// Inspects and loads the file. Throws an Error that starts with `source`.
  SharedLibrary(const std::string &path, const std::string &source);
  ~SharedLibrary();
  SharedLibrary(const SharedLibrary &) = delete;
  SharedLibrary &operator=(const SharedLibrary &) = delete;

  /// The address of a symbol, or null.
  void *find(const char *symbol) const;
  /// The size that the file states for a shift_ symbol, if it does.
  std::optional<int64_t> sizeOf(const std::string &symbol) const;

private:
  SymbolSizes sizes;
  void *handle = nullptr;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_SHAREDLIBRARY_H
