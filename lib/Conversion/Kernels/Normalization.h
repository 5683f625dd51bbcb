//===- Normalization.h - Batch, instance and group norms --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Statistics and coefficients in float64 as shift/Support/GroupNorm.h states
// them, then x * a + b, unfused float32.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_NORMALIZATION_H
#define LIB_CONVERSION_KERNELS_NORMALIZATION_H

#include "lib/Conversion/Kernels/FixedMath.h"

namespace mlir::shift::kernels {

/// A normalization with statistics of its input.
struct GroupNorm {
  Value input, scale, bias, result;
  int64_t batch, channels, plane, groups;
  float epsilon;
  std::optional<float> clampMin, clampMax;
  std::optional<::shift::FixedPoint> in, out;

  int64_t members() const { return channels / groups; }

  std::string key() const;
};

/// Whether `op` is a normalization; if it is one of others, `reason` says so.
bool isNormalization(Operation *op, std::string &reason);

/// That of an op that is no onnx.BatchNormalization.
GroupNorm describeGroupNorm(Operation *op);

/// The float32 factor and addend of each element of a channel.
struct NormCoefficients {
  Val factor, addend;
};
/// Those of a channel whose `scale` and `bias` are float32, from the float64
/// sums of its group's elements and of their squares.
NormCoefficients emitCoefficients(KernelBuilder &kb, const GroupNorm &norm,
                                  Val sum, Val squares, Val scale, Val bias);

/// The stored result of a stored element.
Val emitNormalized(KernelBuilder &kb, const GroupNorm &norm, Val stored,
                   Val factor, Val addend);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_NORMALIZATION_H
