//===- ONNXPorts.h - Names of a network's inputs and outputs ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Every engine and every file calls them alike.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXPORTS_H
#define DIALECTS_ONNX_IR_ONNXPORTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::onnx {

/// The attribute of @main's arguments and results that holds the name.
inline constexpr llvm::StringLiteral portNameAttr = "onnx.name";

/// The name of an argument, "input0" and so on if it has none.
inline std::string getInputName(func::FuncOp main, unsigned i) {
  auto name = main.getArgAttrOfType<StringAttr>(i, portNameAttr);
  return name ? name.str() : "input" + std::to_string(i);
}

/// The name of a result, "output0" and so on if it has none.
inline std::string getOutputName(func::FuncOp main, unsigned i) {
  auto name = main.getResultAttrOfType<StringAttr>(i, portNameAttr);
  return name ? name.str() : "output" + std::to_string(i);
}

} // namespace mlir::onnx

#endif // DIALECTS_ONNX_IR_ONNXPORTS_H
