//===- FloatMathDetail.h - Building blocks of FloatMath.h -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Argument splitting, scaling, double-float arithmetic and reduced polynomials.
// Coefficients are minimax fits in the float32 nearest to each. Only
// FloatMath.h includes this file.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FLOATMATHDETAIL_H
#define SHIFT_SUPPORT_FLOATMATHDETAIL_H

#include "shift/Support/FloatOps.h"

#include <cstdint>

namespace shift::math::detail {

constexpr int32_t signBit = INT32_MIN;
constexpr int32_t magnitudeBits = INT32_MAX;
constexpr int32_t infinityBits = 0x7F800000;
constexpr int32_t nanBits = 0x7FC00000;
constexpr int mantissaBits = 23;

/// Adding 1.5 * 2^23 rounds a float below 2^22 to an integer, which then stands
/// in the low bits.
constexpr float roundingShift = 12582912.0f;
constexpr int32_t roundingShiftBits = 0x4B400000;

/// ln 2 = ln2High + ln2Low; ln2High has 15 bits, so its products with integers
/// below 2^9 are exact.
constexpr float ln2High = 0x1.62e4p-1f;
constexpr float ln2Low = 0x1.7f7d1cp-20f;
constexpr float ln2 = 0x1.62e43p-1f;
constexpr float log2E = 0x1.715476p+0f;

template <typename Ops>
Number<Ops> absolute(Number<Ops> x) {
  Ops &ops = *x.ops;
  return x.with(
      ops.fromBits(ops.andInt(ops.bits(x.value), ops.integer(magnitudeBits))));
}

/// `magnitude` (sign bit clear) with the sign bit of the integer `sign` set.
template <typename Ops>
Number<Ops> withSign(Number<Ops> magnitude, typename Ops::Int sign) {
  Ops &ops = *magnitude.ops;
  return magnitude.with(
      ops.fromBits(ops.orInt(ops.bits(magnitude.value), sign)));
}

/// `result`, or the NaN of fixed bits where `isNan`.
template <typename Ops>
typename Ops::Float orNan(Ops &ops, typename Ops::Bool isNan,
                          typename Ops::Float result) {
  return ops.select(isNan, ops.fromBits(ops.integer(nanBits)), result);
}

/// c[0] + c[1] x + ..., by Horner's rule.
template <typename Ops, int n>
Number<Ops> polynomial(Number<Ops> x, const float (&c)[n]) {
  Number<Ops> sum = x.constant(c[n - 1]);
  for (int i = n - 2; i >= 0; --i)
    sum = sum * x + c[i];
  return sum;
}

/// high + low, |low| at most half an ulp of high.
template <typename Ops>
struct Pair {
  Number<Ops> high;
  Number<Ops> low;
};

/// a + b without error for |a| >= |b| or a = 0.
template <typename Ops>
Pair<Ops> fastTwoSum(Number<Ops> a, Number<Ops> b) {
  Number<Ops> sum = a + b;
  return {sum, b - (sum - a)};
}

/// e^r for |r| <= 0.348: 1 + r + r^2 P(r), minimax P; 1 + r without error.
template <typename Ops>
Number<Ops> expReduced(Number<Ops> r) {
  constexpr float c[] = {0x1p-1f,       0x1.555556p-3f,  0x1.55548cp-5f,
                         0x1.11108p-7f, 0x1.6d8f8cp-10f, 0x1.a1b628p-13f};
  Pair<Ops> linear = fastTwoSum(r.constant(1.0f), r);
  return linear.high + (linear.low + r * r * polynomial(r, c));
}

/// 2^n for -126 <= n <= 127; anything for other n.
template <typename Ops>
Number<Ops> powerOfTwo(Number<Ops> like, typename Ops::Int n) {
  Ops &ops = *like.ops;
  return like.with(ops.fromBits(
      ops.shiftLeft(ops.addInt(n, ops.integer(127)), mantissaBits)));
}

/// x * 2^n for x near 1 and |n| <= 252. Two steps: the first product is exact,
/// so a subnormal result is rounded once.
template <typename Ops>
Number<Ops> scale(Number<Ops> x, typename Ops::Int n) {
  Ops &ops = *x.ops;
  typename Ops::Int half = ops.shiftRight(n, 1);
  return x * powerOfTwo(x, half) * powerOfTwo(x, ops.subInt(n, half));
}

/// An integer as float and as int.
template <typename Ops>
struct Rounded {
  Number<Ops> number;
  typename Ops::Int integer;
};

/// The integer next to x, |x| < 2^22.
template <typename Ops>
Rounded<Ops> nearestInteger(Number<Ops> x) {
  Ops &ops = *x.ops;
  Number<Ops> shifted = x + roundingShift;
  return {shifted - roundingShift,
          ops.subInt(ops.bits(shifted.value), ops.integer(roundingShiftBits))};
}

/// x = mantissa * 2^exponent, sqrt(1/2) <= mantissa < sqrt(2).
template <typename Ops>
struct Split {
  Number<Ops> mantissa;
  Number<Ops> exponent;
};

/// Splits a positive finite x, subnormals included.
template <typename Ops>
Split<Ops> splitPositive(Number<Ops> x) {
  constexpr int32_t sqrtHalfBits = 0x3F3504F3;
  Ops &ops = *x.ops;
  typename Ops::Bool isTiny = ops.less(x.value, ops.constant(0x1p-126f));
  typename Ops::Int bits =
      ops.bits(ops.select(isTiny, (x * 0x1p23f).value, x.value));
  typename Ops::Int offset = ops.subInt(bits, ops.integer(sqrtHalfBits));
  typename Ops::Int exponent = ops.shiftRight(offset, mantissaBits);
  typename Ops::Int mantissa =
      ops.subInt(bits, ops.shiftLeft(exponent, mantissaBits));
  typename Ops::Int correction =
      ops.selectInt(isTiny, ops.integer(-23), ops.integer(0));
  return {x.with(ops.fromBits(mantissa)),
          x.with(ops.toFloat(ops.addInt(exponent, correction)))};
}

/// The upper 12 bits of a significand.
template <typename Ops>
Number<Ops> upperHalf(Number<Ops> x) {
  Ops &ops = *x.ops;
  return x.with(
      ops.fromBits(ops.andInt(ops.bits(x.value), ops.integer(-0x1000))));
}

/// a * b without error (Dekker), unless it overflows or underflows.
template <typename Ops>
Pair<Ops> twoProduct(Number<Ops> a, Number<Ops> b) {
  Number<Ops> product = a * b;
  Number<Ops> aHigh = upperHalf(a), bHigh = upperHalf(b);
  Number<Ops> aLow = a - aHigh, bLow = b - bHigh;
  Number<Ops> error = (aHigh * bHigh - product) + aHigh * bLow;
  return {product, (error + aLow * bHigh) + aLow * bLow};
}

/// log2 x for positive finite x, to about 35 bits: with x = m * 2^e and
/// s = (m-1)/(m+1), log2 x = e + (2 / ln 2) * (s + s^3/3 + s^5 P(s^2)), where P
/// is minimax and s, s^3/3 are double-float.
template <typename Ops>
Pair<Ops> log2Pair(Number<Ops> x) {
  constexpr float c[] = {0x1.999a6p-3f, 0x1.243e16p-3f, 0x1.e2566ep-4f};
  constexpr float thirdHigh = 0x1.555556p-2f, thirdLow = -0x1.555556p-27f;
  constexpr float factorHigh = 0x1.715476p+1f, factorLow = 0x1.4ae0cp-25f;
  Split<Ops> parts = splitPositive(x);
  Number<Ops> numerator = parts.mantissa - 1.0f;
  Number<Ops> denominator = parts.mantissa + 1.0f;
  Number<Ops> denominatorLow = parts.mantissa - (denominator - 1.0f);
  Number<Ops> s = numerator / denominator;
  Pair<Ops> back = twoProduct(s, denominator);
  Number<Ops> sLow =
      (((numerator - back.high) - back.low) - s * denominatorLow) / denominator;
  Pair<Ops> z = twoProduct(s, s);
  Number<Ops> zLow = z.low + (s + s) * sLow;
  Pair<Ops> third = twoProduct(z.high, x.constant(thirdHigh));
  Number<Ops> thirdRest = third.low + (zLow * thirdHigh + z.high * thirdLow) +
                          z.high * z.high * polynomial(z.high, c);
  Pair<Ops> cube = twoProduct(s, third.high);
  Pair<Ops> sum = fastTwoSum(s, cube.high);
  Number<Ops> sumLow =
      sum.low + ((cube.low + sLow) + (s * thirdRest + sLow * third.high));
  Pair<Ops> scaled = twoProduct(sum.high, x.constant(factorHigh));
  Number<Ops> scaledLow =
      scaled.low + (sum.high * factorLow + sumLow * factorHigh);
  Pair<Ops> total = fastTwoSum(parts.exponent, scaled.high);
  return fastTwoSum(total.high, total.low + scaledLow);
}

/// x^y for positive finite x and finite y: 2^(y log2 x).
template <typename Ops>
Number<Ops> powPositive(Number<Ops> x, Number<Ops> y) {
  // Far beyond the exponents of float32, where the result is 0 or infinite.
  constexpr float limit = 160.0f;
  Ops &ops = *x.ops;
  Pair<Ops> logarithm = log2Pair(x);
  Pair<Ops> product = twoProduct(y, logarithm.high);
  Number<Ops> low = product.low + y * logarithm.low;
  typename Ops::Bool isLarge =
      ops.less(ops.constant(limit), product.high.value);
  typename Ops::Bool isSmall =
      ops.less(product.high.value, ops.constant(-limit));
  Number<Ops> high = x.with(ops.select(
      isLarge, ops.constant(limit),
      ops.select(isSmall, ops.constant(-limit), product.high.value)));
  low = x.with(
      ops.select(ops.either(isLarge, isSmall), ops.constant(0.0f), low.value));
  Rounded<Ops> n = nearestInteger(high);
  return scale(expReduced(((high - n.number) + low) * ln2), n.integer);
}

/// What pow has to know about y.
template <typename Ops>
struct IntegerKind {
  typename Ops::Bool isInteger;
  typename Ops::Bool isOdd;
};

/// Whether y is an integer and odd; from 2^24 all are even integers.
template <typename Ops>
IntegerKind<Ops> integerKind(Number<Ops> y) {
  Ops &ops = *y.ops;
  typename Ops::Bool isSmall =
      ops.less(absolute(y).value, ops.constant(0x1p24f));
  typename Ops::Float small = ops.select(isSmall, y.value, ops.constant(0.0f));
  typename Ops::Int whole = ops.truncate(small);
  typename Ops::Bool isInteger = ops.equal(ops.toFloat(whole), small);
  typename Ops::Bool isOdd =
      ops.equalInt(ops.andInt(whole, ops.integer(1)), ops.integer(1));
  return {isInteger, ops.both(isInteger, isOdd)};
}

} // namespace shift::math::detail

#endif // SHIFT_SUPPORT_FLOATMATHDETAIL_H
