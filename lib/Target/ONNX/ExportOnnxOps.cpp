//===- ExportOnnxOps.cpp - Ops of the onnx dialect to nodes ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Most ops are nodes of the same name and attributes; those whose newest form
// has inputs where the dialect has attributes get constants.
//===----------------------------------------------------------------------===//
#include "GraphWriter.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "shift/Reference/Interpreter.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace shift::onnx_export;
using llvm::ArrayRef;
using llvm::StringRef;
namespace dialect = mlir::onnx;
namespace reference = shift::reference;

/// Writes one attribute of the dialect as ONNX's of the same name.
static void copyAttribute(::onnx::NodeProto &node,
                          mlir::NamedAttribute attribute) {
  StringRef name = attribute.getName();
  mlir::Attribute value = attribute.getValue();
  if (auto number = llvm::dyn_cast<mlir::IntegerAttr>(value))
    setAttribute(node, name, number.getValue().getSExtValue());
  else if (auto real = llvm::dyn_cast<mlir::FloatAttr>(value))
    setAttribute(node, name, static_cast<float>(real.getValueAsDouble()));
  else if (auto text = llvm::dyn_cast<mlir::StringAttr>(value))
    setAttribute(node, name, text.getValue());
  else if (auto list = llvm::dyn_cast<mlir::DenseI64ArrayAttr>(value))
    setAttribute(node, name, list.asArrayRef());
}

/// Copies all attributes but the named ones.
static void copyAttributes(::onnx::NodeProto &node, mlir::Operation *op,
                           ArrayRef<StringRef> without = {}) {
  for (mlir::NamedAttribute attribute : op->getAttrDictionary())
    if (attribute.getName() != "node_name" &&
        !llvm::is_contained(without, attribute.getName().getValue()))
      copyAttribute(node, attribute);
}

static void bindResults(GraphWriter &writer, mlir::Operation *op,
                        const ::onnx::NodeProto &node) {
  for (auto [i, result] : llvm::enumerate(op->getResults()))
    writer.bind(result, node.output(i));
}

/// A node of the op's own name on `inputs`.
static std::string emitNode(GraphWriter &writer, mlir::Operation *op,
                            const Names &inputs,
                            ArrayRef<StringRef> without = {}) {
  ::onnx::NodeProto &node =
      writer.node(op->getName().stripDialect(), inputs, op->getNumResults());
  copyAttributes(node, op, without);
  bindResults(writer, op, node);
  return {};
}

static std::string emitSame(GraphWriter &writer, mlir::Operation *op) {
  return emitNode(writer, op, writer.namesOf(op->getOperands()));
}

/// Ops of the newest form whose `attribute` is the second input in ONNX.
template <typename Op>
static void addWithInput(EmitterTable &table, StringRef attribute) {
  addEmitter<Op>(table, [=](GraphWriter &writer, Op op) {
    auto values =
        op->template getAttrOfType<mlir::DenseI64ArrayAttr>(attribute);
    return emitNode(
        writer, op,
        {writer.nameOf(op->getOperand(0)), writer.ints(values.asArrayRef())},
        attribute);
  });
}

/// Ops whose second input is the shape of the result.
template <typename Op>
static void addWithShape(EmitterTable &table) {
  addEmitter<Op>(table, [](GraphWriter &writer, Op op) {
    std::string shape = writer.ints(dialect::shapeOf(op.getResult()));
    // Dimensions of size 0 are meant, not copied.
    bool hasZero = llvm::is_contained(dialect::shapeOf(op.getResult()), 0) &&
                   std::is_same_v<Op, dialect::ReshapeOp>;
    ::onnx::NodeProto &node =
        writer.node(op->getName().stripDialect(),
                    {writer.nameOf(op->getOperand(0)), shape});
    if (hasZero)
      setAttribute(node, "allowzero", int64_t(1));
    bindResults(writer, op, node);
    return std::string();
  });
}

/// A scalar of the attribute's value.
static std::string scalar(GraphWriter &writer, mlir::Attribute attribute) {
  auto typed = llvm::cast<mlir::TypedAttr>(attribute);
  if (typed.getType().isF32())
    return writer.floats(
        static_cast<float>(
            llvm::cast<mlir::FloatAttr>(typed).getValueAsDouble()),
        false);
  auto type = mlir::RankedTensorType::get({}, typed.getType());
  auto tensor =
      reference::tensorOf(mlir::DenseElementsAttr::get(type, attribute));
  if (tensor)
    return writer.initializer(*tensor, "const_scalar");
  llvm::consumeError(tensor.takeError());
  return "";
}

