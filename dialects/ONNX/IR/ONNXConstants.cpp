//===- ONNXConstants.cpp - Reading and making float constants -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "dialects/Common/ElementBytes.h"
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

std::optional<std::vector<float>> mlir::onnx::getFloats(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || !constant.getValue().getElementType().isF32())
    return std::nullopt;
  std::vector<uint8_t> bytes = shift::getRawBytes(constant.getValue());
  std::vector<float> values(bytes.size() / sizeof(float));
  if (int64_t(values.size()) != constant.getValue().getNumElements())
    return std::nullopt;
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

ConstantOp mlir::onnx::makeConstant(OpBuilder &builder, Location loc,
                                    ArrayRef<int64_t> shape,
                                    ArrayRef<float> values, StringAttr name) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(float));
  ElementsAttr attr =
      shift::getBlobAttr(type, bytes, name ? name.getValue() : "constant");
  return ConstantOp::create(builder, loc, type, attr, name,
                            /*node_name=*/nullptr);
}

ConstantOp mlir::onnx::DerivedConstants::get(
    OpBuilder &builder, Location loc, ArrayRef<int64_t> shape, Value source,
    ArrayRef<double> factors, ArrayRef<double> others,
    llvm::function_ref<std::vector<float>()> compute) {
  auto constant = source ? source.getDefiningOp<ConstantOp>() : ConstantOp();
  StringAttr name = constant ? constant.getNameAttr() : StringAttr();
  const void *id =
      constant ? constant.getValue().getAsOpaquePointer() : nullptr;
  Key key{id, shape.vec(), factors.vec(), others.vec()};
  ElementsAttr &value = made[key];
  if (value)
    return ConstantOp::create(builder, loc, cast<ShapedType>(value.getType()),
                              value, name, /*node_name=*/nullptr);
  ConstantOp result = makeConstant(builder, loc, shape, compute(), name);
  value = result.getValue();
  return result;
}
