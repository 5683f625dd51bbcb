//===- ShiftFolds.cpp - Folds of the shift dialect ------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Only folds that keep every bit.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"

using namespace mlir;
using namespace mlir::shift;

/// A requantize to its own type without a clamp changes nothing.
LogicalResult RequantizeOp::fold(FoldAdaptor,
                                 SmallVectorImpl<OpFoldResult> &results) {
  if (getClampMin() || getClampMax() || getInside() ||
      getInput().getType() != getType())
    return failure();
  results.push_back(getInput());
  return success();
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
LogicalResult QuantizeOp::fold(FoldAdaptor,
                               SmallVectorImpl<OpFoldResult> &results) {
  auto producer = getInput().getDefiningOp<DequantizeOp>();
  if (!producer || getInside() || producer.getInput().getType() != getType() ||
      getFixedPoint(getType())->bits > 24)
    return failure();
  results.push_back(producer.getInput());
  return success();
}
