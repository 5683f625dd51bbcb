//===- Passes.h - Passes of the onnx dialect --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_TRANSFORMS_PASSES_H
#define DIALECTS_ONNX_TRANSFORMS_PASSES_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace mlir::onnx {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "dialects/ONNX/Transforms/Passes.h.inc"

/// Batch norm, also frozen as Mul and Add, into the convolution before it.
void populateFoldBatchNormPatterns(RewritePatternSet &patterns);

/// GroupNormalization from Reshape, InstanceNormalization, Reshape, Mul, Add.
void populateFuseGroupNormPatterns(RewritePatternSet &patterns);

} // namespace mlir::onnx

#endif // DIALECTS_ONNX_TRANSFORMS_PASSES_H
