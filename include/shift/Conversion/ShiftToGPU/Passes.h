//===- Passes.h - Conversion to GPU kernels ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_SHIFTTOGPU_PASSES_H
#define SHIFT_CONVERSION_SHIFTTOGPU_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "shift/Conversion/Kernels/Passes.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Conversion/ShiftToGPU/Passes.h.inc"

/// 75 of "sm_75"; fails with an error on `module`.
FailureOr<int> parseArchitecture(ModuleOp module, llvm::StringRef arch);

/// The strategies of convolution and linear layers on GPUs.
llvm::ArrayRef<llvm::StringRef> getGPULayerStrategies();

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_SHIFTTOGPU_PASSES_H
