//===- ONNXTensorOps.cpp - Types of ops that move or make tensors ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "mlir/IR/TypeUtilities.h"
#include "shift/Support/ResizeTable.h"

using namespace mlir;
using namespace mlir::onnx;

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return emitOptionalError(loc, "expected at least one input, got none");
  SmallVector<int64_t> shape(shapeOf(inputs.front()));
  auto axis = normalizeAxis(loc, adaptor.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  Type element = elementTypeOf(inputs.front());
  for (Value input : inputs.drop_front()) {
    SmallVector<int64_t> other(shapeOf(input));
    if (other.size() != shape.size() || elementTypeOf(input) != element)
      return emitOptionalError(
          loc, "expected inputs of one rank and type, got ",
          inputs.front().getType(), " and ", input.getType());
    shape[*axis] += other[*axis];
    other[*axis] = shape[*axis];
    if (other != shape)
      return emitOptionalError(loc, "expected inputs equal but for axis ",
                               *axis, ", got ", inputs.front().getType(),
                               " and ", input.getType());
  }
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

LogicalResult SplitOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(adaptor.getInput()));
  auto axis = normalizeAxis(loc, adaptor.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  int64_t total = shape[*axis], sum = 0;
  for (int64_t part : adaptor.getSplit()) {
    if (part < 0 || part > total)
      return emitOptionalError(loc, "expected parts in [0, ", total, "], got ",
                               part);
    sum += part;
    shape[*axis] = part;
    types.push_back(
        RankedTensorType::get(shape, elementTypeOf(adaptor.getInput())));
  }
  if (sum != total)
    return emitOptionalError(loc, "expected parts that sum to ", total,
                             ", got ", sum);
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(adaptor.getData()));
  size_t count = adaptor.getStarts().size();
  if (adaptor.getEnds().size() != count || adaptor.getAxes().size() != count ||
      adaptor.getSteps().size() != count)
    return emitOptionalError(loc, "expected starts, ends, axes and steps of "
                                  "one length");
  for (size_t i = 0; i < count; ++i) {
    auto axis = normalizeAxis(loc, adaptor.getAxes()[i], shape.size());
    int64_t step = adaptor.getSteps()[i];
    if (failed(axis) || step == 0)
      return emitOptionalError(loc, "expected a valid axis and a step that is "
                                    "not 0");
    auto range = sliceRange(shapeOf(adaptor.getData())[*axis],
                            adaptor.getStarts()[i], adaptor.getEnds()[i], step);
    shape[*axis] = range.size;
  }
  types.push_back(
      RankedTensorType::get(shape, elementTypeOf(adaptor.getData())));
  return success();
}

/// ONNX Slice: negative indices count from the end, then clamp to [0, dim]
/// (forwards) or [-1, dim - 1] (backwards).
SliceRange mlir::onnx::sliceRange(int64_t dim, int64_t start, int64_t end,
                                  int64_t step) {
  auto resolve = [&](int64_t index) {
    if (index < 0)
      index = index < -dim ? -1 : index + dim;
    return step > 0 ? std::clamp<int64_t>(index, 0, dim)
                    : std::clamp<int64_t>(index, -1, dim - 1);
  };
  // A start below -dim is the first element, which -1 would put before it.
  int64_t first = start < -dim ? 0 : resolve(start), last = resolve(end);
  if (step > 0)
    first = std::min(first, dim);
  else
    first = std::min(first, dim - 1);
  // The step may be INT64_MIN, whose negation overflows.
  uint64_t stride = step > 0 ? uint64_t(step) : 0 - uint64_t(step);
  int64_t distance = step > 0 ? last - first : first - last;
  int64_t size = distance <= 0 ? 0 : int64_t((distance - 1) / stride) + 1;
  return {first, size};
}

static LogicalResult verifySameCount(Operation *op, Value from, Type to) {
  auto source = tensorType(from.getType()), target = tensorType(to);
  if (source.getElementType() != target.getElementType())
    return op->emitOpError("expected element type ")
           << source.getElementType() << ", got " << target.getElementType();
  if (source.getNumElements() != target.getNumElements())
    return op->emitOpError("expected ")
           << source.getNumElements() << " elements, got "
           << target.getNumElements();
  return success();
}

