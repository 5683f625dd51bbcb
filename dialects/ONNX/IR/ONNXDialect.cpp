//===- ONNXDialect.cpp - Registration of the onnx dialect -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"

using namespace mlir;
using namespace mlir::onnx;

#include "dialects/ONNX/IR/ONNXDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/ONNX/IR/ONNXOps.cpp.inc"

void ONNXDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/ONNX/IR/ONNXOps.cpp.inc"
      >();
}

Operation *ONNXDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements, /*name=*/nullptr,
                            /*node_name=*/nullptr);
}
