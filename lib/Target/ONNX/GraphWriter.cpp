//===- GraphWriter.cpp - Nodes, names and initializers of a graph ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "GraphWriter.h"

using namespace shift::onnx_export;
using llvm::ArrayRef;
using llvm::StringRef;
using shift::reference::DType;
using shift::reference::Tensor;

static std::string uniqueName(StringRef base, llvm::StringSet<> &taken) {
  std::string name = base.str();
  for (int i = 1; !taken.insert(name).second; ++i)
    name = (base + "_" + llvm::Twine(i)).str();
  return name;
}

std::string GraphWriter::fresh(StringRef base) {
  return uniqueName(base.empty() ? "value" : base, taken);
}

void GraphWriter::startOp(mlir::Operation *op) {
  auto name = op->getAttrOfType<mlir::StringAttr>("node_name");
  nodeName = name ? name.str() : op->getName().stripDialect().str();
  isFirst = true;
}

::onnx::NodeProto &GraphWriter::node(StringRef type, const Names &inputs,
                                     unsigned outputs) {
  ::onnx::NodeProto *node = graph.add_node();
  std::string base = nodeName;
  if (!isFirst)
    base += ("/" + type).str();
  isFirst = false;
  node->set_name(uniqueName(base, takenNodes));
  node->set_op_type(type.str());
  for (const std::string &input : inputs)
    node->add_input(input);
  for (unsigned i = 0; i < outputs; ++i) {
    node->add_output(fresh(node->name() + "_output"));
    produced.insert(node->output(i));
  }
  return *node;
}

Names GraphWriter::namesOf(mlir::ValueRange values) const {
  Names result;
  for (mlir::Value value : values)
    result.push_back(nameOf(value));
  return result;
}

int32_t shift::onnx_export::dataTypeOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return ::onnx::TensorProto::FLOAT;
  case DType::F64:
    return ::onnx::TensorProto::DOUBLE;
  case DType::I8:
    return ::onnx::TensorProto::INT8;
  case DType::U8:
    return ::onnx::TensorProto::UINT8;
  case DType::I16:
    return ::onnx::TensorProto::INT16;
  case DType::U16:
    return ::onnx::TensorProto::UINT16;
  case DType::I32:
    return ::onnx::TensorProto::INT32;
  case DType::U32:
    return ::onnx::TensorProto::UINT32;
  case DType::I64:
    return ::onnx::TensorProto::INT64;
  case DType::U64:
    return ::onnx::TensorProto::UINT64;
  case DType::Bool:
    return ::onnx::TensorProto::BOOL;
  }
  return ::onnx::TensorProto::UNDEFINED;
}

std::string GraphWriter::initializer(const Tensor &tensor, StringRef base) {
  ::onnx::TensorProto *proto = graph.add_initializer();
  proto->set_name(fresh(base));
  proto->set_data_type(dataTypeOf(tensor.dtype));
  for (int64_t dim : tensor.shape)
    proto->add_dims(dim);
  proto->set_raw_data(tensor.bytes.data(), tensor.bytes.size());
  return proto->name();
}

std::string GraphWriter::shared(const Tensor &tensor, StringRef base) {
  std::string key(tensor.bytes.begin(), tensor.bytes.end());
  int kind = 2 * static_cast<int>(tensor.dtype) + (tensor.rank() > 0);
  std::string &name = sharedTensors[{kind, std::move(key)}];
  if (name.empty())
    name = initializer(tensor, base);
  return name;
}

std::string GraphWriter::ints(ArrayRef<int64_t> values) {
  return shared(Tensor::of<int64_t>({int64_t(values.size())}, values.vec()),
                "const_ints");
}

std::string GraphWriter::floats(ArrayRef<float> values, bool isVector) {
  reference::Shape shape;
  if (isVector)
    shape.push_back(values.size());
  return shared(Tensor::of<float>(shape, values.vec()), "const_floats");
}

std::string GraphWriter::zero(DType dtype) {
  return shared(Tensor(dtype, {}), "const_zero");
}

std::string GraphWriter::clamp(std::string x, std::optional<float> min,
                               std::optional<float> max) {
  if (!min && !max)
    return x;
  if (!max && *min == 0)
    return value("Relu", {x});
  Names inputs{x, min ? floats(*min, false) : ""};
  if (max)
    inputs.push_back(floats(*max, false));
  return value("Clip", inputs);
}

void GraphWriter::addOutput(const std::string &name, StringRef output) {
  // A value that no node makes, or that has another name already, is copied.
  bool isRenamed =
      produced.contains(name) && renamed.try_emplace(name, output.str()).second;
  if (isRenamed)
    return;
  ::onnx::NodeProto *copy = graph.add_node();
  copy->set_name(uniqueName((output + "/Identity").str(), takenNodes));
  copy->set_op_type("Identity");
  copy->add_input(name);
  copy->add_output(output.str());
}

void GraphWriter::finish() {
  auto rename = [&](std::string *name) {
    auto found = renamed.find(*name);
    if (found != renamed.end())
      *name = found->second;
  };
  for (::onnx::NodeProto &node : *graph.mutable_node()) {
    for (int i = 0; i < node.input_size(); ++i)
      rename(node.mutable_input(i));
    for (int i = 0; i < node.output_size(); ++i)
      rename(node.mutable_output(i));
  }
}

static ::onnx::AttributeProto &
addAttribute(::onnx::NodeProto &node, StringRef name,
             ::onnx::AttributeProto::AttributeType type) {
  ::onnx::AttributeProto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(type);
  return *attribute;
}

void shift::onnx_export::setAttribute(::onnx::NodeProto &node, StringRef name,
                                      int64_t value) {
  addAttribute(node, name, ::onnx::AttributeProto::INT).set_i(value);
}

void shift::onnx_export::setAttribute(::onnx::NodeProto &node, StringRef name,
                                      float value) {
  addAttribute(node, name, ::onnx::AttributeProto::FLOAT).set_f(value);
}

void shift::onnx_export::setAttribute(::onnx::NodeProto &node, StringRef name,
                                      StringRef value) {
  addAttribute(node, name, ::onnx::AttributeProto::STRING).set_s(value.str());
}

void shift::onnx_export::setAttribute(::onnx::NodeProto &node, StringRef name,
                                      ArrayRef<int64_t> values) {
  ::onnx::AttributeProto &attribute =
      addAttribute(node, name, ::onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

std::string shift::onnx_export::groupNormalization(
    GraphWriter &writer, const std::string &x, const std::string &scale,
    const std::string &bias, float epsilon, int64_t groups,
    ArrayRef<int64_t> shape) {
  std::string grouped =
      writer.value("Reshape", {x, writer.ints({0, groups, -1})});
  std::vector<float> ones(groups, 1.0f), zeros(groups, 0.0f);
  ::onnx::NodeProto &norm =
      writer.node("InstanceNormalization", {grouped, writer.floats(ones, true),
                                            writer.floats(zeros, true)});
  setAttribute(norm, "epsilon", epsilon);
  std::string normalized =
      writer.value("Reshape", {norm.output(0), writer.ints(shape)});
  // One parameter a channel, broadcast over the spatial dimensions.
  std::vector<int64_t> channels(shape.size() - 1, 1);
  channels[0] = shape[1];
  std::string column = writer.ints(channels);
  std::string factor = writer.value("Reshape", {scale, column});
  std::string offset = writer.value("Reshape", {bias, column});
  std::string scaled = writer.value("Mul", {normalized, factor});
  return writer.value("Add", {scaled, offset});
}