LogicalResult ReshapeOp::verify() {
  return verifySameCount(*this, getData(), getType());
}

/// The result has this shape.
static LogicalResult verifyShape(Operation *op, ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> shape = tensorType(op->getResult(0).getType()).getShape();
  if (shape == expected)
    return success();
  InFlightDiagnostic error = op->emitOpError("expected a result of shape [");
  llvm::interleaveComma(expected, error);
  error << "], got ";
  return error << op->getResult(0).getType();
}

LogicalResult FlattenOp::verify() {
  if (failed(verifySameCount(*this, getData(), getType())))
    return failure();
  ArrayRef<int64_t> shape = shapeOf(getData());
  int64_t rank = shape.size(), axis = getAxis();
  if (axis < -rank || axis > rank)
    return emitOpError("expected axis in [")
           << -rank << ", " << rank << "], got " << axis;
  axis = axis < 0 ? axis + rank : axis;
  auto product = [](ArrayRef<int64_t> sizes) {
    return llvm::product_of(sizes, int64_t(1));
  };
  return verifyShape(*this, {product(shape.take_front(axis)),
                             product(shape.drop_front(axis))});
}

/// `axes` of a tensor of `rank` dimensions as a set, or none after an error.
static std::optional<llvm::SmallDenseSet<int64_t>>
normalizeAxes(Operation *op, ArrayRef<int64_t> axes, int64_t rank) {
  llvm::SmallDenseSet<int64_t> result;
  for (int64_t axis : axes) {
    auto normalized = normalizeAxis(op->getLoc(), axis, rank);
    if (failed(normalized))
      return std::nullopt;
    if (!result.insert(*normalized).second) {
      op->emitOpError("expected different axes, got ") << axis << " twice";
      return std::nullopt;
    }
  }
  return result;
}

/// The longer shape without sizes of 1 at the axes is the shorter one.
static LogicalResult verifySqueeze(Operation *op, ArrayRef<int64_t> axes,
                                   ArrayRef<int64_t> longer,
                                   ArrayRef<int64_t> shorter) {
  auto removed = normalizeAxes(op, axes, longer.size());
  if (!removed)
    return failure();
  SmallVector<int64_t> kept;
  for (auto [i, size] : llvm::enumerate(longer))
    if (!removed->contains(i))
      kept.push_back(size);
    else if (size != 1)
      return op->emitOpError("expected size 1 at axis ")
             << i << ", got " << size;
  if (ArrayRef<int64_t>(kept) != shorter)
    return op->emitOpError("expected a result that differs by the axes only, "
                           "got ")
           << op->getResult(0).getType();
  return success();
}

LogicalResult SqueezeOp::verify() {
  if (failed(verifySameCount(*this, getData(), getType())))
    return failure();
  return verifySqueeze(*this, getAxes(), shapeOf(getData()),
                       tensorType(getType()).getShape());
}

LogicalResult UnsqueezeOp::verify() {
  if (failed(verifySameCount(*this, getData(), getType())))
    return failure();
  return verifySqueeze(*this, getAxes(), tensorType(getType()).getShape(),
                       shapeOf(getData()));
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> shape = shapeOf(adaptor.getData());
  ArrayRef<int64_t> perm = adaptor.getPerm();
  SmallVector<int64_t> result, seen(shape.size(), 0);
  if (perm.size() != shape.size())
    return emitOptionalError(loc, "expected perm of ", shape.size(),
                             " entries, got ", perm.size());
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= int64_t(shape.size()) || seen[axis]++)
      return emitOptionalError(loc, "expected perm to be a permutation");
    result.push_back(shape[axis]);
  }
  types.push_back(
      RankedTensorType::get(result, elementTypeOf(adaptor.getData())));
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> data = shapeOf(adaptor.getData());
  ArrayRef<int64_t> indices = shapeOf(adaptor.getIndices());
  auto axis = normalizeAxis(loc, adaptor.getAxis(), data.size());
  if (failed(axis))
    return failure();
  if (!elementTypeOf(adaptor.getIndices()).isSignlessInteger())
    return emitOptionalError(loc, "expected integer indices, got ",
                             adaptor.getIndices().getType());
  SmallVector<int64_t> shape(data.take_front(*axis));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, data.drop_front(*axis + 1));
  types.push_back(
      RankedTensorType::get(shape, elementTypeOf(adaptor.getData())));
  return success();
}

