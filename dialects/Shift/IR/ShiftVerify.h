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

/// Neither bound is NaN and min <= max.
LogicalResult verifyClamp(Operation *op, std::optional<APFloat> min,
                          std::optional<APFloat> max);

/// Rank 4, sane window numbers, the batch kept and the result's spatial size.
LogicalResult verifyWindow(Operation *op, Value input, Value result,
                           const Window2D &window);

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_IR_SHIFTVERIFY_H
