//===- ModuleSymbols.h - Names and extents of a program's data --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Reads the symbol table of the program or library that a kernel is part of:
// the kernel's name, its shared variables (thread-local objects) and the
// variables of the device (data).
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_MODULESYMBOLS_H
#define LIB_TARGET_CUDA_HOSTSHIM_MODULESYMBOLS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shift::shim {

/// A named range: of addresses for functions and data, of offsets into the
/// module's thread-local block for thread-local objects.
struct Symbol {
  uintptr_t start;
  size_t bytes;
  std::string name; // demangled
  bool isKernel;
};

/// A part of the module that is mapped into memory.
struct Segment {
  uintptr_t start;
  size_t bytes;
  bool writable;
};

class ModuleSymbols {
public:
  /// The module that holds `code`; read at the first call.
  static const ModuleSymbols &containing(const void *code);

  /// Name of the function at `address`, or "?".
  std::string functionAt(uintptr_t address) const;

  /// The kernel of this demangled name, or null.
  bool isKernel(const std::string &name) const;

  /// The object of `symbols` (sorted) that holds `address`, or null.
  static const Symbol *find(const std::vector<Symbol> &symbols,
                            uintptr_t address);

  /// The segment that holds `address`, or null.
  const Segment *findSegment(uintptr_t address) const;

  /// Where the running thread of the operating system has the module's
  /// thread-local block; 0 as long as it has none.
  uintptr_t threadLocalBase() const;

  /// "function (file:line)" of a return address, as far as it is known.
  std::string describeCode(const void *returnAddress) const;

  std::string path;
  uintptr_t loadAddress = 0;
  size_t threadLocalBytes = 0;
  std::vector<Segment> segments;
  std::vector<Symbol> functions, data, threadLocal;

private:
  void readSymbols();
};

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_MODULESYMBOLS_H
