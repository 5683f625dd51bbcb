//===- AtomicFile.cpp - Files that are whole or absent, without LLVM ------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Support/AtomicFile.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace shift {

AtomicFile::AtomicFile(const std::string &path) : path(path), temporary(path) {
  struct stat status;
  const bool isDevice =
      stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (!isDevice)
    temporary += ".tmp" + std::to_string(getpid());
  file = std::fopen(temporary.c_str(), "wb");
}

AtomicFile::~AtomicFile() {
  if (!file)
    return;
  std::fclose(file);
  if (temporary != path)
    unlink(temporary.c_str());
}

std::string AtomicFile::commit() {
  // A full disk may show only when the buffer is written out.
  bool isWhole = file && std::fflush(file) == 0 && std::ferror(file) == 0;
  if (isWhole && temporary != path)
    isWhole = std::rename(temporary.c_str(), path.c_str()) == 0;
  if (!isWhole)
    return error();
  temporary = path;
  return "";
}

std::string AtomicFile::error() const {
  return "cannot write '" + path + "': " + std::strerror(errno);
}

} // namespace shift
