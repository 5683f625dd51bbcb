//===- LayerRounding.h - Rounds the weights of layers, once -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_ONNXTOSHIFT_LAYERROUNDING_H
#define LIB_CONVERSION_ONNXTOSHIFT_LAYERROUNDING_H

#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include <map>

namespace mlir::shift {

/// What rounding did to all layers so far.
struct RoundingTotals {
  int64_t weights = 0, packedBits = 0, saturated = 0, underflowed = 0;
};

/// Turns float constants into shift.weight ops, each constant once a layout.
class LayerRounding {
public:
  LayerRounding(const ::shift::PowerOfTwoOptions &options) : options(options) {}

  /// The rounded form of the constant behind `weights` with dimensions `shape`
  /// (output channels first), made in front of the constant's first user. With
  /// `transposed` the constant is stored K x M and `shape` is M x K. A factor
  /// other than 1 multiplies the weights in float32 before they are rounded.
  /// Fails with an error on `user` if the constant has no data or holds NaN or
  /// infinity.
  FailureOr<WeightOp> round(OpBuilder &builder, Operation *user,
                            onnx::ConstantOp weights, ArrayRef<int64_t> shape,
                            bool transposed, float factor);

  const RoundingTotals &totals() const { return sums; }

private:
  using Key = std::tuple<Operation *, std::vector<int64_t>, bool, float>;

  void report(Operation *user, WeightOp weight,
              const ::shift::RoundedWeights &rounded);

  ::shift::PowerOfTwoOptions options;
  std::map<Key, WeightOp> made;
  RoundingTotals sums;
};

} // namespace mlir::shift

#endif // LIB_CONVERSION_ONNXTOSHIFT_LAYERROUNDING_H
