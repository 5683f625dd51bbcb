//===- ONNXMathOps.cpp - Types of elementwise and reducing ops ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"

using namespace mlir;
using namespace mlir::onnx;

FailureOr<int64_t> mlir::onnx::normalizeAxis(std::optional<Location> loc,
                                             int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return emitOptionalError(loc, "expected axis in [", -rank, ", ", rank,
                             "), got ", axis);
  return axis < 0 ? axis + rank : axis;
}

FailureOr<SmallVector<int64_t>>
mlir::onnx::broadcastShapes(std::optional<Location> loc, ArrayRef<int64_t> a,
                            ArrayRef<int64_t> b) {
  SmallVector<int64_t> result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return emitOptionalError(loc, "expected shapes that broadcast, got ", x,
                               " and ", y, " in dimension ",
                               result.size() - 1 - i);
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

static LogicalResult inferBroadcast(std::optional<Location> loc,
                                    ValueRange operands,
                                    SmallVectorImpl<Type> &types) {
  if (operands.empty())
    return emitOptionalError(loc, "expected at least one input, got none");
  SmallVector<int64_t> shape(shapeOf(operands.front()));
  Type element = elementTypeOf(operands.front());
  for (Value operand : operands.drop_front()) {
    if (elementTypeOf(operand) != element)
      return emitOptionalError(loc, "expected element type ", element, ", got ",
                               elementTypeOf(operand));
    auto joined = broadcastShapes(loc, shape, shapeOf(operand));
    if (failed(joined))
      return failure();
    shape = *joined;
  }
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

#define INFER_BROADCAST(OP)                                                    \
  LogicalResult OP::inferReturnTypes(                                          \
      MLIRContext *, std::optional<Location> loc, Adaptor adaptor,             \
      SmallVectorImpl<Type> &types) {                                          \
    return inferBroadcast(loc, adaptor.getOperands(), types);                  \
  }
INFER_BROADCAST(AddOp)
INFER_BROADCAST(SubOp)
INFER_BROADCAST(MulOp)
INFER_BROADCAST(DivOp)
INFER_BROADCAST(MinOp)
INFER_BROADCAST(MaxOp)
#undef INFER_BROADCAST

/// Pow's exponent may have another element type than its base.
LogicalResult PowOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto shape =
      broadcastShapes(loc, shapeOf(adaptor.getA()), shapeOf(adaptor.getB()));
  if (failed(shape))
    return failure();
  types.push_back(RankedTensorType::get(*shape, elementTypeOf(adaptor.getA())));
  return success();
}

/// PRelu's slope broadcasts to X, never the other way round.
LogicalResult PReluOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto shape =
      broadcastShapes(loc, shapeOf(adaptor.getA()), shapeOf(adaptor.getB()));
  if (failed(shape))
    return failure();
  if (ArrayRef<int64_t>(*shape) != shapeOf(adaptor.getA()))
    return emitOptionalError(loc, "expected a slope that broadcasts to X");
  types.push_back(adaptor.getA().getType());
  return success();
}

static LogicalResult inferReduce(std::optional<Location> loc, Value data,
                                 ArrayRef<int64_t> axes, bool keepdims,
                                 SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> shape = shapeOf(data);
  SmallVector<bool> reduced(shape.size(), false);
  for (int64_t axis : axes) {
    if (axis < 0 || axis >= int64_t(shape.size()))
      return emitOptionalError(loc, "expected axes in [0, ", shape.size(),
                               "), got ", axis);
    reduced[axis] = true;
  }
  SmallVector<int64_t> result;
  for (auto [size, isReduced] : llvm::zip_equal(shape, reduced)) {
    if (!isReduced)
      result.push_back(size);
    else if (keepdims)
      result.push_back(1);
  }
  types.push_back(RankedTensorType::get(result, elementTypeOf(data)));
  return success();
}

LogicalResult ReduceMeanOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  return inferReduce(loc, adaptor.getData(), adaptor.getAxes(),
                     adaptor.getKeepdims(), types);
}

LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferReduce(loc, adaptor.getData(), adaptor.getAxes(),
                     adaptor.getKeepdims(), types);
}

LogicalResult ClipOp::verify() {
  Type element = elementTypeOf(getX());
  for (std::optional<Attribute> bound : {getMin(), getMax()}) {
    if (!bound)
      continue;
    auto typed = dyn_cast<TypedAttr>(*bound);
    if (!typed || typed.getType() != element)
      return emitOpError("expected bounds of type ") << element;
  }
  return success();
}

LogicalResult SoftmaxOp::verify() {
  return normalizeAxis(getLoc(), getAxis(), shapeOf(getX()).size());
}
