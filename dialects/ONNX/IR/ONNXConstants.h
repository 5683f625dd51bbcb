//===- ONNXConstants.h - Reading and making float constants -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXCONSTANTS_H
#define DIALECTS_ONNX_IR_ONNXCONSTANTS_H

#include "dialects/ONNX/IR/ONNXOps.h"

namespace mlir::onnx {

/// The float32 elements of `value` in row order if an onnx.Constant with data
/// makes it, else nothing.
std::optional<std::vector<float>> getFloats(Value value);

/// A float32 constant; large ones become resource blobs.
ConstantOp makeConstant(OpBuilder &builder, Location loc,
                        ArrayRef<int64_t> shape, ArrayRef<float> values,
                        StringAttr name);

/// The name of the constant that makes `value`, or null.
inline StringAttr getConstantName(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getNameAttr() : StringAttr();
}

} // namespace mlir::onnx

#endif // DIALECTS_ONNX_IR_ONNXCONSTANTS_H
