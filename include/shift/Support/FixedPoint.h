//===- FixedPoint.h - Fixed-point activations and accumulators ------------===//
// SPDX-License-Identifier: Apache-2.0
// Value = q * 2^-fraction. Conversion from and to float32, requantization of
// accumulators, biases, average pools, the accumulator's worst case: one
// definition each, for the passes, the interpreter and the tests of the
// generated code. All functions are total: no argument overflows.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FIXEDPOINT_H
#define SHIFT_SUPPORT_FIXEDPOINT_H

#include "shift/Support/PowerOfTwo.h"

#include <cstdint>
#include <optional>

namespace shift {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

/// The fractions that an activation may have.
constexpr int minFraction = -32;
constexpr int maxFraction = 31;

/// Rounding of values to fixed point and of accumulators to q.
enum class FixedRounding {
  /// Floats half to even, accumulators half up: the normal mode.
  HalfEven,
  /// Both to minus infinity: the `deepshift` mode.
  Floor
};

/// A fixed-point format: q has `bits` bits, lies in `storageBits` bits (8, 16
/// or 32), value = q * 2^-fraction.
struct FixedPoint {
  int bits = 16;
  int storageBits = 16;
  bool isSigned = true;
  int fraction = 0;
  FixedRounding rounding = FixedRounding::HalfEven;

  /// Smallest and largest q: -2^(bits-1) and 2^(bits-1)-1, or 0 and 2^bits-1.
  int64_t qMin() const { return isSigned ? -(int64_t{1} << (bits - 1)) : 0; }
  int64_t qMax() const {
    return (int64_t{1} << (isSigned ? bits - 1 : bits)) - 1;
  }
  /// Largest |q|.
  int64_t maxAbsQ() const { return isSigned ? -qMin() : qMax(); }
};

/// The format of DeepShift's published numbers: 32 bits, 16 of them fraction,
/// floor.
FixedPoint deepShiftFormat();

/// q of `value`: value * 2^fraction rounded by the format's rule, saturated to
/// qMin..qMax; NaN gives 0.
int32_t toFixed(float value, const FixedPoint &format);

/// q * 2^-fraction as a float32: exact for |q| <= 2^24, else rounded once, half
/// to even.
float toFloat(int64_t q, const FixedPoint &format);

/// value saturated to qMin..qMax.
int64_t saturate(int128 value, const FixedPoint &format);

/// Divides by 2^shift and rounds half up: (acc + 2^(shift-1)) >> shift, acc for
/// shift 0. Floor formats: acc >> shift. A negative shift is an exact left
/// shift. Then saturates. Right for every acc and shift.
int64_t requantize(int128 acc, int shift, const FixedPoint &format);

/// Requantize of a convolution: `sum` without bias in the unit 2^(e_c - f_in),
/// shift r = f_in - e_c - f_out. r >= 0: `bias` is in the same unit and added
/// first. r < 0: `bias` has the unit 2^-f_out and is added after the left
/// shift. |sum| and |bias| below 2^120 (roundBias, certificate).
int64_t requantizeWithBias(int128 sum, int128 bias, int shift,
                           const FixedPoint &format);

/// Numbers from `least` to `most`.
struct PassInterval {
  int128 least = 0, most = 0;

  bool contains(int128 value) const { return least <= value && value <= most; }
};

/// The integers v in units of 2^-(f_out + shift), shift >= 0, that a gradient
/// passes when they are rounded to `format`, saturated and clamped: with x the
/// number that v stands for, qMin <= x * 2^f <= qMax, x > min and x < max.
/// Ends stay within +-2^126.
PassInterval passInterval(const FixedPoint &format, int shift,
                          std::optional<float> min, std::optional<float> max);

/// The same of a float32 number; a NaN passes nothing.
bool passesGradient(float x, const FixedPoint &format, std::optional<float> min,
                    std::optional<float> max);

/// What requantizeWithBias rounds: an integer in units of 2^-(f_out + shift),
/// or of 2^-f_out where shift is negative.
int128 sumBeforeRounding(int128 sum, int128 bias, int shift);

/// The unit exponent of a convolution's integer bias: e_c - f_in where
/// r = f_in - e_c - f_out >= 0, else -f_out.
int biasUnit(int channelExponent, int fractionIn, int fractionOut);

/// A bias in units of 2^unit.
struct RoundedBias {
  int128 value = 0;
  /// The bias is not finite or |value| reaches 2^120; `value` is 0 then.
  bool overflow = false;
  /// bias - value * 2^unit, exact up to float64.
  double error = 0;
};

/// bias * 2^-unit rounded half to even.
RoundedBias roundBias(float bias, int unit);

/// float32(acc), rounded once half to even, times 2^exponent (rounded once more
/// only where that is subnormal, infinite where it exceeds float32).
float accToFloat(int128 acc, int exponent);

/// value * 2^exponent, rounded once to float32; any exponent.
float scaleByPowerOfTwo(float value, int exponent);

/// q of an average pool: floor(sum * 2^(fractionOut - fractionIn) / n + 1/2),
/// exact, saturated. `sum` is the integer sum of q, n >= 1 ONNX's count.
/// |sum| <= 2^62, n <= 2^31.
int64_t averagePool(int64_t sum, int64_t n, int fractionIn,
                    const FixedPoint &out);

/// The largest f in -32..31 with v * 2^f < qMax + 1/2 (-32 where there is
/// none); 0 for v = 0.
int chooseFraction(float v, int64_t qMax);

/// The smallest exponent of any of the `count` terms of one output channel:
/// e_c. `fallback` for a channel without weights, which is f_in - f_out, or lo
/// where the result is float32.
int channelExponent(const Term *terms, int64_t count, int fallback);

/// An unsigned bound, or the fact that it does not fit 127 bits.
struct AccumulatorBound {
  uint128 value = 0;
  bool overflow = false;
};

/// The sum of 2^(p - exponent) over the `count` terms of one output channel,
/// exponent = e_c.
AccumulatorBound weightMagnitude(const Term *terms, int64_t count,
                                 int exponent);

/// Worst case of an accumulator, requantize included: maxAbsQ * weightSum +
/// |bias|, plus the added half 2^(shift-1) where shift > 0, or with the product
/// shifted left by -shift where shift < 0 (|bias| is added after it). For a
/// float32 result pass shift 0.
AccumulatorBound accumulatorBound(uint64_t maxAbsQ,
                                  const AccumulatorBound &weightSum,
                                  uint128 absBias, int shift);

/// The largest sum of weight magnitudes of which products with activations of
/// magnitudes up to maxAbsQ >= 1 fit `bits` bits, 2 to 64, whatever the signs:
/// floor((2^(bits-1) - 1) / maxAbsQ).
uint64_t magnitudeLimit(uint64_t maxAbsQ, int bits);

/// How many of `count` weights of such magnitudes may be chosen, whichever they
/// are, for a sum of at most `limit` (magnitudeLimit): the largest n for which
/// the n largest fit. Reorders `magnitudes`, each below 2^63 / count.
int64_t productsThatFit(uint64_t *magnitudes, int64_t count, uint64_t limit);

/// Bits of the smallest two's complement integer that holds -bound..bound;
/// 129 where the bound overflowed.
int accumulatorBits(const AccumulatorBound &bound);

} // namespace shift

#endif // SHIFT_SUPPORT_FIXEDPOINT_H
