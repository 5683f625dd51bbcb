//===- ONNXFolds.cpp - Folds that need no arithmetic ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// Arithmetic on constants is folded by the pass that owns the numbers
// (fold-constants, on the reference kernels); these only look at shapes.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"

using namespace mlir;
using namespace mlir::onnx;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

OpFoldResult DropoutOp::fold(FoldAdaptor) { return getX(); }

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getData().getType() == getType())
    return getData();
  if (auto producer = getData().getDefiningOp<ReshapeOp>()) {
    setOperand(producer.getData());
    return getResult();
  }
  return {};
}

OpFoldResult ShapeOp::fold(FoldAdaptor) {
  auto shape = cast<ShapedType>(getData().getType()).getShape();
  auto type = cast<RankedTensorType>(getType());
  int64_t rank = shape.size();
  // The accessor is unsigned.
  int64_t start = getStart();
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  return DenseElementsAttr::get(type,
                                shape.slice(start, type.getNumElements()));
}

OpFoldResult ConstantOfShapeOp::fold(FoldAdaptor) {
  // A larger one would be written out by whoever reads it.
  constexpr int64_t maxElements = 1 << 24;
  auto values = dyn_cast<DenseElementsAttr>(getValue());
  if (!values || cast<ShapedType>(getType()).getNumElements() > maxElements)
    return {};
  return DenseElementsAttr::get(cast<ShapedType>(getType()),
                                *values.value_begin<Attribute>());
}
