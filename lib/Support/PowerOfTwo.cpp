//===- PowerOfTwo.cpp - Rounding of weights to signed powers of two -------===//
// SPDX-License-Identifier: Apache-2.0
// Works on the bits of the float32 numbers, so that no rounding mode and no
// math library can move a border between two powers of two.
//===----------------------------------------------------------------------===//
#include "shift/Support/PowerOfTwo.h"
#include "shift/Support/Fnv1a.h"
#include "shift/Support/Philox.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace shift {
namespace {

constexpr int mantissaBits = 23;
constexpr uint32_t mantissaMask = (1u << mantissaBits) - 1;
constexpr uint32_t nearestBorder = 0x400000;
constexpr uint32_t logBorder = 0x3504F4;

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// |value| = (1 + mantissa * 2^-23) * 2^exponent, also for subnormals.
struct Magnitude {
  int exponent;
  uint32_t mantissa;
};

/// Splits a non-zero finite value.
Magnitude magnitudeOf(float value) {
  uint32_t bits = bitsOf(value) & 0x7FFFFFFFu;
  int biased = static_cast<int>(bits >> mantissaBits);
  uint32_t mantissa = bits & mantissaMask;
  if (biased != 0)
    return {biased - 127, mantissa};
  // A subnormal has no implicit bit: shift its leading bit there.
  int exponent = -126;
  while (!(mantissa & (mantissaMask + 1))) {
    mantissa <<= 1;
    --exponent;
  }
  return {exponent, mantissa & mantissaMask};
}

bool roundsUp(uint32_t mantissa, Rounding rounding, uint32_t random23) {
  switch (rounding) {
  case Rounding::Nearest:
    return mantissa > nearestBorder;
  case Rounding::Log:
    return mantissa >= logBorder;
  case Rounding::Stochastic:
    return mantissa > random23;
  }
  return false;
}

/// |value| > 2^exponent for a non-zero value.
bool exceeds(float value, int exponent) {
  return std::fabs(value) > powerOfTwo(exponent);
}

/// A non-zero value with the part of rounding that no range changes.
struct Candidate {
  /// floor(log2 |value|).
  int exponent;
  /// The exponent it rounds to where the range does not cut it.
  int rounded;
  /// |value| is no power of two.
  bool hasMantissa;
};

Candidate candidateOf(float value, Rounding rounding, uint32_t random23) {
  Magnitude magnitude = magnitudeOf(value);
  bool isUp = roundsUp(magnitude.mantissa, rounding, random23);
  return {magnitude.exponent, magnitude.exponent + isUp,
          magnitude.mantissa > 0};
}

/// The exponent of the rounded value in `range`; false where it becomes 0.
bool cutToRange(const Candidate &candidate, ExponentRange range,
                Underflow underflow, int &exponent) {
  exponent = std::min(candidate.rounded, range.hi);
  if (candidate.exponent >= range.lo)
    return true;
  exponent = range.lo;
  bool isAboveHalf =
      candidate.exponent == range.lo - 1 && candidate.hasMantissa;
  return underflow == Underflow::Raise || isAboveHalf;
}

/// Adds the sums of (w - w_q)^2 of one channel of single-term weights to
/// `errors`, one a candidate for the window's top. Candidates lie in the inner
/// loop, so that their sums grow side by side.
void addSingleTermErrors(const float *weights, int64_t count,
                         const PowerOfTwoOptions &options,
                         const uint32_t *randoms, int lowestTop,
                         std::vector<double> &errors) {
  int candidates = static_cast<int>(errors.size());
  for (int64_t i = 0; i < count; ++i) {
    if (weights[i] == 0)
      continue;
    Candidate candidate =
        candidateOf(weights[i], options.rounding, randoms ? randoms[i] : 0);
    double magnitude = std::fabs(static_cast<double>(weights[i]));
    for (int c = 0; c < candidates; ++c) {
      int exponent;
      ExponentRange range =
          windowRange(options.range, options.window, lowestTop + c);
      bool isKept = cutToRange(candidate, range, options.underflow, exponent);
      double rounded = isKept ? static_cast<double>(powerOfTwo(exponent)) : 0.0;
      double error = magnitude - rounded;
      errors[c] += error * error;
    }
  }
}

/// The same for weights of several terms.
void addTermErrors(const float *weights, int64_t count,
                   const PowerOfTwoOptions &options, const uint32_t *randoms,
                   int lowestTop, std::vector<double> &errors) {
  Term terms[maxTerms];
  for (size_t c = 0; c < errors.size(); ++c) {
    ExponentRange range = windowRange(options.range, options.window,
                                      lowestTop + static_cast<int>(c));
    for (int64_t i = 0; i < count; ++i) {
      roundTerms(weights[i], range, options.rounding, options.underflow,
                 randoms ? randoms[i] : 0, options.terms, terms);
      double error = static_cast<double>(weights[i]) -
                     static_cast<double>(termsValue(terms, options.terms));
      errors[c] += error * error;
    }
  }
}

/// The top of the window that fits one channel best.
int chooseWindowTop(const float *weights, int64_t count,
                    const PowerOfTwoOptions &options, const uint32_t *randoms) {
  int lowestTop = lowestWindowTop(options.range, options.window);
  std::vector<double> errors(options.range.hi - lowestTop + 1, 0.0);
  auto addErrors = options.terms == 1 ? addSingleTermErrors : addTermErrors;
  addErrors(weights, count, options, randoms, lowestTop, errors);
  return lowestTop +
         static_cast<int>(std::min_element(errors.begin(), errors.end()) -
                          errors.begin());
}

/// Rounds one channel and adds what happened to `result`.
void roundChannel(const float *weights, int64_t count, ExponentRange range,
                  const PowerOfTwoOptions &options, const uint32_t *randoms,
                  Term *terms, RoundedWeights &result) {
  for (int64_t i = 0; i < count; ++i, terms += options.terms) {
    float weight = weights[i];
    roundTerms(weight, range, options.rounding, options.underflow,
               randoms ? randoms[i] : 0, options.terms, terms);
    double value = static_cast<double>(weight);
    double error =
        value - static_cast<double>(termsValue(terms, options.terms));
    result.signalPower += value * value;
    result.errorPower += error * error;
    result.maxAbs = std::max(result.maxAbs, std::fabs(weight));
    bool isZero = terms[0].sign == 0;
    result.zeros += isZero;
    result.underflowed += isZero && weight != 0;
    result.saturated += exceeds(weight, range.hi);
  }
}

/// The common part of the two public functions; `fixedTops` may be null, then
/// windows are chosen here.
RoundedWeights roundTensor(const float *weights, int64_t channels,
                           int64_t perChannel, const PowerOfTwoOptions &options,
                           std::string_view name, const int8_t *fixedTops) {
  RoundedWeights result;
  result.terms.resize(channels * perChannel * options.terms);
  bool isStochastic = options.rounding == Rounding::Stochastic;
  uint64_t key = roundingKey(options.seed, name);
  std::vector<uint32_t> randoms(isStochastic ? perChannel : 0);
  for (int64_t c = 0; c < channels; ++c) {
    const float *channel = weights + c * perChannel;
    for (size_t i = 0; i < randoms.size(); ++i)
      randoms[i] = philoxUniform23(
          key, options.step,
          options.isStoredTransposed ? i * channels + c : c * perChannel + i);
    const uint32_t *channelRandoms = isStochastic ? randoms.data() : nullptr;
    ExponentRange range = options.range;
    if (options.window > 0) {
      int top = fixedTops ? fixedTops[c]
                          : chooseWindowTop(channel, perChannel, options,
                                            channelRandoms);
      result.windowTops.push_back(static_cast<int8_t>(top));
      range = windowRange(range, options.window, top);
    }
    roundChannel(channel, perChannel, range, options, channelRandoms,
                 result.terms.data() + c * perChannel * options.terms, result);
  }
  return result;
}

std::string rangeText(ExponentRange range) {
  return std::to_string(range.lo) + ":" + std::to_string(range.hi);
}

} // namespace

