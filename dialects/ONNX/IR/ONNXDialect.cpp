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
