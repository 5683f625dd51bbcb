//===- Passes.h - Passes of the shift dialect -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_TRANSFORMS_PASSES_H
#define DIALECTS_SHIFT_TRANSFORMS_PASSES_H

#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace mlir::shift {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/Shift/Transforms/Passes.h.inc"

/// Relu and Clip into the clamp of the conv2d or linear before them.
void populateFuseClampPatterns(RewritePatternSet &patterns);

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_TRANSFORMS_PASSES_H
