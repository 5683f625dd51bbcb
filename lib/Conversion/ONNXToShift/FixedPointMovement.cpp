//===- FixedPointMovement.cpp - Data movement on fixed point --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "FixedPointMovement.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "shift/Support/ResizeTable.h"

using namespace mlir;
using namespace mlir::shift;

namespace {

class Mover {
public:
  Mover(OpBuilder &builder, Operation *op, Value input)
      : builder(builder), op(op), input(input), loc(op->getLoc()),
        name(op->getAttrOfType<StringAttr>("node_name")),
        shape(onnx::shapeOf(input)) {}

  SmallVector<Value> move();

private:
  RankedTensorType typeOf(ArrayRef<int64_t> sizes) {
    return RankedTensorType::get(sizes, getElementTypeOrSelf(input.getType()));
  }
  RankedTensorType typeOf(Value like) { return typeOf(onnx::shapeOf(like)); }
  DenseI64ArrayAttr array(ArrayRef<int64_t> values) {
    return builder.getDenseI64ArrayAttr(values);
  }

  Value reshape(Value value, Value like) {
    return ReshapeOp::create(builder, loc, typeOf(like), value, name);
  }
  Value slice(ArrayRef<int64_t> sizes, ArrayRef<int64_t> starts,
              ArrayRef<int64_t> steps) {
    return SliceOp::create(builder, loc, typeOf(sizes), input, array(starts),
                           array(steps), name);
  }

  Value moveSlice(onnx::SliceOp op);
  SmallVector<Value> moveSplit(onnx::SplitOp op);
  Value moveGather(onnx::GatherOp op);
  Value moveResize(ArrayRef<float> scales,
                   const ::shift::ResizeOptions &options);

  OpBuilder &builder;
  Operation *op;
  Value input;
  Location loc;
  StringAttr name;
  ArrayRef<int64_t> shape;
};

Value Mover::moveSlice(onnx::SliceOp op) {
  SmallVector<int64_t> sizes(shape), starts(shape.size(), 0);
  SmallVector<int64_t> steps(shape.size(), 1);
  for (auto [axis, start, end, step] : llvm::zip_equal(
           op.getAxes(), op.getStarts(), op.getEnds(), op.getSteps())) {
    int64_t at = axis < 0 ? axis + shape.size() : axis;
    onnx::SliceRange range = onnx::sliceRange(shape[at], start, end, step);
    starts[at] = range.size ? range.first : 0;
    steps[at] = range.size > 1 ? step : 1;
    sizes[at] = range.size;
  }
  return slice(sizes, starts, steps);
}

SmallVector<Value> Mover::moveSplit(onnx::SplitOp op) {
  int64_t axis = op.getAxis() < 0 ? op.getAxis() + shape.size() : op.getAxis();
  SmallVector<int64_t> sizes(shape), starts(shape.size(), 0);
  SmallVector<int64_t> steps(shape.size(), 1);
  SmallVector<Value> parts;
  for (int64_t part : op.getSplit()) {
    sizes[axis] = part;
    parts.push_back(slice(sizes, starts, steps));
    starts[axis] += part;
  }
  return parts;
}

Value Mover::moveGather(onnx::GatherOp op) {
  int64_t axis = op.getAxis() < 0 ? op.getAxis() + shape.size() : op.getAxis();
  auto constant = op.getIndices().getDefiningOp<onnx::ConstantOp>();
  APInt value =
      *cast<DenseIntElementsAttr>(constant.getValue()).value_begin<APInt>();
  int64_t index = value.getSExtValue();
  SmallVector<int64_t> sizes(shape), starts(shape.size(), 0);
  SmallVector<int64_t> steps(shape.size(), 1);
  sizes[axis] = 1;
  starts[axis] = index < 0 ? index + shape[axis] : index;
  input = slice(sizes, starts, steps);
  return reshape(input, op.getResult());
}

Value Mover::moveResize(ArrayRef<float> scales,
                        const ::shift::ResizeOptions &options) {
  ArrayRef<int64_t> out = onnx::shapeOf(op->getResult(0));
  // A nearest table has one tap an output.
  auto indices = [&](int axis) {
    auto table =
        ::shift::makeResizeTable(shape[axis], out[axis], scales[axis], options);
    return SmallVector<int64_t>(table.indices.begin(), table.indices.end());
  };
  return ResizeNearestOp::create(builder, loc, typeOf(out), input,
                                 array(indices(2)), array(indices(3)), name);
}

SmallVector<Value> Mover::move() {
  if (auto slice = dyn_cast<onnx::SliceOp>(op))
    return {moveSlice(slice)};
  if (auto split = dyn_cast<onnx::SplitOp>(op))
    return moveSplit(split);
  if (auto gather = dyn_cast<onnx::GatherOp>(op))
    return {moveGather(gather)};
  if (auto transpose = dyn_cast<onnx::TransposeOp>(op))
    return {TransposeOp::create(builder, loc, typeOf(op->getResult(0)), input,
                                transpose.getPermAttr(), name)};
  if (auto pool = dyn_cast<onnx::MaxPoolOp>(op))
    return {MaxPoolOp::create(
        builder, loc, typeOf(op->getResult(0)), input, pool.getDilationsAttr(),
        pool.getKernelShapeAttr(), pool.getPadsAttr(), pool.getStridesAttr(),
        pool.getCeilModeAttr(), name)};
  if (auto pad = dyn_cast<onnx::PadOp>(op)) {
    auto value =
        dyn_cast_or_null<FloatAttr>(pad.getConstantValue().value_or(nullptr));
    return {PadOp::create(builder, loc, typeOf(op->getResult(0)), input,
                          pad.getPadsAttr(),
                          value ? value : builder.getF32FloatAttr(0), name)};
  }
  ::shift::ResizeOptions options;
  if (auto resize = dyn_cast<onnx::ResizeOp>(op)) {
    options.coordinates = *::shift::parseResizeCoordinates(
        resize.getCoordinateTransformationMode().str());
    options.nearest =
        *::shift::parseResizeNearest(resize.getNearestMode().str());
    return {moveResize(resize.getScales(), options)};
  }
  if (auto upsample = dyn_cast<onnx::UpsampleOp>(op)) {
    options.coordinates = ::shift::ResizeOptions::Coordinates::Asymmetric;
    options.nearest = ::shift::ResizeOptions::Nearest::Floor;
    return {moveResize(upsample.getScales(), options)};
  }
  // Reshape, Flatten, Squeeze, Unsqueeze.
  return {reshape(input, op->getResult(0))};
}

} // namespace

SmallVector<Value> mlir::shift::moveFixedPoint(OpBuilder &builder,
                                               Operation *op, Value input) {
  return Mover(builder, op, input).move();
}
