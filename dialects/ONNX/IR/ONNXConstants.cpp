//===- ONNXConstants.cpp - Reading and making float constants -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXConstants.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

std::optional<std::vector<float>> mlir::onnx::getFloats(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || !constant.getValue().getElementType().isF32())
    return std::nullopt;
  int64_t count = constant.getValue().getNumElements();
  if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue())) {
    auto values = dense.getValues<float>();
    return std::vector<float>(values.begin(), values.end());
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob || int64_t(blob->getData().size()) != count * 4)
    return std::nullopt;
  std::vector<float> result(count);
  std::memcpy(result.data(), blob->getData().data(), count * 4);
  return result;
}

ConstantOp mlir::onnx::makeConstant(OpBuilder &builder, Location loc,
                                    ArrayRef<int64_t> shape,
                                    ArrayRef<float> values, StringAttr name) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  // Attributes of few elements are uniqued and printed inline.
  constexpr size_t inlineLimit = 16;
  ElementsAttr attr;
  if (values.size() <= inlineLimit)
    attr = DenseElementsAttr::get(type, values);
  else
    attr = DenseResourceElementsAttr::get(
        type, name ? name.getValue() : "constant",
        HeapAsmResourceBlob::allocateAndCopyInferAlign(values));
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
