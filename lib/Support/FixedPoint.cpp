//===- FixedPoint.cpp - Fixed-point activations and accumulators ----------===//
// SPDX-License-Identifier: Apache-2.0
// Every rounding is spelled out in integers or in exact float64, so that the
// floating-point environment decides nothing.
//===----------------------------------------------------------------------===//
#include "shift/Support/FixedPoint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace shift {
namespace {

/// Integer biases and sums stay below this magnitude.
constexpr int magnitudeLimitBits = 120;

/// Quotient rounded to minus infinity; divisor > 0.
int128 floorDiv(int128 dividend, int128 divisor) {
  int128 quotient = dividend / divisor;
  return quotient - (dividend % divisor < 0);
}

/// A float64 number of magnitude below 2^magnitudeLimitBits, rounded half to
/// even.
int128 roundHalfEven(double value) {
  int128 whole = static_cast<int128>(value);
  // Exact: a number with a fraction is below 2^53.
  double rest = value - static_cast<double>(whole);
  double magnitude = std::fabs(rest);
  bool isAway = magnitude > 0.5 || (magnitude == 0.5 && (whole & 1));
  return isAway ? whole + (value < 0 ? -1 : 1) : whole;
}

/// 2^shift * value, or the nearest 128-bit end: the result is only compared
/// with limits far inside.
int128 shiftLeftSaturating(int128 value, int shift) {
  constexpr int128 limit = int128{1} << 126;
  if (value == 0)
    return 0;
  if (shift > 126 || value > (limit >> shift))
    return value > 0 ? limit : -limit;
  if (value < -(limit >> shift))
    return -limit;
  return value * (int128{1} << shift);
}

/// floor(acc / 2^shift), rounded half up instead unless `floors`; shift >= 0.
int128 shiftRight(int128 acc, int shift, bool floors) {
  if (shift == 0)
    return acc;
  if (floors)
    return acc >> std::min(shift, 127);
  // Adding the half may overflow; the bit below the cut says the same.
  if (shift > 127)
    return 0;
  return (acc >> shift) + ((acc >> (shift - 1)) & 1);
}

} // namespace

FixedPoint deepShiftFormat() {
  return {32, 32, true, 16, FixedRounding::Floor};
}

int32_t toFixed(float value, const FixedPoint &format) {
  if (value != value)
    return 0;
  // Exact: a float32 scaled by at most 2^32 is a normal float64.
  double scaled =
      static_cast<double>(value) * doublePowerOfTwo(format.fraction);
  double qMin = static_cast<double>(format.qMin());
  double qMax = static_cast<double>(format.qMax());
  if (scaled >= qMax)
    return static_cast<int32_t>(format.qMax());
  if (scaled <= qMin)
    return static_cast<int32_t>(format.qMin());
  if (format.rounding == FixedRounding::Floor) {
    int64_t whole = static_cast<int64_t>(scaled);
    return static_cast<int32_t>(whole - (static_cast<double>(whole) > scaled));
  }
  return static_cast<int32_t>(roundHalfEven(scaled));
}

float toFloat(int64_t q, const FixedPoint &format) {
  return scaleByPowerOfTwo(static_cast<float>(q), -format.fraction);
}

int64_t saturate(int128 value, const FixedPoint &format) {
  if (value < format.qMin())
    return format.qMin();
  if (value > format.qMax())
    return format.qMax();
  return static_cast<int64_t>(value);
}

int64_t requantize(int128 acc, int shift, const FixedPoint &format) {
  if (shift < 0)
    return saturate(shiftLeftSaturating(acc, -shift), format);
  bool floors = format.rounding == FixedRounding::Floor;
  return saturate(shiftRight(acc, shift, floors), format);
}

int64_t requantizeWithBias(int128 sum, int128 bias, int shift,
                           const FixedPoint &format) {
  return requantize(sumBeforeRounding(sum, bias, shift), std::max(shift, 0),
                    format);
}

int128 sumBeforeRounding(int128 sum, int128 bias, int shift) {
  return (shift >= 0 ? sum : shiftLeftSaturating(sum, -shift)) + bias;
}

/// floor(value) within +-2^126.
static int128 floorSaturating(double value) {
  constexpr double limit = 0x1p126;
  if (value >= limit)
    return int128{1} << 126;
  if (value <= -limit)
    return -(int128{1} << 126);
  return static_cast<int128>(std::floor(value));
}

PassInterval passInterval(const FixedPoint &format, int shift,
                          std::optional<float> min, std::optional<float> max) {
  // A float32 in these units is an exact float64.
  const double unit =
      doublePowerOfTwo(std::clamp(format.fraction + shift, -800, 800));
  constexpr int128 limit = int128{1} << 126;
  PassInterval interval{
      std::max(shiftLeftSaturating(format.qMin(), shift), -limit),
      std::min(shiftLeftSaturating(format.qMax(), shift), limit)};
  if (min)
    interval.least = std::max(
        interval.least, floorSaturating(static_cast<double>(*min) * unit) + 1);
  if (max)
    interval.most = std::min(
        interval.most, -floorSaturating(-static_cast<double>(*max) * unit) - 1);
  return interval;
}

bool passesGradient(float x, const FixedPoint &format, std::optional<float> min,
                    std::optional<float> max) {
  const double scaled =
      static_cast<double>(x) * doublePowerOfTwo(format.fraction);
  return scaled >= static_cast<double>(format.qMin()) &&
         scaled <= static_cast<double>(format.qMax()) && (!min || x > *min) &&
         (!max || x < *max);
}

