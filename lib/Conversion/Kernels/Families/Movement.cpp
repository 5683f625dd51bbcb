//===- Movement.cpp - Ops that move elements ------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/FixedMath.h"
#include "lib/Conversion/Kernels/IndexedCopy.h"
#include "lib/Conversion/Kernels/Resample.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::shift;
using mlir::shift::kernels::CopyDimension;
using mlir::shift::kernels::IndexedCopy;
using mlir::shift::kernels::KernelFamily;
using mlir::shift::kernels::Lowering;

static ArrayRef<int64_t> shapeOf(Value value) {
  return kernels::shapeOf(value);
}

namespace {
//===----------------------------------------------------------------------===//
// Concat and Split
//===----------------------------------------------------------------------===//

/// Requantizes elements of `source` to the format of `target`, if they differ.
void setRequantize(IndexedCopy &copy, Value source, Value target) {
  auto formatOf = [](Value tensor) {
    return getFixedPoint(
        cast<RankedTensorType>(tensor.getType()).getElementType());
  };
  std::optional<::shift::FixedPoint> in = formatOf(source);
  std::optional<::shift::FixedPoint> out = formatOf(target);
  if (!in || !out || kernels::typeKey(source) == kernels::typeKey(target))
    return;
  copy.convertKey = kernels::typeKey(source) + "to" + kernels::typeKey(target);
  copy.convert = [in = *in, out = *out](kernels::KernelBuilder &kb,
                                        kernels::Val value) {
    return kernels::emitRequantize(kb, kernels::emitWiden(kb, value, in),
                                   in.fraction - out.fraction,
                                   {out.qMin(), out.qMax()}, out);
  };
}

void lowerConcat(Operation *op, int64_t axis, Lowering &lowering) {
  Value result = op->getResult(0);
  int64_t rank = shapeOf(result).size();
  axis += axis < 0 ? rank : 0;
  SmallVector<int64_t> strides = kernels::rowStrides(shapeOf(result));
  int64_t first = 0, valueId = lowering.valueId;
  for (auto [i, input] : llvm::enumerate(op->getOperands())) {
    // Parts that are computed where they belong need no copy.
    if (Lowering::isPart(lowering.buffer(input), lowering.output(result),
                         first * strides[axis])) {
      first += shapeOf(input)[axis];
      continue;
    }
    IndexedCopy copy = kernels::wholeCopy(shapeOf(input));
    for (int64_t d = 0; d < rank; ++d)
      copy.dimensions[d].targetStride = strides[d];
    copy.targetBase = first * strides[axis];
    first += shapeOf(input)[axis];
    setRequantize(copy, input, result);
    // The value is complete after the last part.
    lowering.valueId = i + 1 == op->getNumOperands() ? valueId : -1;
    kernels::lowerCopy(op, lowering.buffer(input), lowering.output(result),
                       copy, lowering);
  }
}

void lowerSplit(onnx::SplitOp op, Lowering &lowering) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  int64_t axis = op.getAxis();
  axis += axis < 0 ? shape.size() : 0;
  SmallVector<int64_t> strides = kernels::rowStrides(shape);
  int64_t first = 0, valueId = lowering.valueId;
  for (Value result : op.getOutputs()) {
    IndexedCopy copy = kernels::wholeCopy(shapeOf(result));
    for (size_t d = 0; d < shape.size(); ++d)
      copy.dimensions[d].sourceStride = strides[d];
    copy.sourceBase = first * strides[axis];
    first += shapeOf(result)[axis];
    lowering.valueId = valueId++;
    kernels::lowerCopy(op, lowering.buffer(op.getInput()),
                       lowering.output(result), copy, lowering);
  }
}

//===----------------------------------------------------------------------===//
// Slice, Transpose, Expand, Gather, Pad
//===----------------------------------------------------------------------===//

IndexedCopy stridedCopy(Operation *op, ArrayRef<int64_t> starts,
                        ArrayRef<int64_t> steps) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op->getResult(0)));
  SmallVector<int64_t> strides =
      kernels::rowStrides(shapeOf(op->getOperand(0)));
  for (size_t d = 0; d < strides.size(); ++d) {
    copy.sourceBase += starts[d] * strides[d];
    // One element needs no step, which may be huge.
    copy.dimensions[d].sourceStride =
        copy.dimensions[d].size > 1 ? strides[d] * steps[d] : 0;
  }
  return copy;
}

IndexedCopy sliceCopy(onnx::SliceOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getData());
  SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1);
  for (auto [axis, start, end, step] :
       llvm::zip(op.getAxes(), op.getStarts(), op.getEnds(), op.getSteps())) {
    int64_t d = axis < 0 ? axis + int64_t(shape.size()) : axis;
    starts[d] = onnx::sliceRange(shape[d], start, end, step).first;
    steps[d] = step;
  }
  return stridedCopy(op, starts, steps);
}

