//===- HostProgram.h - The C++ around the kernels ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTPROGRAM_H
#define LIB_TARGET_CUDA_HOSTPROGRAM_H

#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "shift/Conversion/Kernels/Plan.h"
#include "shift/Target/CUDA/CUDAEmitter.h"

#include <map>

namespace shift::cuda {

/// How each kernel's parameters may be declared, from the places that steps
/// pass for them.
using TraitsByKernel = std::map<std::string, KernelTraits>;
TraitsByKernel findTraits(mlir::ModuleOp module,
                          const mlir::shift::KernelPlan &plan);

/// Writes the host program of `main` to `os`. `weightHash` is that of the
/// plan's constants.
llvm::LogicalResult emitHostProgram(mlir::func::FuncOp main,
                                    const mlir::shift::KernelPlan &plan,
                                    uint64_t weightHash,
                                    const CUDAOptions &options,
                                    llvm::raw_ostream &os);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_HOSTPROGRAM_H