int64_t findNonFinite(const float *values, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    if ((bitsOf(values[i]) & 0x7F800000u) == 0x7F800000u)
      return i;
  return -1;
}

float powerOfTwo(int exponent) {
  uint32_t bits = static_cast<uint32_t>(exponent + 127) << mantissaBits;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double doublePowerOfTwo(int exponent) {
  uint64_t bits = static_cast<uint64_t>(exponent + 1023) << 52;
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

float termValue(Term term) {
  return term.sign == 0 ? 0.0f : term.sign * powerOfTwo(term.exponent);
}

float termsValue(const Term *terms, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i)
    sum += termValue(terms[i]);
  return sum;
}

Term roundTerm(float value, ExponentRange range, Rounding rounding,
               Underflow underflow, uint32_t random23) {
  if (value == 0)
    return {};
  int exponent;
  if (!cutToRange(candidateOf(value, rounding, random23), range, underflow,
                  exponent))
    return {};
  return {static_cast<int8_t>(value < 0 ? -1 : 1),
          static_cast<int8_t>(exponent)};
}

void roundTerms(float value, ExponentRange range, Rounding rounding,
                Underflow underflow, uint32_t random23, int count,
                Term *terms) {
  std::fill(terms, terms + count, Term{});
  terms[0] = roundTerm(value, range, rounding, underflow, random23);
  if (terms[0].sign == 0)
    return;
  Rounding further =
      rounding == Rounding::Stochastic ? Rounding::Nearest : rounding;
  int lo = std::max(range.lo, terms[0].exponent - maxTermSpan);
  // The rest is an exact float32, unless the previous term saturated. Then it
  // is at least 2^hi, its low bits cannot matter, and it saturates again.
  float rest = value;
  for (int i = 1; i < count; ++i) {
    rest = static_cast<float>(static_cast<double>(rest) -
                              static_cast<double>(termValue(terms[i - 1])));
    int hi = terms[i - 1].exponent - 1;
    if (hi < lo)
      return;
    terms[i] = roundTerm(rest, {lo, hi}, further, Underflow::Zero);
    if (terms[i].sign == 0)
      return;
  }
}

ExponentRange windowRange(ExponentRange range, int window, int top) {
  if (window <= 0)
    return range;
  return {std::max(range.lo, top - window + 1), top};
}

int lowestWindowTop(ExponentRange range, int window) {
  return std::min(range.hi, range.lo + window - 1);
}

uint64_t roundingKey(uint64_t seed, std::string_view name) {
  return seed ^ fnv1a64(name);
}

RoundedWeights roundWeights(const float *weights, int64_t channels,
                            int64_t perChannel,
                            const PowerOfTwoOptions &options,
                            std::string_view name) {
  return roundTensor(weights, channels, perChannel, options, name, nullptr);
}

RoundedWeights roundWeightsInWindows(const float *weights, int64_t channels,
                                     int64_t perChannel,
                                     const PowerOfTwoOptions &options,
                                     std::string_view name,
                                     const int8_t *windowTops) {
  return roundTensor(weights, channels, perChannel, options, name, windowTops);
}

std::string checkOptions(const PowerOfTwoOptions &options) {
  ExponentRange range = options.range;
  if (range.lo > range.hi)
    return "expected range lo:hi with lo <= hi, got " + rangeText(range);
  if (range.lo < minExponent || range.hi > maxExponent)
    return "expected range within -126:127, got " + rangeText(range);
  if (options.terms < 1 || options.terms > maxTerms)
    return "expected terms in [1, 3], got " + std::to_string(options.terms);
  if (options.window < 0 || options.window > maxWindow)
    return "expected window in [0, 128], got " + std::to_string(options.window);
  return {};
}

} // namespace shift
