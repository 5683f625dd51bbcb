//===- ONNXConstants.h - Reading and making float constants -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXCONSTANTS_H
#define DIALECTS_ONNX_IR_ONNXCONSTANTS_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include <map>

namespace mlir::onnx {

/// The float32 elements of `value` in row order if an onnx.Constant with data
/// makes it, else nothing.
std::optional<std::vector<float>> getFloats(Value value);

/// A float32 constant; large ones become resource blobs.
ConstantOp makeConstant(OpBuilder &builder, Location loc,
                        ArrayRef<int64_t> shape, ArrayRef<float> values,
                        StringAttr name);

/// Constants that rewrites derive from others, made once: the same source with
/// the same parameters gives the same attribute, so that a weight that
/// several layers share stays shared when each layer's copy is rewritten.
class DerivedConstants {
public:
  /// A constant of `shape` called like the one behind `source` (which may be
  /// null). `factors` and `others` are all that its values depend on besides;
  /// `compute` gives them and runs only for a new derivation.
  ConstantOp get(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                 Value source, ArrayRef<double> factors,
                 ArrayRef<double> others,
                 llvm::function_ref<std::vector<float>()> compute);

private:
  using Key = std::tuple<const void *, std::vector<int64_t>,
                         std::vector<double>, std::vector<double>>;
  std::map<Key, ElementsAttr> made;
};

/// The name of the constant that makes `value`, or null.
inline StringAttr getConstantName(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getNameAttr() : StringAttr();
}

} // namespace mlir::onnx

#endif // DIALECTS_ONNX_IR_ONNXCONSTANTS_H