IndexedCopy transposeCopy(Operation *op, ArrayRef<int64_t> perm) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op->getResult(0)));
  SmallVector<int64_t> strides =
      kernels::rowStrides(shapeOf(op->getOperand(0)));
  for (size_t d = 0; d < perm.size(); ++d)
    copy.dimensions[d].sourceStride = strides[perm[d]];
  return copy;
}

IndexedCopy expandCopy(onnx::ExpandOp op) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op.getResult()));
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  SmallVector<int64_t> strides = kernels::rowStrides(shape);
  size_t skipped = copy.dimensions.size() - shape.size();
  for (size_t d = 0; d < copy.dimensions.size(); ++d) {
    bool isRead = d >= skipped && shape[d - skipped] != 1;
    copy.dimensions[d].sourceStride = isRead ? strides[d - skipped] : 0;
  }
  return copy;
}

/// Constant indices of a Gather; nothing if they are computed.
std::optional<std::vector<int64_t>> gatherIndices(onnx::GatherOp op) {
  DenseIntElementsAttr attr;
  if (!matchPattern(op.getIndices(), m_Constant(&attr)))
    return std::nullopt;
  std::vector<int64_t> indices;
  int64_t dim =
      shapeOf(op.getData())[op.getAxis() < 0
                                ? op.getAxis() + shapeOf(op.getData()).size()
                                : op.getAxis()];
  for (const APInt &value : attr.getValues<APInt>()) {
    int64_t index = value.getSExtValue();
    indices.push_back(index < 0 ? index + dim : index);
    if (indices.back() < 0 || indices.back() >= dim)
      return std::nullopt;
  }
  return indices;
}

IndexedCopy gatherCopy(onnx::GatherOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getData());
  int64_t axis = op.getAxis() < 0 ? op.getAxis() + shape.size() : op.getAxis();
  SmallVector<int64_t> strides = kernels::rowStrides(shape);
  std::vector<int64_t> indices = *gatherIndices(op);
  int64_t inner = kernels::product(shape.drop_front(axis + 1));
  int64_t outer = kernels::product(shape.take_front(axis));
  int64_t count = indices.size();
  for (int64_t &index : indices)
    index *= inner;
  IndexedCopy copy;
  copy.dimensions = {{outer, count * inner, shape[axis] * inner, {}},
                     {count, inner, inner, indices},
                     {inner, 1, 1, {}}};
  return copy;
}

/// The index that position `i` of a padded dimension shows, -1 for the border.
int64_t padIndex(int64_t i, int64_t size, StringRef mode) {
  if ((i >= 0 && i < size) || mode == "constant" || size == 0)
    return i >= 0 && i < size ? i : -1;
  if (mode == "edge")
    return i < 0 ? 0 : size - 1;
  if (mode == "wrap")
    return ((i % size) + size) % size;
  if (size == 1)
    return 0;
  int64_t period = 2 * (size - 1);
  int64_t phase = ((i % period) + period) % period;
  return phase < size ? phase : period - phase;
}

IndexedCopy padCopy(Operation *op, ArrayRef<int64_t> pads, StringRef mode,
                    TypedAttr fill) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op->getResult(0)));
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  SmallVector<int64_t> strides = kernels::rowStrides(shape);
  for (size_t d = 0; d < shape.size(); ++d) {
    copy.dimensions[d].sourceStride = strides[d];
    if (pads[d] == 0 && copy.dimensions[d].size == shape[d])
      continue;
    for (int64_t i = 0; i < copy.dimensions[d].size; ++i) {
      int64_t index = padIndex(i - pads[d], shape[d], mode);
      copy.dimensions[d].table.push_back(index < 0 ? -1 : index * strides[d]);
    }
  }
  copy.fill = fill;
  return copy;
}

/// The constant of onnx.Pad as a stored element.
TypedAttr padValue(onnx::PadOp op) {
  Type storage = kernels::storageOf(op.getData());
  Builder b(op.getContext());
  std::optional<Attribute> value = op.getConstantValue();
  if (auto number = dyn_cast_if_present<FloatAttr>(value.value_or(nullptr)))
    return b.getFloatAttr(storage, number.getValueAsDouble());
  if (auto number = dyn_cast_if_present<IntegerAttr>(value.value_or(nullptr)))
    return IntegerAttr::get(storage, number.getValue().sextOrTrunc(
                                         storage.getIntOrFloatBitWidth()));
  return b.getZeroAttr(storage);
}

TypedAttr fixedPadValue(mlir::shift::PadOp op) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  int64_t q = ::shift::toFixed(op.getValue().convertToFloat(),
                               *getFixedPoint(type.getElementType()));
  Type storage = kernels::storageOf(op.getInput());
  return IntegerAttr::get(storage,
                          APInt(storage.getIntOrFloatBitWidth(), uint64_t(q),
                                /*isSigned=*/true, /*implicitTrunc=*/true));
}

//===----------------------------------------------------------------------===//
// Resampling
//===----------------------------------------------------------------------===//