LogicalResult ShapeOp::inferReturnTypes(MLIRContext *context,
                                        std::optional<Location>,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  int64_t rank = shapeOf(adaptor.getData()).size();
  auto resolve = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + rank : index, 0, rank);
  };
  int64_t start = resolve(adaptor.getStart());
  int64_t end = adaptor.getEnd() ? resolve(*adaptor.getEnd()) : rank;
  types.push_back(RankedTensorType::get({std::max<int64_t>(0, end - start)},
                                        IntegerType::get(context, 64)));
  return success();
}

LogicalResult ConstantOfShapeOp::verify() {
  if (getValue().getNumElements() != 1 ||
      getValue().getElementType() != tensorType(getType()).getElementType())
    return emitOpError("expected one value of the result's element type");
  return success();
}

/// The result has the element type of `x`.
static LogicalResult verifySameElement(Operation *op, Value x) {
  Type result = op->getResult(0).getType();
  if (getElementTypeOrSelf(x) != getElementTypeOrSelf(result))
    return op->emitOpError(
               "expected a result of the input's element type, got ")
           << x.getType() << " and " << result;
  return success();
}

LogicalResult ExpandOp::verify() {
  if (failed(verifySameElement(*this, getInput())))
    return failure();
  auto shape = broadcastShapes(getLoc(), shapeOf(getInput()),
                               tensorType(getType()).getShape());
  if (failed(shape))
    return failure();
  if (ArrayRef<int64_t>(*shape) != tensorType(getType()).getShape())
    return emitOpError("expected an input that broadcasts to the result");
  return success();
}

LogicalResult CastOp::verify() {
  if (shapeOf(getInput()) != tensorType(getType()).getShape())
    return emitOpError("expected equal shapes");
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape(shapeOf(adaptor.getData()));
  ArrayRef<int64_t> pads = adaptor.getPads();
  if (pads.size() != 2 * shape.size())
    return emitOptionalError(loc, "expected ", 2 * shape.size(), " pads, got ",
                             pads.size());
  if (!llvm::is_contained({"constant", "reflect", "edge", "wrap"},
                          adaptor.getMode()))
    return emitOptionalError(loc,
                             "expected mode constant, reflect, edge or "
                             "wrap, got '",
                             adaptor.getMode(), "'");
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t before = pads[i], after = pads[i + shape.size()];
    const int64_t limit = int64_t(1) << 31;
    if (std::max(before, after) > limit || std::min(before, after) < -limit ||
        shape[i] + before + after < 0)
      return emitOptionalError(loc,
                               "expected pads that leave a result in "
                               "dimension ",
                               i, ", got ", before, " and ", after);
    shape[i] += before + after;
  }
  std::optional<Attribute> border = adaptor.getConstantValue();
  auto typed = dyn_cast_or_null<TypedAttr>(border.value_or(nullptr));
  Type element = elementTypeOf(adaptor.getData());
  if (border && (!typed || typed.getType() != element))
    return emitOptionalError(loc, "expected a constant_value of type ", element,
                             ", got ", *border);
  types.push_back(
      RankedTensorType::get(shape, elementTypeOf(adaptor.getData())));
  return success();
}

