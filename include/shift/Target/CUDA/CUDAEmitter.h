//===- CUDAEmitter.h - Converted modules to CUDA C++ ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Prints what convert-shift-to-gpu made as one CUDA C++ file with a plain C
// ABI, and its constants as a file of weights
// (shift/Target/CUDA/WeightsFile.h). lib/Target/CUDA/README.md describes both.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TARGET_CUDA_CUDAEMITTER_H
#define SHIFT_TARGET_CUDA_CUDAEMITTER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace shift::cuda {

/// How the program is printed.
struct CUDAOptions {
  /// Steps that do not depend on each other run on up to so many streams, the
  /// caller's among them.
  unsigned streams = 4;
  /// Adds a main that compares with stored results and measures times.
  bool withMain = false;
};

/// A program and the weights that it loads.
struct CUDAProgram {
  std::string text;
  /// The file of weights, header included; empty for kernels without a program.
  std::vector<char> weights;
};

/// Whether `module` has GPU kernels and nothing that is still to be converted
/// to them.
bool hasOnlyKernels(mlir::ModuleOp module);

/// Prints `module`: its gpu.modules and, if it has @main, the host program
/// around them. Fails with a message on the op that has no text.
llvm::FailureOr<CUDAProgram> emitCUDA(mlir::ModuleOp module,
                                      const CUDAOptions &options = {});

/// "m.weights.bin" for "m.cu".
std::string weightsPath(llvm::StringRef textPath);

/// Writes the text to `path` and the weights beside it, each whole or not at
/// all, weights first. Of "-" (stdout) and devices only the text is written.
llvm::Error writeCUDA(const CUDAProgram &program, llvm::StringRef path);

} // namespace shift::cuda

#endif // SHIFT_TARGET_CUDA_CUDAEMITTER_H