IndexedCopy nearestCopy(Operation *op, ArrayRef<::shift::ResizeTable> tables,
                        TypedAttr fill) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op->getResult(0)));
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  SmallVector<int64_t> strides = kernels::rowStrides(shape);
  bool hasOutside = false;
  for (size_t d = 0; d < tables.size(); ++d) {
    copy.dimensions[d].sourceStride = strides[d];
    if (tables[d].isIdentity(shape[d]))
      continue;
    for (int64_t i = 0; i < tables[d].size(); ++i) {
      bool isOutside = tables[d].isOutside[i];
      hasOutside |= isOutside;
      copy.dimensions[d].table.push_back(
          isOutside ? -1 : tables[d].indices[tables[d].begins[i]] * strides[d]);
    }
  }
  if (hasOutside)
    copy.fill = fill;
  return copy;
}

IndexedCopy nearestCopy(ResizeNearestOp op) {
  IndexedCopy copy = kernels::wholeCopy(shapeOf(op.getResult()));
  SmallVector<int64_t> strides = kernels::rowStrides(shapeOf(op.getInput()));
  for (int d = 0; d < 2; ++d)
    copy.dimensions[d].sourceStride = strides[d];
  for (int64_t row : op.getRows())
    copy.dimensions[2].table.push_back(row * strides[2]);
  for (int64_t column : op.getColumns())
    copy.dimensions[3].table.push_back(column);
  return copy;
}

LogicalResult lowerResize(Operation *op, Lowering &lowering) {
  kernels::Resampling plan = *kernels::describeResampling(op);
  if (!plan.isNearest) {
    kernels::lowerResampling(op, plan, lowering);
    return success();
  }
  Type storage = kernels::storageOf(op->getOperand(0));
  TypedAttr fill;
  if (isa<FloatType>(storage))
    fill = FloatAttr::get(storage, plan.extrapolation);
  else
    fill = IntegerAttr::get(storage, int64_t(plan.extrapolation));
  kernels::lowerCopy(op, lowering.buffer(op->getOperand(0)),
                     lowering.output(op->getResult(0)),
                     nearestCopy(op, plan.tables, fill), lowering);
  return success();
}

class MovementFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "move"; }

  bool canTake(Operation *op, std::string &reason) const override {
    // The gather family takes other indices.
    if (auto gather = dyn_cast<onnx::GatherOp>(op))
      return gatherIndices(gather).has_value();
    if (isa<onnx::ResizeOp, onnx::UpsampleOp>(op)) {
      FailureOr<kernels::Resampling> plan = kernels::describeResampling(op);
      if (failed(plan))
        reason = "this way of resampling has no kernel";
      return succeeded(plan);
    }
    return isa<onnx::ConcatOp, onnx::SplitOp, onnx::SliceOp, onnx::TransposeOp,
               onnx::ExpandOp, onnx::PadOp, mlir::shift::ConcatOp,
               mlir::shift::SliceOp, mlir::shift::TransposeOp,
               mlir::shift::PadOp, ResizeNearestOp>(op);
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (auto concat = dyn_cast<onnx::ConcatOp>(op))
      return lowerConcat(op, concat.getAxis(), lowering), success();
    if (auto concat = dyn_cast<mlir::shift::ConcatOp>(op))
      return lowerConcat(op, concat.getAxis(), lowering), success();
    if (auto split = dyn_cast<onnx::SplitOp>(op))
      return lowerSplit(split, lowering), success();
    if (isa<onnx::ResizeOp, onnx::UpsampleOp>(op))
      return lowerResize(op, lowering);
    kernels::lowerCopy(op, lowering.buffer(op->getOperand(0)),
                       lowering.output(op->getResult(0)), copyOf(op), lowering);
    return success();
  }

private:
  static IndexedCopy copyOf(Operation *op) {
    if (auto slice = dyn_cast<onnx::SliceOp>(op))
      return sliceCopy(slice);
    if (auto slice = dyn_cast<mlir::shift::SliceOp>(op))
      return stridedCopy(op, slice.getStarts(), slice.getSteps());
    if (auto transpose = dyn_cast<onnx::TransposeOp>(op))
      return transposeCopy(op, transpose.getPerm());
    if (auto transpose = dyn_cast<mlir::shift::TransposeOp>(op))
      return transposeCopy(op, transpose.getPerm());
    if (auto expand = dyn_cast<onnx::ExpandOp>(op))
      return expandCopy(expand);
    if (auto gather = dyn_cast<onnx::GatherOp>(op))
      return gatherCopy(gather);
    if (auto pad = dyn_cast<onnx::PadOp>(op))
      return padCopy(op, pad.getPads(), pad.getMode(), padValue(pad));
    if (auto pad = dyn_cast<mlir::shift::PadOp>(op))
      return padCopy(op, pad.getPads(), "constant", fixedPadValue(pad));
    return nearestCopy(cast<ResizeNearestOp>(op));
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createMovementFamily() {
  return std::make_unique<MovementFamily>();
}
