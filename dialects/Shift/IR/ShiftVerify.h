//===- ShiftVerify.h - Checks that several shift ops share ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTVERIFY_H
#define DIALECTS_SHIFT_IR_SHIFTVERIFY_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "shift/Support/ConvWindow.h"

namespace mlir::shift {

inline ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// A window over the two spatial dimensions; pads are top, left, bottom, right.
struct Window2D {
  ArrayRef<int64_t> kernel, strides, dilations, pads;
  bool ceilMode;
};

/// The optional `inside` of a fixed-point `result` has its shape.
LogicalResult verifyInside(Operation *op, Value result, Value inside);

LogicalResult verifySameShape(Operation *op, Value a, Value b);

/// Neither bound is NaN and min <= max.
LogicalResult verifyClamp(Operation *op, std::optional<APFloat> min,
                          std::optional<APFloat> max);

/// Rank 4, sane window numbers, the batch kept and the result's spatial size.
LogicalResult verifyWindow(Operation *op, Value input, Value result,
                           const Window2D &window);

/// `result` is a convolution of `input` with `weights` (M x C/group x rows x
/// columns).
LogicalResult verifyConvolution(Operation *op, Value input, Value weights,
                                Value result, ArrayRef<int64_t> strides,
                                ArrayRef<int64_t> dilations,
                                ArrayRef<int64_t> pads, int64_t group);

/// Of rank 4, and `result` has as many rows and columns as there are indices
/// into those of `input`.
LogicalResult verifyResample(Operation *op, Value input, Value result,
                             ArrayRef<int64_t> rows, ArrayRef<int64_t> columns);

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_IR_SHIFTVERIFY_H
