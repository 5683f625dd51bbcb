//===- GroupNorm.h - Statistics and coefficients of normalisations --------===//
// SPDX-License-Identifier: Apache-2.0
// GroupNormalization, InstanceNormalization and float means: which sums are
// formed in which order and type, so that every engine gives the same bits.
// InstanceNormalization is a group of one channel.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_GROUPNORM_H
#define SHIFT_SUPPORT_GROUPNORM_H

#include <cstdint>

namespace shift {

/// Number of partial sums that a float sum of one plane is split into.
constexpr int floatSumLanes = 16;

/// S1 = sum of q and S2 = sum of q*q, exact. Planes and groups are added in any
/// order.
struct IntegerSums {
  int64_t sum = 0;
  int64_t squares = 0;
};

/// S1 = sum of x and S2 = sum of x*x in float64. Planes of a group are added in
/// channel order, starting from the first plane's sums added to 0.
struct FloatSums {
  double sum = 0;
  double squares = 0;
};

/// Mean and variance in the unit of the sums' elements.
struct Moments {
  double mean = 0;
  double variance = 0;
};

/// y = x * scale + offset, unfused float32, for one channel.
struct NormCoefficients {
  float scale = 0;
  float offset = 0;
};

/// Sums over `count` fixed-point integers. Element type int8_t, uint8_t,
/// int16_t, uint16_t or int32_t.
template <typename Integer>
IntegerSums integerPlaneSums(const Integer *values, int64_t count) {
  IntegerSums sums;
  for (int64_t i = 0; i < count; ++i) {
    int64_t q = values[i];
    sums.sum += q;
    sums.squares += q * q;
  }
  return sums;
}

/// Sums over one channel plane of `count` floats: element i goes to partial sum
/// i mod 16 (x*x is exact in float64), the partial sums are added 0..15.
FloatSums floatPlaneSums(const float *values, int64_t count);

/// The sum alone, for means: element i is values[i * stride].
double floatPlaneSum(const float *values, int64_t count, int64_t stride = 1);

/// Adds the next plane of a group.
inline void addPlane(FloatSums &group, const FloatSums &plane) {
  group.sum += plane.sum;
  group.squares += plane.squares;
}
inline void addPlane(IntegerSums &group, const IntegerSums &plane) {
  group.sum += plane.sum;
  group.squares += plane.squares;
}

/// mean = S1 / n, variance = max(0, S2 / n - mean * mean), in float64; n is the
/// number of elements of the group.
Moments momentsOf(const IntegerSums &sums, int64_t n);
Moments momentsOf(const FloatSums &sums, int64_t n);

/// a = gamma / sqrt(variance * 2^(-2 fraction) + epsilon) and
/// b = beta - mean * 2^-fraction * a, both in float64 (b from the unrounded a),
/// then rounded to float32. `fraction` is that of the input, 0 for floats.
NormCoefficients normCoefficients(const Moments &moments, int fraction,
                                  float epsilon, float gamma, float beta);

/// The same statistics of numbers q * 2^-fraction.
Moments scaled(const Moments &moments, int fraction);

/// Sums over one channel plane of a gradient and of its products with x, each
/// in 16 partial sums like floatPlaneSums.
struct NormGradSums {
  double grad = 0;
  double product = 0;
};
NormGradSums normGradSums(const float *x, const float *grad, int64_t count);

/// grad * k.grad + (x * k.input + k.offset), unfused float32, for one channel.
struct NormGradCoefficients {
  float grad = 0;
  float input = 0;
  float offset = 0;
};

/// The gradient of a normalisation of one group of `n` elements with these
/// statistics, in float64.
class NormGradGroup {
public:
  NormGradGroup(const Moments &moments, float epsilon, int64_t n);

  /// Adds the next channel. Returns the gradients of its bias (`grad`) and
  /// scale (`product`).
  NormGradSums addChannel(const NormGradSums &sums, float gamma);
  /// Of a channel, once all are added.
  NormGradCoefficients coefficients(float gamma) const;

private:
  double mean, deviation, count;
  double sum = 0, product = 0;
};

/// Mean of one plane of floats (ReduceMean, GlobalAveragePool): the sum of
/// floatPlaneSum divided by `count` in float64, rounded once to float32.
float floatPlaneMean(const float *values, int64_t count, int64_t stride = 1);

} // namespace shift

#endif // SHIFT_SUPPORT_GROUPNORM_H