/// `isCropped`: the result is a part of the scaled tensor.
static LogicalResult verifyScales(Operation *op, Value x, Type result,
                                  ArrayRef<float> scales, StringRef mode,
                                  bool isCropped) {
  if (failed(verifySameElement(op, x)))
    return failure();
  size_t rank = shapeOf(x).size();
  if (scales.size() != rank || tensorType(result).getRank() != int64_t(rank))
    return op->emitOpError("expected one scale a dimension and equal ranks");
  for (float scale : scales)
    if (!(scale > 0) || !std::isfinite(scale))
      return op->emitOpError("expected positive scales, got ") << scale;
  // The size may have come first, and the scale rounded from it.
  for (auto [from, to, scale] :
       llvm::zip_equal(shapeOf(x), tensorType(result).getShape(), scales))
    if (!isCropped && !(std::abs(double(from) * scale - double(to)) <= 1))
      return op->emitOpError("expected a result of size ")
             << double(from) * scale << " for scale " << scale << ", got "
             << to;
  if (!::shift::parseResizeMode(mode.str()))
    return op->emitOpError("expected mode nearest, linear or cubic, got '")
           << mode << "'";
  return success();
}

LogicalResult ResizeOp::verify() {
  StringRef coordinates = getCoordinateTransformationMode();
  auto parsed = ::shift::parseResizeCoordinates(coordinates.str());
  if (!parsed)
    return emitOpError("unknown coordinate_transformation_mode '")
           << coordinates << "'";
  if (!::shift::parseResizeNearest(getNearestMode().str()))
    return emitOpError("unknown nearest_mode '") << getNearestMode() << "'";
  return verifyScales(*this, getX(), getType(), getScales(), getMode(),
                      *parsed ==
                          ::shift::ResizeOptions::Coordinates::TfCropAndResize);
}

LogicalResult UpsampleOp::verify() {
  return verifyScales(*this, getX(), getType(), getScales(), getMode(),
                      /*isCropped=*/false);
}

/// Scales are scalars or vectors along `axis`.
static LogicalResult verifyQuantization(Operation *op, Value x, Value scale,
                                        Value zeroPoint, int64_t axis,
                                        Type result) {
  if (shapeOf(x) != tensorType(result).getShape())
    return op->emitOpError("expected equal shapes");
  ArrayRef<int64_t> shape = shapeOf(scale);
  if (zeroPoint && shapeOf(zeroPoint) != shape)
    return op->emitOpError("expected a zero point of the scale's shape");
  if (tensorType(scale.getType()).getNumElements() == 1 && shape.size() <= 1)
    return success();
  auto normalized = normalizeAxis(op->getLoc(), axis, shapeOf(x).size());
  if (failed(normalized))
    return failure();
  if (shape != ArrayRef<int64_t>{shapeOf(x)[*normalized]})
    return op->emitOpError("expected a scalar scale or one a slice of axis ")
           << *normalized;
  return success();
}

/// A number and its quantized form, whose zero point is of its type.
static LogicalResult verifyQuantizedTypes(Operation *op, Type real, Value scale,
                                          Type quantized, Value zeroPoint) {
  Type scaleElement = elementTypeOf(scale);
  if (!isa<FloatType>(scaleElement) || !isa<IntegerType>(quantized) ||
      (isa<FloatType>(real) && real != scaleElement) ||
      (zeroPoint && elementTypeOf(zeroPoint) != quantized))
    return op->emitOpError("expected a float scale of the real numbers' type "
                           "and an integer zero point of the quantized "
                           "numbers' type, got real ")
           << real << ", scale " << scaleElement << ", quantized " << quantized;
  return success();
}

LogicalResult QuantizeLinearOp::verify() {
  if (failed(verifyQuantizedTypes(*this, elementTypeOf(getX()), getYScale(),
                                  tensorType(getType()).getElementType(),
                                  getYZeroPoint())))
    return failure();
  return verifyQuantization(*this, getX(), getYScale(), getYZeroPoint(),
                            getAxis(), getType());
}

LogicalResult DequantizeLinearOp::verify() {
  if (failed(verifyQuantizedTypes(*this, tensorType(getType()).getElementType(),
                                  getXScale(), elementTypeOf(getX()),
                                  getXZeroPoint())))
    return failure();
  return verifyQuantization(*this, getX(), getXScale(), getXZeroPoint(),
                            getAxis(), getType());
}
