//===- ShiftFolds.cpp - Folds of the shift dialect ------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Only folds that keep every bit.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"

using namespace mlir;
using namespace mlir::shift;

/// A requantize to its own type without a clamp changes nothing.
OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  bool clamps = getClampMin() || getClampMax();
  return !clamps && getInput().getType() == getType() ? getInput() : Value();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto producer = getInput().getDefiningOp<ReshapeOp>()) {
    setOperand(producer.getInput());
    return getResult();
  }
  return {};
}

/// quantize(dequantize(q)) of one type is q: q * 2^-f is exact in float32 for
/// up to 24 bits and rounds back to q.
OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  auto producer = getInput().getDefiningOp<DequantizeOp>();
  if (producer && producer.getInput().getType() == getType() &&
      getFixedPoint(getType())->bits <= 24)
    return producer.getInput();
  return {};
}
