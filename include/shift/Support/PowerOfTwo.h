//===- PowerOfTwo.h - Rounding of weights to signed powers of two ---------===//
// SPDX-License-Identifier: Apache-2.0
// The one definition of how a float32 weight becomes s * 2^p or a sum of up to
// three such terms. The pass, the trainer and the tests call it; the NumPy
// reference of the Python package restates it independently.
//
// Rules, with k = floor(log2 |w|) and m the 23-bit mantissa field of w (of the
// renormalised value where w is subnormal), for an exponent range lo..hi:
//
//   w = 0                         0
//   |w| < 2^lo, underflow zero    0 if |w| <= 2^(lo-1), else 2^lo
//   |w| < 2^lo, underflow raise   2^lo
//   nearest                       2^(k+1) if m >  0x400000, else 2^k
//   log                           2^(k+1) if m >= 0x3504F4, else 2^k
//   stochastic                    2^(k+1) if m >  u,        else 2^k
//   above 2^hi                    2^hi
//
// u is uniform in 0..2^23-1 (see Philox.h): key = seed xor FNV-1a-64(name),
// counter = (step, flat index).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_POWEROFTWO_H
#define SHIFT_SUPPORT_POWEROFTWO_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shift {

/// How a magnitude between two powers of two picks one of them.
enum class Rounding { Nearest, Log, Stochastic };

/// What becomes of non-zero magnitudes below the smallest power of two.
enum class Underflow { Zero, Raise };

/// Inclusive range of exponents, -126 <= lo <= hi <= 127.
struct ExponentRange {
  int lo;
  int hi;
};

inline bool operator==(ExponentRange a, ExponentRange b) {
  return a.lo == b.lo && a.hi == b.hi;
}
inline bool operator!=(ExponentRange a, ExponentRange b) { return !(a == b); }

/// The smallest and largest exponents that a range may name: those of normal
/// float32 numbers, so that every weight is an exact float32.
constexpr int minExponent = -126;
constexpr int maxExponent = 127;

/// The most signed powers of two that one weight may be a sum of.
constexpr int maxTerms = 3;
/// Exponents of a window at most: relative to its top they fit int8_t.
constexpr int maxWindow = 128;

/// Exponents of the terms of one weight differ by at most this much, so that
/// their sum is an exact float32.
constexpr int maxTermSpan = 23;

/// One signed power of two: sign * 2^exponent. Sign 0 means "no term", and its
/// exponent is 0.
struct Term {
  int8_t sign = 0;
  int8_t exponent = 0;
};

inline bool operator==(Term a, Term b) {
  return a.sign == b.sign && a.exponent == b.exponent;
}
inline bool operator!=(Term a, Term b) { return !(a == b); }

/// Everything that decides how a tensor of weights is rounded.
struct PowerOfTwoOptions {
  ExponentRange range{-10, 5};
  Rounding rounding = Rounding::Nearest;
  Underflow underflow = Underflow::Zero;
  /// Number of exponents that one output channel may use; 0: the whole range.
  int window = 0;
  /// Signed powers of two a weight, 1 to maxTerms.
  int terms = 1;
  /// Seed and step of stochastic rounding.
  uint64_t seed = 0;
  uint32_t step = 0;
  /// The initializer stores its channels in the last dimension (K x M), while
  /// the weights to round are given channel after channel (M x K): the random
  /// number of weight k of channel c is number k * channels + c.
  bool isStoredTransposed = false;
};

/// A rounded tensor and what the rounding did to it.
struct RoundedWeights {
  /// options.terms entries a weight, in stored order; exponents of one weight
  /// fall strictly, absent terms come last.
  std::vector<Term> terms;
  /// Largest exponent of each channel's window; empty without a window.
  std::vector<int8_t> windowTops;
  /// Weights above 2^hi of their range or window.
  int64_t saturated = 0;
  /// Non-zero weights that became 0.
  int64_t underflowed = 0;
  /// Weights that are 0 after rounding (exact zeros included).
  int64_t zeros = 0;
  /// Sum of w^2 and of (w - w_q)^2, float64, in stored order.
  double signalPower = 0;
  double errorPower = 0;
  /// Largest |w| before rounding.
  float maxAbs = 0;
};

/// Index of the first NaN or infinity among `count` values, or -1.
int64_t findNonFinite(const float *values, int64_t count);

/// 2^exponent as a float32, exact; -126 <= exponent <= 127.
float powerOfTwo(int exponent);

/// 2^exponent as a float64, exact; -1022 <= exponent <= 1023.
double doublePowerOfTwo(int exponent);

/// The value of one term, an exact float32.
float termValue(Term term);

/// The sum of the `count` terms of one weight, an exact float32.
float termsValue(const Term *terms, int count);

/// Rounds one finite value to one term. `random23` is the 23-bit number of
/// stochastic rounding and unused otherwise.
Term roundTerm(float value, ExponentRange range, Rounding rounding,
               Underflow underflow, uint32_t random23 = 0);

/// Rounds one finite value to at most `count` terms, written to `terms`
/// (absent ones last). The first term is roundTerm's. Each further one rounds
/// the exact rest by the same rule (nearest if stochastic) with underflow zero,
/// in the same range cut below the previous term's exponent: a rest that is
/// larger saturates there, so 100 in -10:5 is 32+16.
void roundTerms(float value, ExponentRange range, Rounding rounding,
                Underflow underflow, uint32_t random23, int count, Term *terms);

/// The exponent range of a channel whose window of `window` exponents ends at
/// `top`; the whole range for window 0.
ExponentRange windowRange(ExponentRange range, int window, int top);

/// The smallest candidate for the top of a window of `window` exponents: lo +
/// window - 1, or hi where the window exceeds the range. The largest is hi.
int lowestWindowTop(ExponentRange range, int window);

/// The random numbers' key for the initializer called `name`.
uint64_t roundingKey(uint64_t seed, std::string_view name);

/// Rounds a tensor of `channels` output channels of `perChannel` weights each,
/// stored channel after channel. `name` is the initializer's. With a window,
/// each channel takes the top with the least sum of (w - w_q)^2 (float64,
/// stored order, multiply then add); a tie goes to the smallest top.
/// Precondition: values are finite (findNonFinite), options are valid
/// (checkOptions returned an empty string).
RoundedWeights roundWeights(const float *weights, int64_t channels,
                            int64_t perChannel,
                            const PowerOfTwoOptions &options,
                            std::string_view name);

/// Rounds again into windows chosen before (`windowTops`, one a channel, or
/// null for the whole range): what training does between two choices.
RoundedWeights roundWeightsInWindows(const float *weights, int64_t channels,
                                     int64_t perChannel,
                                     const PowerOfTwoOptions &options,
                                     std::string_view name,
                                     const int8_t *windowTops);

/// Returns an empty string, or what is wrong with the options: "expected
/// range within -126:127, got -200:5".
std::string checkOptions(const PowerOfTwoOptions &options);

} // namespace shift

#endif // SHIFT_SUPPORT_POWEROFTWO_H
