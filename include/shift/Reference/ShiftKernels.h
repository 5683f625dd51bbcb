//===- ShiftKernels.h - Plain-loop kernels of the shift dialect -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Exact integer arithmetic: sums are formed in 32 or 64 bits only where their
// worst case fits, else in 128 bits with every step checked. Callers have
// verified shapes and element types; `shape` is the result's.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_SHIFTKERNELS_H
#define SHIFT_REFERENCE_SHIFTKERNELS_H

#include "shift/Reference/Kernels.h"
#include "shift/Support/FixedPoint.h"
#include "shift/Support/GroupNorm.h"

namespace shift::reference {

/// The optional bounds of a fused clamp: v < min ? min : v > max ? max : v.
struct Clamp {
  std::optional<float> min, max;

  float apply(float value) const {
    if (min && value < *min)
      return *min;
    return max && value > *max ? *max : value;
  }
  /// The same with the bounds in fixed point.
  int64_t apply(int64_t q, const FixedPoint &format) const;
};

/// Weights as terms: weight k has terms [k * perWeight, (k + 1) * perWeight).
struct ShiftWeights {
  std::vector<Term> terms;
  int64_t perWeight = 1;
  /// The smallest exponent of the weights' type.
  int lo = 0;
};

/// The integers of a fixed-point tensor, and back.
std::vector<int64_t> integersOf(const Tensor &x);
Tensor tensorOfIntegers(const std::vector<int64_t> &values, DType dtype,
                        const Shape &shape);

/// ShiftConvolution.cpp ----------------------------------------------------

/// Everything of a convolution but its tensors. `out` is the result's format,
/// absent for float32; `in` the input's, absent for float32.
struct ShiftConvolution {
  std::optional<FixedPoint> in, out;
  Windows windows;
  int64_t group = 1;
  Clamp clamp;
  /// The result's element type and shape.
  DType dtype = DType::F32;
  Shape shape;
};

/// shift.conv2d for any number of spatial dimensions, and shift.linear as a
/// window of one element. `bias` may be null; `inside`, which may be too, gets
/// where a gradient passes the rounding. Returns an empty string or a
/// message that names the channel whose sum or bias exceeds 2^120.
std::string shiftConvolution(const Tensor &x, const ShiftWeights &weights,
                             const Tensor *bias,
                             const ShiftConvolution &convolution,
                             Tensor &result, Tensor *inside = nullptr);

/// ShiftActivation.cpp -----------------------------------------------------

/// `inside`, where it is not null, gets where a gradient passes the rounding.
Tensor quantizeTensor(const Tensor &x, const FixedPoint &out, DType dtype,
                      Tensor *inside = nullptr);
Tensor dequantizeTensor(const Tensor &x, const FixedPoint &in);
Tensor requantizeTensor(const Tensor &x, const FixedPoint &in,
                        const FixedPoint &out, const Clamp &clamp, DType dtype,
                        Tensor *inside = nullptr);
Tensor addTensors(const Tensor &a, const FixedPoint &aFormat, const Tensor &b,
                  const FixedPoint &bFormat, const FixedPoint &out,
                  const Clamp &clamp, DType dtype, Tensor *inside = nullptr);
Tensor averagePoolFixed(const Tensor &x, const FixedPoint &in,
                        const Windows &windows, bool countIncludePad,
                        const FixedPoint &out, DType dtype, const Shape &shape);
Tensor resizeNearest(const Tensor &x, const Shape &rows, const Shape &columns);

/// S1 and S2 of `count` integers. Returns an empty string, or a message where
/// S2 exceeds 64 bits.
std::string groupSums(const int64_t *q, int64_t count, IntegerSums &sums);

/// Group normalization of fixed point: S1 and S2 in 64-bit integers. The result
/// is float32 unless `out` is given. Returns an empty string, or a message
/// where a sum of squares exceeds 64 bits.
std::string groupNormFixed(const Tensor &x, const FixedPoint &in,
                           const Tensor &scale, const Tensor &bias,
                           float epsilon, int64_t groups, const Clamp &clamp,
                           const std::optional<FixedPoint> &out, DType dtype,
                           Tensor &result, Tensor *inside = nullptr);

} // namespace shift::reference

#endif // SHIFT_REFERENCE_SHIFTKERNELS_H
