//===- Passes.h - Passes before any kernels ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_KERNELS_PASSES_H
#define SHIFT_CONVERSION_KERNELS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "shift/Conversion/Kernels/Passes.h.inc"

/// Attributes of a layer by the passes that choose strategies: its strategy,
/// and why.
constexpr llvm::StringRef strategyAttrName = "shift.strategy";
constexpr llvm::StringRef strategyReasonAttrName = "shift.strategy_reason";

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_KERNELS_PASSES_H
