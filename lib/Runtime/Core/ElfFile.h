//===- ElfFile.h - A look at a shared library before it is loaded -*- C++ -*-=//
// SPDX-License-Identifier: Apache-2.0
// The dynamic loader trusts its input: a truncated file ends in a bus error,
// and any library's start-up code runs before one can ask what it is. So the
// file is inspected first.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_ELFFILE_H
#define LIB_RUNTIME_CORE_ELFFILE_H

#include <cstdint>
#include <map>
#include <string>

namespace shift::rt {

/// Size in bytes by name of the defined dynamic symbols whose names start with
/// "shift_".
using SymbolSizes = std::map<std::string, int64_t>;

/// Checks that `path` is a complete shared library for this machine and gives
/// its shift_ symbols. Throws an Error (file or model) that starts with
/// `source`.
SymbolSizes inspectSharedLibrary(const std::string &path,
                                 const std::string &source);

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_ELFFILE_H
