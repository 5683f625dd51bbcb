//===- ExportShiftOps.cpp - Ops of the shift dialect to nodes -------------===//
// SPDX-License-Identifier: Apache-2.0
// Every value stays float32 in ONNX. What a fixed-point type adds, rounding and
// saturation, is either dropped or written as QuantizeLinear and
// DequantizeLinear. ONNX rounds half to even where requantize rounds half up,
// and sums in float32: the exported graph is close, not bit-equal.
//===----------------------------------------------------------------------===//
#include "GraphWriter.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "shift/Reference/Interpreter.h"
#include "shift/Support/ResizeTable.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace shift::onnx_export;
using llvm::ArrayRef;
using llvm::StringRef;
using shift::ExportedActivations;
using shift::FixedPoint;
using shift::reference::Tensor;
namespace dialect = mlir::shift;
namespace reference = shift::reference;

static ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::ShapedType>(value.getType()).getShape();
}

static std::optional<FixedPoint> formatOf(mlir::Value value) {
  return dialect::getFixedPoint(value.getType());
}

static bool isUnsigned(mlir::Value value) {
  std::optional<FixedPoint> format = formatOf(value);
  return format && !format->isSigned;
}

static float stepOf(const FixedPoint &format) {
  return std::ldexp(1.0f, -format.fraction);
}

/// Rounds and saturates `x` to the storage of a fixed-point format.
static std::string roundTrip(GraphWriter &writer, const std::string &x,
                             mlir::Value value) {
  std::string zero = writer.zero(*reference::storageType(value.getType()));
  std::string step = writer.floats(stepOf(*formatOf(value)), false);
  std::string q = writer.value("QuantizeLinear", {x, step, zero});
  return writer.value("DequantizeLinear", {q, step, zero});
}

/// Binds `result` to `x`, clamped and, where the result is fixed point, rounded
/// if the options ask for it. `mayBeNegative`: an unsigned result saturates x
/// at 0, which must not get lost with the fixed-point steps.
static std::string finish(GraphWriter &writer, mlir::Value result,
                          std::string x, std::optional<llvm::APFloat> min,
                          std::optional<llvm::APFloat> max,
                          bool mayBeNegative = true) {
  if (result.getDefiningOp()->getNumResults() > 1)
    return "expected an inference model, got results for gradients";
  std::optional<float> low, high;
  if (min)
    low = min->convertToFloat();
  if (max)
    high = max->convertToFloat();
  std::optional<FixedPoint> format = formatOf(result);
  bool rounds =
      format && writer.activations == ExportedActivations::QuantizeDequantize;
  if (rounds && format->storageBits > 16)
    return "expected activations of at most 16 bits for QuantizeLinear";
  if (rounds && format->bits < format->storageBits) {
    // QuantizeLinear saturates to its storage only.
    float least = format->qMin() * stepOf(*format);
    float most = format->qMax() * stepOf(*format);
    low = std::max(low.value_or(least), least);
    high = std::min(high.value_or(most), most);
  } else if (!rounds && isUnsigned(result) && mayBeNegative) {
    low = std::max(low.value_or(0.0f), 0.0f);
  }
  x = writer.clamp(x, low, high);
  writer.bind(result, rounds ? roundTrip(writer, x, result) : x);
  return {};
}

static std::string emitWeight(GraphWriter &writer, dialect::WeightOp op) {
  Tensor tensor(reference::DType::F32, reference::Shape(shapeOf(op)));
  std::vector<float> values = dialect::getValues(op);
  if (int64_t(values.size()) != tensor.size())
    return "expected the data of the weights; it was elided when the file was "
           "printed";
  if (!values.empty())
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  writer.bind(op, writer.initializer(tensor, op.getName().value_or("weight")));
  return {};
}

static std::string emitConv2D(GraphWriter &writer, dialect::Conv2DOp op) {
  ::onnx::NodeProto &node =
      writer.node("Conv", writer.namesOf(op->getOperands()));
  setAttribute(node, "dilations", op.getDilations());
  setAttribute(node, "group", int64_t(op.getGroup()));
  setAttribute(node, "kernel_shape", shapeOf(op.getWeights()).drop_front(2));
  setAttribute(node, "pads", op.getPads());
  setAttribute(node, "strides", op.getStrides());
  return finish(writer, op.getResult(), node.output(0), op.getClampMin(),
                op.getClampMax());
}

