//===- HostShim.h - Compiling a .cu file for the CPU ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The commands that turn an unchanged .cu file into a program or a library that
// runs on the CPU. What the shim is and finds: lib/Target/CUDA/HostShim.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TARGET_CUDA_HOSTSHIM_H
#define SHIFT_TARGET_CUDA_HOSTSHIM_H

#include <string>
#include <vector>

namespace shift::cuda {

struct HostShimOptions {
  /// The .cu file, and the library or program to be written.
  std::string source, output;
  /// Check each memory access of the kernels; some ten times slower.
  bool isChecked = false;
  /// A program instead of a shared library; the source has a main then.
  bool isProgram = false;
  /// clang++ or g++; empty: the compiler that built the shim.
  std::string compiler;
  /// More options of the compilation, such as -D and -I.
  std::vector<std::string> compileFlags;
  /// More objects, libraries and options of the link.
  std::vector<std::string> linkInputs;
};

/// A program and its arguments.
using Command = std::vector<std::string>;

/// The commands, to be run one after the other. The first writes the object
/// file `output`.o, which may be removed when the last has ended. Reads the
/// source for the names that it gives to dynamic shared memory.
std::vector<Command> hostShimCommands(const HostShimOptions &options);

/// The command as a line for a POSIX shell.
std::string toShellLine(const Command &command);

} // namespace shift::cuda

#endif // SHIFT_TARGET_CUDA_HOSTSHIM_H
