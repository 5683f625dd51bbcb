//===- FixedPointMovement.h - Data movement on fixed point ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_ONNXTOSHIFT_FIXEDPOINTMOVEMENT_H
#define LIB_CONVERSION_ONNXTOSHIFT_FIXEDPOINTMOVEMENT_H

#include "mlir/IR/Builders.h"

namespace mlir::shift {

/// Makes the shift ops that do to `input` (fixed point) what `op`
/// (isDataMovement) does to its first operand; one value a result of `op`.
SmallVector<Value> moveFixedPoint(OpBuilder &builder, Operation *op,
                                  Value input);

} // namespace mlir::shift

#endif // LIB_CONVERSION_ONNXTOSHIFT_FIXEDPOINTMOVEMENT_H