static std::string emitClip(GraphWriter &writer, dialect::ClipOp op) {
  Names inputs{writer.nameOf(op.getX()),
               op.getMin() ? scalar(writer, *op.getMin()) : ""};
  if (op.getMax())
    inputs.push_back(scalar(writer, *op.getMax()));
  return emitNode(writer, op, inputs, {"min", "max"});
}

static std::string emitConstant(GraphWriter &writer, dialect::ConstantOp op) {
  auto tensor = reference::tensorOf(op.getValue());
  if (!tensor)
    return llvm::toString(tensor.takeError());
  writer.bind(op, writer.initializer(*tensor, op.getName().value_or("const")));
  return {};
}

static std::string emitConstantOfShape(GraphWriter &writer,
                                       dialect::ConstantOfShapeOp op) {
  auto tensor = reference::tensorOf(op.getValue());
  if (!tensor)
    return llvm::toString(tensor.takeError());
  ::onnx::NodeProto &node = writer.node(
      "ConstantOfShape", {writer.ints(dialect::shapeOf(op.getResult()))});
  ::onnx::AttributeProto *value = node.add_attribute();
  value->set_name("value");
  value->set_type(::onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(dataTypeOf(tensor->dtype));
  value->mutable_t()->add_dims(1);
  value->mutable_t()->set_raw_data(tensor->bytes.data(), tensor->bytes.size());
  bindResults(writer, op, node);
  return {};
}

static std::string emitCast(GraphWriter &writer, dialect::CastOp op) {
  auto dtype = reference::storageType(op.getType());
  if (!dtype)
    return llvm::formatv("unsupported type {0}", op.getType());
  ::onnx::NodeProto &node = writer.node("Cast", {writer.nameOf(op.getInput())});
  setAttribute(node, "to", int64_t(dataTypeOf(*dtype)));
  bindResults(writer, op, node);
  return {};
}

/// `lastAttribute` is the last opset whose axes are an attribute.
template <typename Op>
static void addReduce(EmitterTable &table, int64_t lastAttribute) {
  addEmitter<Op>(table, [=](GraphWriter &writer, Op op) {
    std::string data = writer.nameOf(op.getData());
    if (op.getAxes().empty()) {
      // ONNX would reduce all axes.
      writer.bind(op, writer.value("Identity", {data}));
      return std::string();
    }
    if (writer.opset <= lastAttribute)
      return emitSame(writer, op);
    return emitNode(writer, op, {data, writer.ints(op.getAxes())}, {"axes"});
  });
}

static std::string emitShape(GraphWriter &writer, dialect::ShapeOp op) {
  llvm::SmallVector<StringRef> without;
  if (writer.opset < 15)
    without.push_back("start");
  return emitNode(writer, op, {writer.nameOf(op.getData())}, without);
}

static std::string emitSlice(GraphWriter &writer, dialect::SliceOp op) {
  return emitNode(writer, op,
                  {writer.nameOf(op.getData()), writer.ints(op.getStarts()),
                   writer.ints(op.getEnds()), writer.ints(op.getAxes()),
                   writer.ints(op.getSteps())},
                  {"starts", "ends", "axes", "steps"});
}

static std::string emitPad(GraphWriter &writer, dialect::PadOp op) {
  Names inputs{writer.nameOf(op.getData()), writer.ints(op.getPads())};
  if (op.getConstantValue())
    inputs.push_back(scalar(writer, *op.getConstantValue()));
  return emitNode(writer, op, inputs, {"pads", "constant_value"});
}

/// Whether ONNX derives the result's shape from the scales.
static bool scalesGiveShape(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                            ArrayRef<float> scales, ArrayRef<float> roi) {
  for (size_t i = 0; i < from.size(); ++i) {
    float length = static_cast<float>(from[i]);
    if (!roi.empty())
      length *= roi[i + from.size()] - roi[i];
    if (std::floor(length * scales[i]) != static_cast<float>(to[i]))
      return false;
  }
  return true;
}

static std::string emitResize(GraphWriter &writer, dialect::ResizeOp op) {
  ArrayRef<float> roi = op.getRoi().value_or(ArrayRef<float>());
  Names inputs{writer.nameOf(op.getX()),
               roi.empty() ? "" : writer.floats(roi, true)};
  auto shape = dialect::shapeOf(op.getResult());
  if (scalesGiveShape(dialect::shapeOf(op.getX()), shape, op.getScales(), roi))
    inputs.push_back(writer.floats(op.getScales(), true));
  else
    inputs.insert(inputs.end(), {"", writer.ints(shape)});
  llvm::SmallVector<StringRef> without{"scales", "roi"};
  if (op.getAntialias() == 0)
    without.push_back("antialias");
  return emitNode(writer, op, inputs, without);
}

/// Upsample is not in opset 10 and later.
static std::string emitUpsample(GraphWriter &writer, dialect::UpsampleOp op) {
  ::onnx::NodeProto &node =
      writer.node("Resize", {writer.nameOf(op.getX()), "",
                             writer.floats(op.getScales(), true)});
  setAttribute(node, "mode", op.getMode());
  setAttribute(node, "coordinate_transformation_mode", StringRef("asymmetric"));
  setAttribute(node, "nearest_mode", StringRef("floor"));
  bindResults(writer, op, node);
  return {};
}

static std::string emitAveragePool(GraphWriter &writer,
                                   dialect::AveragePoolOp op) {
  llvm::SmallVector<StringRef> without;
  if (llvm::all_equal(op.getDilations()) && op.getDilations().front() == 1)
    without.push_back("dilations");
  return emitNode(writer, op, {writer.nameOf(op.getX())}, without);
}

static std::string emitGroupNormalization(GraphWriter &writer,
                                          dialect::GroupNormalizationOp op) {
  writer.bind(op, groupNormalization(
                      writer, writer.nameOf(op.getX()),
                      writer.nameOf(op.getScale()), writer.nameOf(op.getBias()),
                      op.getEpsilon().convertToFloat(), op.getNumGroups(),
                      dialect::shapeOf(op.getX())));
  return {};
}

template <typename... Ops>
static void addSame(EmitterTable &table) {
  ((table[Ops::getOperationName()] = emitSame), ...);
}

void shift::onnx_export::addOnnxEmitters(EmitterTable &table) {
  addSame<
      dialect::AbsOp, dialect::AddOp, dialect::BatchNormalizationOp,
      dialect::ConcatOp, dialect::ConvOp, dialect::ConvTransposeOp,
      dialect::DequantizeLinearOp, dialect::DivOp, dialect::DropoutOp,
      dialect::EluOp, dialect::ExpOp, dialect::FlattenOp, dialect::GatherOp,
      dialect::GemmOp, dialect::GlobalAveragePoolOp, dialect::GlobalMaxPoolOp,
      dialect::HardSigmoidOp, dialect::HardSwishOp, dialect::IdentityOp,
      dialect::InstanceNormalizationOp, dialect::LeakyReluOp, dialect::LogOp,
      dialect::MatMulOp, dialect::MaxOp, dialect::MaxPoolOp, dialect::MinOp,
      dialect::MulOp, dialect::NegOp, dialect::PReluOp, dialect::PowOp,
      dialect::QuantizeLinearOp, dialect::ReciprocalOp, dialect::ReluOp,
      dialect::SigmoidOp, dialect::SoftmaxOp, dialect::SqrtOp, dialect::SubOp,
      dialect::TanhOp, dialect::TransposeOp>(table);
  addReduce<dialect::ReduceMeanOp>(table, 17);
  addReduce<dialect::ReduceSumOp>(table, 12);
  addWithInput<dialect::SplitOp>(table, "split");
  addWithInput<dialect::SqueezeOp>(table, "axes");
  addWithInput<dialect::UnsqueezeOp>(table, "axes");
  addWithShape<dialect::ExpandOp>(table);
  addWithShape<dialect::ReshapeOp>(table);
  addEmitter<dialect::AveragePoolOp>(table, emitAveragePool);
  addEmitter<dialect::CastOp>(table, emitCast);
  addEmitter<dialect::ClipOp>(table, emitClip);
  addEmitter<dialect::ConstantOfShapeOp>(table, emitConstantOfShape);
  addEmitter<dialect::ConstantOp>(table, emitConstant);
  addEmitter<dialect::GroupNormalizationOp>(table, emitGroupNormalization);
  addEmitter<dialect::PadOp>(table, emitPad);
  addEmitter<dialect::ResizeOp>(table, emitResize);
  addEmitter<dialect::ShapeOp>(table, emitShape);
  addEmitter<dialect::SliceOp>(table, emitSlice);
  addEmitter<dialect::UpsampleOp>(table, emitUpsample);
}