int biasUnit(int channelExponent, int fractionIn, int fractionOut) {
  int shift = fractionIn - channelExponent - fractionOut;
  return shift >= 0 ? channelExponent - fractionIn : -fractionOut;
}

RoundedBias roundBias(float bias, int unit) {
  RoundedBias result;
  // Exact while it is a normal float64; beyond that it overflows or is tiny.
  double scaled = static_cast<double>(bias) *
                  doublePowerOfTwo(std::clamp(-unit, -800, 800));
  if (!(std::fabs(scaled) < doublePowerOfTwo(magnitudeLimitBits))) {
    result.overflow = true;
    return result;
  }
  result.value = roundHalfEven(scaled);
  result.error = (scaled - static_cast<double>(result.value)) *
                 doublePowerOfTwo(std::clamp(unit, -800, 800));
  return result;
}

float accToFloat(int128 acc, int exponent) {
  return scaleByPowerOfTwo(static_cast<float>(acc), exponent);
}

float scaleByPowerOfTwo(float value, int exponent) {
  // A non-zero float32 lies in 2^-149..2^128, so scales beyond 2^+-300 change
  // nothing, and within them the float64 product is exact.
  return static_cast<float>(static_cast<double>(value) *
                            doublePowerOfTwo(std::clamp(exponent, -300, 300)));
}

int64_t averagePool(int64_t sum, int64_t n, int fractionIn,
                    const FixedPoint &out) {
  int shift = out.fraction - fractionIn;
  int128 count = n;
  if (shift < 0) {
    // (sum / 2^s) / n + 1/2 = (2 sum + n 2^s) / (2 n 2^s)
    int128 divisor = count << -shift;
    return saturate(floorDiv(2 * int128{sum} + divisor, 2 * divisor), out);
  }
  // The whole part is shifted apart from the rest, so that nothing overflows.
  int128 whole = floorDiv(sum, count);
  int128 rest = sum - whole * count;
  int128 rounded = floorDiv(((2 * rest) << shift) + count, 2 * count);
  return saturate(shiftLeftSaturating(whole, shift) + rounded, out);
}

int chooseFraction(float v, int64_t qMax) {
  if (v == 0)
    return 0;
  double limit = static_cast<double>(qMax) + 0.5;
  for (int f = maxFraction; f > minFraction; --f)
    if (static_cast<double>(v) * doublePowerOfTwo(f) < limit)
      return f;
  return minFraction;
}

int channelExponent(const Term *terms, int64_t count, int fallback) {
  int smallest = maxExponent + 1;
  for (int64_t i = 0; i < count; ++i)
    if (terms[i].sign != 0)
      smallest = std::min<int>(smallest, terms[i].exponent);
  return smallest > maxExponent ? fallback : smallest;
}

AccumulatorBound weightMagnitude(const Term *terms, int64_t count,
                                 int exponent) {
  // Terms are many, exponents few.
  std::array<int64_t, 256> counts{};
  for (int64_t i = 0; i < count; ++i)
    counts[terms[i].exponent + 128] += terms[i].sign != 0;
  AccumulatorBound bound;
  for (int i = 0; i < 256 && !bound.overflow; ++i) {
    if (counts[i] == 0)
      continue;
    int shift = i - 128 - exponent;
    bound.overflow =
        shift < 0 || shift > 126 ||
        static_cast<uint128>(counts[i]) >= (uint128{1} << (127 - shift));
    if (!bound.overflow)
      bound.value += static_cast<uint128>(counts[i]) << shift;
    bound.overflow |= (bound.value >> 127) != 0;
  }
  return bound;
}

AccumulatorBound accumulatorBound(uint64_t maxAbsQ,
                                  const AccumulatorBound &weightSum,
                                  uint128 absBias, int shift) {
  constexpr uint128 limit = (uint128{1} << 127) - 1;
  AccumulatorBound bound;
  bound.overflow = weightSum.overflow || absBias > limit;
  if (!bound.overflow && maxAbsQ != 0)
    bound.overflow = weightSum.value > limit / maxAbsQ;
  if (bound.overflow)
    return bound;
  uint128 product = weightSum.value * maxAbsQ;
  uint128 half = 0;
  if (shift > 0) {
    bound.overflow = shift > 127;
    half = bound.overflow ? 0 : uint128{1} << (shift - 1);
  } else if (shift < 0 && product != 0) {
    bound.overflow = shift < -126 || product > (limit >> -shift);
    if (!bound.overflow)
      product <<= -shift;
  }
  // Each part is at most 2^127 - 1, so the first sum cannot wrap.
  uint128 sum = product + absBias;
  bound.overflow |= sum > limit || limit - sum < half;
  bound.value = bound.overflow ? 0 : sum + half;
  return bound;
}

uint64_t magnitudeLimit(uint64_t maxAbsQ, int bits) {
  return ((uint64_t{1} << (bits - 1)) - 1) / maxAbsQ;
}

int64_t productsThatFit(uint64_t *magnitudes, int64_t count, uint64_t limit) {
  if (std::accumulate(magnitudes, magnitudes + count, uint64_t{0}) <= limit)
    return count;
  // Often few fit, so that taking the largest off a heap beats sorting.
  uint64_t *end = magnitudes + count;
  std::make_heap(magnitudes, end);
  uint64_t sum = 0;
  for (int64_t n = 0; n < count; ++n) {
    if ((sum += magnitudes[0]) > limit)
      return n;
    std::pop_heap(magnitudes, end--);
  }
  return count;
}

int accumulatorBits(const AccumulatorBound &bound) {
  if (bound.overflow)
    return 129;
  int bits = 1;
  while (bits < 128 && (bound.value >> (bits - 1)) != 0)
    ++bits;
  return bits;
}

} // namespace shift