static std::string emitLinear(GraphWriter &writer, dialect::LinearOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  Names inputs = writer.namesOf(op->getOperands());
  // Gemm takes matrices only.
  bool isMatrix = shape.size() == 2;
  if (!isMatrix)
    inputs[0] =
        writer.value("Reshape", {inputs[0], writer.ints({-1, shape.back()})});
  ::onnx::NodeProto &node = writer.node("Gemm", inputs);
  setAttribute(node, "transB", int64_t(1));
  std::string y = node.output(0);
  if (!isMatrix)
    y = writer.value("Reshape", {y, writer.ints(shapeOf(op.getResult()))});
  return finish(writer, op.getResult(), y, op.getClampMin(), op.getClampMax());
}

static std::string emitQuantize(GraphWriter &writer, dialect::QuantizeOp op) {
  return finish(writer, op.getResult(), writer.nameOf(op.getInput()), {}, {});
}

static std::string emitDequantize(GraphWriter &writer,
                                  dialect::DequantizeOp op) {
  writer.bind(op, writer.nameOf(op.getInput()));
  return {};
}

static std::string emitRequantize(GraphWriter &writer,
                                  dialect::RequantizeOp op) {
  return finish(writer, op.getResult(), writer.nameOf(op.getInput()),
                op.getClampMin(), op.getClampMax(), !isUnsigned(op.getInput()));
}

static std::string emitAdd(GraphWriter &writer, dialect::AddOp op) {
  bool mayBeNegative = !isUnsigned(op.getLhs()) || !isUnsigned(op.getRhs());
  return finish(writer, op.getResult(),
                writer.value("Add", writer.namesOf(op->getOperands())),
                op.getClampMin(), op.getClampMax(), mayBeNegative);
}

static std::string emitConcat(GraphWriter &writer, dialect::ConcatOp op) {
  ::onnx::NodeProto &node =
      writer.node("Concat", writer.namesOf(op.getInputs()));
  setAttribute(node, "axis", int64_t(op.getAxis()));
  bool mayBeNegative = !llvm::all_of(op.getInputs(), isUnsigned);
  return finish(writer, op.getResult(), node.output(0), {}, {}, mayBeNegative);
}

template <typename Op>
static ::onnx::NodeProto &poolNode(GraphWriter &writer, StringRef type, Op op) {
  ::onnx::NodeProto &node = writer.node(type, {writer.nameOf(op.getInput())});
  setAttribute(node, "kernel_shape", op.getKernel());
  setAttribute(node, "pads", op.getPads());
  setAttribute(node, "strides", op.getStrides());
  setAttribute(node, "ceil_mode", int64_t(op.getCeilMode()));
  bool isDilated =
      llvm::any_of(op.getDilations(), [](int64_t d) { return d != 1; });
  if (isDilated)
    setAttribute(node, "dilations", op.getDilations());
  return node;
}

static std::string emitMaxPool(GraphWriter &writer, dialect::MaxPoolOp op) {
  writer.bind(op, poolNode(writer, "MaxPool", op).output(0));
  return {};
}

static std::string emitAveragePool(GraphWriter &writer,
                                   dialect::AveragePoolOp op) {
  ::onnx::NodeProto &node = poolNode(writer, "AveragePool", op);
  setAttribute(node, "count_include_pad", int64_t(op.getCountIncludePad()));
  return finish(writer, op.getResult(), node.output(0), {}, {},
                !isUnsigned(op.getInput()));
}

/// The scale of an asymmetric nearest Resize with floor that reads `indices`
/// of an axis of `input` elements, or nothing.
static std::optional<float> nearestScale(int64_t input,
                                         ArrayRef<int64_t> indices) {
  if (input == 0 || indices.empty())
    return std::nullopt;
  int64_t output = indices.size();
  float scale = static_cast<float>(output) / static_cast<float>(input);
  if (std::floor(static_cast<float>(input) * scale) !=
      static_cast<float>(output))
    return std::nullopt;
  shift::ResizeOptions options;
  options.coordinates = shift::ResizeOptions::Coordinates::Asymmetric;
  options.nearest = shift::ResizeOptions::Nearest::Floor;
  shift::ResizeTable table =
      shift::makeResizeTable(input, output, scale, options);
  return ArrayRef<int64_t>(table.indices) == indices
             ? std::optional<float>(scale)
             : std::nullopt;
}

