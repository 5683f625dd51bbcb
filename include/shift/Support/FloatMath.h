//===- FloatMath.h - exp, log, tanh, sigmoid, pow of our own --------------===//
// SPDX-License-Identifier: Apache-2.0
// The one definition of each transcendental function: float32, unfused, no math
// library, so that the interpreter, every CPU kernel and the CUDA code agree
// bit for bit. Templates over the operations (FloatOps.h): the same source
// computes on float and builds IR, hence no branches, only select.
//
// Errors against the correctly rounded result (FloatMathTest measures them):
// exp, log, tanh, sigmoid and pow at most 2 floats apart, subnormal results
// included. Every NaN result is the one with bits 0x7FC00000.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FLOATMATH_H
#define SHIFT_SUPPORT_FLOATMATH_H

#include "shift/Support/FloatMathDetail.h"
#include "shift/Support/FloatOps.h"

#include <cstdint>

namespace shift::math {
/// e^x.
template <typename Ops>
typename Ops::Float exp(Ops &ops, typename Ops::Float argument) {
  using namespace detail;
  // Beyond these ends the result is 0 or infinite all the same.
  constexpr float lowest = -104.0f, highest = 89.0f;
  typename Ops::Float clamped = ops.select(
      ops.less(argument, ops.constant(lowest)), ops.constant(lowest), argument);
  clamped = ops.select(ops.less(ops.constant(highest), argument),
                       ops.constant(highest), clamped);
  Number<Ops> x{&ops, clamped};
  Rounded<Ops> n = nearestInteger(x * log2E);
  Number<Ops> r = (x - n.number * ln2High) - n.number * ln2Low;
  return orNan(ops, ops.isNan(argument), scale(expReduced(r), n.integer).value);
}

/// ln x: -infinity for 0, NaN below 0. With x = m * 2^e, f = m - 1,
/// s = f / (2 + f): ln m = f - f^2/2 + s (f^2/2 + R(s^2)),
/// R(z) = 2z/3 + 2z^2/5 + ... (minimax).
template <typename Ops>
typename Ops::Float log(Ops &ops, typename Ops::Float argument) {
  using namespace detail;
  constexpr float c[] = {0x1.555556p-1f, 0x1.999a6p-2f, 0x1.243e16p-2f,
                         0x1.e2566ep-3f};
  Number<Ops> x{&ops, argument};
  Split<Ops> parts = splitPositive(x);
  Number<Ops> f = parts.mantissa - 1.0f;
  Number<Ops> s = f / (f + 2.0f);
  Number<Ops> z = s * s;
  Number<Ops> halfSquare = f * f * 0.5f;
  Number<Ops> tail = s * (halfSquare + z * polynomial(z, c));
  Number<Ops> low = halfSquare - (tail + parts.exponent * ln2Low);
  Number<Ops> result = parts.exponent * ln2High - (low - f);
  typename Ops::Float infinity = ops.fromBits(ops.integer(infinityBits));
  typename Ops::Float special =
      ops.select(ops.equal(argument, infinity), infinity, result.value);
  special =
      ops.select(ops.equal(argument, ops.constant(0.0f)),
                 ops.fromBits(ops.integer(infinityBits | signBit)), special);
  return orNan(
      ops,
      ops.either(ops.isNan(argument), ops.less(argument, ops.constant(0.0f))),
      special);
}

/// tanh x by its magnitude a: a + a^3 P(a^2) for a < 0.625 (minimax P), else
/// 1 - 2 / (e^(2a) + 1); then the sign of x.
template <typename Ops>
typename Ops::Float tanh(Ops &ops, typename Ops::Float argument) {
  using namespace detail;
  constexpr float c[] = {-0x1.555554p-2f, 0x1.1110a4p-3f,  -0x1.b9f908p-5f,
                         0x1.63f0cp-6f,   -0x1.0db99cp-7f, 0x1.1ecfc6p-9f};
  Number<Ops> x{&ops, argument};
  Number<Ops> magnitude = absolute(x);
  Number<Ops> square = x * x;
  Number<Ops> inner = magnitude * (square * polynomial(square, c)) + magnitude;
  Number<Ops> e = x.with(exp(ops, (magnitude + magnitude).value));
  Number<Ops> outer = 1.0f - 2.0f / (e + 1.0f);
  typename Ops::Bool isInner = ops.less(magnitude.value, ops.constant(0.625f));
  Number<Ops> result = x.with(ops.select(isInner, inner.value, outer.value));
  typename Ops::Int sign = ops.andInt(ops.bits(argument), ops.integer(signBit));
  return orNan(ops, ops.isNan(argument), withSign(result, sign).value);
}

/// 1 / (1 + e^-x), by e = e^-|x| so that it neither overflows nor loses small
/// results: 1 / (1 + e) for x >= 0, e / (1 + e) below.
template <typename Ops>
typename Ops::Float sigmoid(Ops &ops, typename Ops::Float argument) {
  using namespace detail;
  Number<Ops> x{&ops, argument};
  Number<Ops> e = x.with(exp(ops, (0.0f - absolute(x)).value));
  Number<Ops> numerator = x.with(ops.select(
      ops.less(argument, ops.constant(0.0f)), e.value, ops.constant(1.0f)));
  return orNan(ops, ops.isNan(argument), (numerator / (e + 1.0f)).value);
}

/// x^y with the special cases of IEEE 754 pow: 1 for y = 0 or x = 1 even with
/// NaN; NaN for x < 0 with a y that is no integer; the sign of x for odd y.
template <typename Ops>
typename Ops::Float pow(Ops &ops, typename Ops::Float base,
                        typename Ops::Float exponent) {
  using namespace detail;
  using Bool = typename Ops::Bool;
  using Float = typename Ops::Float;
  Number<Ops> x{&ops, base}, y{&ops, exponent};
  Number<Ops> magnitude = absolute(x);
  const Float zero = ops.constant(0.0f), one = ops.constant(1.0f);
  const Float infinity = ops.fromBits(ops.integer(infinityBits));
  IntegerKind<Ops> kind = integerKind(y);
  Bool isFiniteY = ops.less(absolute(y).value, infinity);

  Float result = powPositive(magnitude, y).value;
  // |x| or |y| infinite, or x zero: the result is 0, 1 or infinite. It is large
  // where y has the sign of log |x|.
  Bool isAboveOne = ops.less(one, magnitude.value);
  Bool isPositiveY = ops.less(zero, exponent);
  Bool isLarge =
      ops.either(ops.both(isAboveOne, isPositiveY),
                 ops.both(ops.negate(isAboveOne), ops.negate(isPositiveY)));
  Bool isExtreme = ops.either(ops.either(ops.equal(magnitude.value, zero),
                                         ops.equal(magnitude.value, infinity)),
                              ops.negate(isFiniteY));
  result = ops.select(isExtreme, ops.select(isLarge, infinity, zero), result);
  result = ops.select(ops.equal(magnitude.value, one), one, result);

  auto sign = ops.selectInt(kind.isOdd,
                            ops.andInt(ops.bits(base), ops.integer(signBit)),
                            ops.integer(0));
  result = withSign(x.with(result), sign).value;
  Bool isUndefined = ops.both(
      ops.both(ops.less(base, zero), ops.less(magnitude.value, infinity)),
      ops.both(isFiniteY, ops.negate(kind.isInteger)));
  isUndefined =
      ops.either(isUndefined, ops.either(ops.isNan(base), ops.isNan(exponent)));
  result = orNan(ops, isUndefined, result);
  Bool isOne = ops.either(ops.equal(exponent, zero), ops.equal(base, one));
  return ops.select(isOne, one, result);
}

/// max(0, min(1, alpha * x + beta)), unfused; NaN stays NaN.
template <typename Ops>
typename Ops::Float hardSigmoid(Ops &ops, typename Ops::Float argument,
                                float alpha, float beta) {
  typename Ops::Float line =
      ops.add(ops.mul(ops.constant(alpha), argument), ops.constant(beta));
  line =
      ops.select(ops.less(line, ops.constant(0.0f)), ops.constant(0.0f), line);
  line =
      ops.select(ops.less(ops.constant(1.0f), line), ops.constant(1.0f), line);
  return detail::orNan(ops, ops.isNan(argument), line);
}

/// x * hardSigmoid(x, 1/6, 1/2).
template <typename Ops>
typename Ops::Float hardSwish(Ops &ops, typename Ops::Float argument) {
  constexpr float sixth = 0x1.555556p-3f;
  typename Ops::Float product =
      ops.mul(argument, hardSigmoid(ops, argument, sixth, 0.5f));
  return detail::orNan(ops, ops.isNan(argument), product);
}

/// x for x >= 0, else alpha * (e^x - 1).
template <typename Ops>
typename Ops::Float elu(Ops &ops, typename Ops::Float argument, float alpha) {
  typename Ops::Float below = ops.mul(
      ops.constant(alpha), ops.sub(exp(ops, argument), ops.constant(1.0f)));
  typename Ops::Float result =
      ops.select(ops.less(argument, ops.constant(0.0f)), below, argument);
  return detail::orNan(ops, ops.isNan(argument), result);
}

/// The same functions on plain floats.
inline float exp(float x) {
  FloatOps ops;
  return exp(ops, x);
}
inline float log(float x) {
  FloatOps ops;
  return log(ops, x);
}
inline float tanh(float x) {
  FloatOps ops;
  return tanh(ops, x);
}
inline float sigmoid(float x) {
  FloatOps ops;
  return sigmoid(ops, x);
}
inline float pow(float x, float y) {
  FloatOps ops;
  return pow(ops, x, y);
}
inline float hardSigmoid(float x, float alpha, float beta) {
  FloatOps ops;
  return hardSigmoid(ops, x, alpha, beta);
}
inline float hardSwish(float x) {
  FloatOps ops;
  return hardSwish(ops, x);
}
inline float elu(float x, float alpha) {
  FloatOps ops;
  return elu(ops, x, alpha);
}

/// Softmax of `count` >= 1 values that lie `stride` elements apart: with m the
/// largest value (the first NaN is not: comparisons skip it), e = exp(x - m),
/// the sum of e from +0 in index order in float32, y = e / sum.
inline void softmax(const float *input, float *output, int64_t count,
                    int64_t stride = 1) {
  float largest = input[0];
  for (int64_t i = 1; i < count; ++i)
    largest = largest < input[i * stride] ? input[i * stride] : largest;
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    output[i * stride] = exp(input[i * stride] - largest);
    sum += output[i * stride];
  }
  for (int64_t i = 0; i < count; ++i)
    output[i * stride] = output[i * stride] / sum;
}

} // namespace shift::math

#endif // SHIFT_SUPPORT_FLOATMATH_H
