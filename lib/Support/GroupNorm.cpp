//===- GroupNorm.cpp - Statistics and coefficients of normalisations ------===//
// SPDX-License-Identifier: Apache-2.0
// Only additions, multiplications, divisions and square roots of IEEE float64,
// each written as its own operation.
//===----------------------------------------------------------------------===//
#include "shift/Support/GroupNorm.h"
#include "shift/Support/PowerOfTwo.h"

#include <cmath>

namespace shift {
namespace {

/// Adds partial sums 0..15.
double addLanes(const double *lanes) {
  double sum = 0;
  for (int lane = 0; lane < floatSumLanes; ++lane)
    sum += lanes[lane];
  return sum;
}

Moments momentsOfSums(double sum, double squares, int64_t n) {
  double count = static_cast<double>(n);
  double mean = sum / count;
  double variance = squares / count - mean * mean;
  // A NaN variance stays one.
  return {mean, variance < 0 ? 0.0 : variance};
}

} // namespace

FloatSums floatPlaneSums(const float *values, int64_t count) {
  double sums[floatSumLanes] = {};
  double squares[floatSumLanes] = {};
  for (int64_t i = 0; i < count; ++i) {
    double x = values[i];
    sums[i % floatSumLanes] += x;
    squares[i % floatSumLanes] += x * x;
  }
  return {addLanes(sums), addLanes(squares)};
}

double floatPlaneSum(const float *values, int64_t count, int64_t stride) {
  double sums[floatSumLanes] = {};
  for (int64_t i = 0; i < count; ++i)
    sums[i % floatSumLanes] += static_cast<double>(values[i * stride]);
  return addLanes(sums);
}

Moments momentsOf(const IntegerSums &sums, int64_t n) {
  return momentsOfSums(static_cast<double>(sums.sum),
                       static_cast<double>(sums.squares), n);
}

Moments momentsOf(const FloatSums &sums, int64_t n) {
  return momentsOfSums(sums.sum, sums.squares, n);
}

NormCoefficients normCoefficients(const Moments &moments, int fraction,
                                  float epsilon, float gamma, float beta) {
  const Moments real = scaled(moments, fraction);
  double scale = static_cast<double>(gamma) /
                 std::sqrt(real.variance + static_cast<double>(epsilon));
  double offset = static_cast<double>(beta) - real.mean * scale;
  return {static_cast<float>(scale), static_cast<float>(offset)};
}

Moments scaled(const Moments &moments, int fraction) {
  return {moments.mean * doublePowerOfTwo(-fraction),
          moments.variance * doublePowerOfTwo(-2 * fraction)};
}

NormGradSums normGradSums(const float *x, const float *grad, int64_t count) {
  double sums[floatSumLanes] = {};
  double products[floatSumLanes] = {};
  for (int64_t i = 0; i < count; ++i) {
    double g = grad[i];
    sums[i % floatSumLanes] += g;
    products[i % floatSumLanes] += static_cast<double>(x[i]) * g;
  }
  return {addLanes(sums), addLanes(products)};
}

NormGradGroup::NormGradGroup(const Moments &moments, float epsilon, int64_t n)
    : mean(moments.mean),
      deviation(std::sqrt(moments.variance + static_cast<double>(epsilon))),
      count(static_cast<double>(n)) {}

NormGradSums NormGradGroup::addChannel(const NormGradSums &sums, float gamma) {
  double shifted = mean * sums.grad;
  NormGradSums channel{sums.grad, (sums.product - shifted) / deviation};
  sum += static_cast<double>(gamma) * channel.grad;
  product += static_cast<double>(gamma) * channel.product;
  return channel;
}

NormGradCoefficients NormGradGroup::coefficients(float gamma) const {
  double input = -(product / count) / (deviation * deviation);
  double offset = -(sum / count) / deviation - mean * input;
  return {static_cast<float>(static_cast<double>(gamma) / deviation),
          static_cast<float>(input), static_cast<float>(offset)};
}

float floatPlaneMean(const float *values, int64_t count, int64_t stride) {
  return static_cast<float>(floatPlaneSum(values, count, stride) /
                            static_cast<double>(count));
}

} // namespace shift