static std::string emitResizeNearest(GraphWriter &writer,
                                     dialect::ResizeNearestOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  std::string x = writer.nameOf(op.getInput());
  auto rows = nearestScale(shape[2], op.getRows());
  auto columns = nearestScale(shape[3], op.getColumns());
  if (rows && columns) {
    ::onnx::NodeProto &node = writer.node(
        "Resize", {x, "", writer.floats({1.0f, 1.0f, *rows, *columns}, true)});
    setAttribute(node, "mode", StringRef("nearest"));
    setAttribute(node, "coordinate_transformation_mode",
                 StringRef("asymmetric"));
    setAttribute(node, "nearest_mode", StringRef("floor"));
    writer.bind(op, node.output(0));
    return {};
  }
  // Any other choice of rows and columns.
  ::onnx::NodeProto &down =
      writer.node("Gather", {x, writer.ints(op.getRows())});
  setAttribute(down, "axis", int64_t(2));
  ::onnx::NodeProto &across =
      writer.node("Gather", {down.output(0), writer.ints(op.getColumns())});
  setAttribute(across, "axis", int64_t(3));
  writer.bind(op, across.output(0));
  return {};
}

static std::string emitPad(GraphWriter &writer, dialect::PadOp op) {
  // The border is a fixed-point number like the tensor's elements.
  shift::FixedPoint format = *dialect::getFixedPoint(op.getInput().getType());
  float border = shift::toFloat(
      shift::toFixed(op.getValue().convertToFloat(), format), format);
  writer.bind(op, writer.value("Pad", {writer.nameOf(op.getInput()),
                                       writer.ints(op.getPads()),
                                       writer.floats(border, false)}));
  return {};
}

static std::string emitReshape(GraphWriter &writer, dialect::ReshapeOp op) {
  writer.bind(op, writer.value("Reshape", {writer.nameOf(op.getInput()),
                                           writer.ints(shapeOf(op))}));
  return {};
}

static std::string emitTranspose(GraphWriter &writer, dialect::TransposeOp op) {
  ::onnx::NodeProto &node =
      writer.node("Transpose", {writer.nameOf(op.getInput())});
  setAttribute(node, "perm", op.getPerm());
  writer.bind(op, node.output(0));
  return {};
}

static std::string emitSlice(GraphWriter &writer, dialect::SliceOp op) {
  std::vector<int64_t> ends, axes;
  for (auto [axis, start] : llvm::enumerate(op.getStarts())) {
    int64_t step = op.getSteps()[axis], size = shapeOf(op)[axis];
    int64_t last = start + (size - 1) * step;
    int64_t end = step > 0 ? last + 1 : last - 1;
    if (size == 0)
      end = start;
    // Backwards past the first element; -1 would be the last one.
    else if (end < 0)
      end = std::numeric_limits<int64_t>::min();
    ends.push_back(end);
    axes.push_back(axis);
  }
  writer.bind(op, writer.value("Slice", {writer.nameOf(op.getInput()),
                                         writer.ints(op.getStarts()),
                                         writer.ints(ends), writer.ints(axes),
                                         writer.ints(op.getSteps())}));
  return {};
}

static std::string emitGroupNorm(GraphWriter &writer, dialect::GroupNormOp op) {
  std::string y = groupNormalization(
      writer, writer.nameOf(op.getInput()), writer.nameOf(op.getScale()),
      writer.nameOf(op.getBias()), op.getEpsilon().convertToFloat(),
      op.getNumGroups(), shapeOf(op.getResult()));
  return finish(writer, op.getResult(), y, op.getClampMin(), op.getClampMax());
}

void shift::onnx_export::addShiftEmitters(EmitterTable &table) {
  addEmitter<dialect::AddOp>(table, emitAdd);
  addEmitter<dialect::AveragePoolOp>(table, emitAveragePool);
  addEmitter<dialect::ConcatOp>(table, emitConcat);
  addEmitter<dialect::Conv2DOp>(table, emitConv2D);
  addEmitter<dialect::DequantizeOp>(table, emitDequantize);
  addEmitter<dialect::GroupNormOp>(table, emitGroupNorm);
  addEmitter<dialect::LinearOp>(table, emitLinear);
  addEmitter<dialect::MaxPoolOp>(table, emitMaxPool);
  addEmitter<dialect::PadOp>(table, emitPad);
  addEmitter<dialect::QuantizeOp>(table, emitQuantize);
  addEmitter<dialect::RequantizeOp>(table, emitRequantize);
  addEmitter<dialect::ReshapeOp>(table, emitReshape);
  addEmitter<dialect::ResizeNearestOp>(table, emitResizeNearest);
  addEmitter<dialect::SliceOp>(table, emitSlice);
  addEmitter<dialect::TransposeOp>(table, emitTranspose);
  addEmitter<dialect::WeightOp>(table, emitWeight);
}
