//===- PowerOfTwoTest.cpp - Rounding to signed powers of two --------------===//
// SPDX-License-Identifier: Apache-2.0
// Every float32 exponent times mantissas at and around the borders, against an
// oracle that compares distances instead of bits; then tensors.
//===----------------------------------------------------------------------===//
#include "shift/Support/PowerOfTwo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace shift;

namespace {

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double power(int exponent) { return std::ldexp(1.0, exponent); }

/// What one term should be, by comparing magnitudes. All sums and products here
/// are exact: 24-bit numbers of neighbouring exponents in float64.
float oracle(float value, ExponentRange range, Rounding rounding,
             Underflow underflow, uint32_t random23) {
  double magnitude = std::fabs(static_cast<double>(value));
  double result;
  if (magnitude == 0)
    return 0;
  if (magnitude < power(range.lo)) {
    bool isZero =
        underflow == Underflow::Zero && magnitude <= power(range.lo - 1);
    result = isZero ? 0 : power(range.lo);
  } else {
    double below = power(std::ilogb(magnitude));
    bool isUp;
    if (rounding == Rounding::Nearest)
      isUp = 2 * below - magnitude < magnitude - below;
    else if (rounding == Rounding::Log)
      isUp = magnitude * magnitude > 2 * below * below;
    else
      isUp = (magnitude / below - 1) * 0x1p23 > random23;
    result = std::min(isUp ? 2 * below : below, power(range.hi));
  }
  return static_cast<float>(std::copysign(result, value));
}

TEST(PowerOfTwoTest, AgreesWithTheOracleOnEveryExponent) {
  std::vector<uint32_t> mantissas = {
      0,        1,        2,        0x200000, 0x3504F2, 0x3504F3, 0x3504F4,
      0x3504F5, 0x3FFFFF, 0x400000, 0x400001, 0x7FFFFE, 0x7FFFFF};
  for (uint32_t bit = 0; bit < 23; ++bit) {
    mantissas.push_back(1u << bit);
    mantissas.push_back((0x5A5A5Au >> bit) & 0x7FFFFF);
  }
  const ExponentRange ranges[] = {{-10, 5},    {-4, 3},      {0, 0},
                                  {-126, 127}, {-126, -120}, {100, 127}};
  for (ExponentRange range : ranges)
    for (Rounding rounding :
         {Rounding::Nearest, Rounding::Log, Rounding::Stochastic})
      for (Underflow underflow : {Underflow::Zero, Underflow::Raise})
        for (uint32_t biased = 0; biased < 255; ++biased)
          for (uint32_t mantissa : mantissas)
            for (uint32_t sign : {0u, 1u}) {
              float value = fromBits(sign << 31 | biased << 23 | mantissa);
              uint32_t random = mantissa ^ (biased & 3);
              float got = termValue(
                  roundTerm(value, range, rounding, underflow, random));
              float want = oracle(value, range, rounding, underflow, random);
              ASSERT_EQ(got, want)
                  << value << " in " << range.lo << ":" << range.hi
                  << " rounding " << static_cast<int>(rounding);
            }
}

/// The default rounding of `value` in -10:5.
float rounded(float value, Rounding rounding = Rounding::Nearest) {
  return termValue(roundTerm(value, {-10, 5}, rounding, Underflow::Zero));
}

TEST(PowerOfTwoTest, TieGoesToSmallerMagnitude) {
  EXPECT_EQ(rounded(3.0f), 2.0f);
  EXPECT_EQ(rounded(-3.0f), -2.0f);
  EXPECT_EQ(rounded(0.6f), 0.5f);
  EXPECT_EQ(rounded(0x1p-11f), 0.0f);
  EXPECT_EQ(rounded(0x1.000002p-11f), 0x1p-10f);
}

TEST(PowerOfTwoTest, LogFollowsDeepShift) {
  EXPECT_EQ(rounded(0.1f, Rounding::Log), 0.125f);
  EXPECT_EQ(rounded(0.9f, Rounding::Log), 1.0f);
  EXPECT_EQ(rounded(1.5f, Rounding::Log), 2.0f);
  EXPECT_EQ(rounded(3.0f, Rounding::Log), 4.0f);
  EXPECT_EQ(rounded(1.41421354f, Rounding::Log), 1.0f);
  EXPECT_EQ(rounded(1.41421366f, Rounding::Log), 2.0f);
}

TEST(PowerOfTwoTest, StochasticExpectationIsTheWeight) {
  // Over all 2^23 random numbers, exactly `mantissa` round up.
  constexpr uint32_t mantissa = 1234567;
  float value = fromBits(127u << 23 | mantissa);
  int64_t ups = 0;
  for (uint32_t random = 0; random < (1u << 23); ++random)
    ups += roundTerm(value, {-10, 5}, Rounding::Stochastic, Underflow::Zero,
                     random)
               .exponent;
  EXPECT_EQ(ups, mantissa);
}

/// The value of `value` as `count` terms in -10:5.
float summed(float value, int count, Rounding rounding = Rounding::Nearest) {
  Term terms[maxTerms];
  roundTerms(value, {-10, 5}, rounding, Underflow::Zero, 0, count, terms);
  return termsValue(terms, count);
}

TEST(PowerOfTwoTest, FurtherTermsRoundTheRest) {
  EXPECT_EQ(summed(100.0f, 1), 32.0f);
  EXPECT_EQ(summed(100.0f, 2), 48.0f);
  EXPECT_EQ(summed(100.0f, 3), 56.0f);
  EXPECT_EQ(summed(7.0f, 2), 7.0f);
  EXPECT_EQ(summed(-0.7f, 2), -0.75f);
  EXPECT_EQ(summed(1.5f, 2, Rounding::Log), 1.5f);
  EXPECT_EQ(summed(0.0f, 3), 0.0f);
}

TEST(PowerOfTwoTest, ExponentsFallAndSpanAtMostTwentyThree) {
  const ExponentRange wide = {-126, 127};
  for (uint32_t i = 0; i < 200000; ++i) {
    float value = fromBits((i * 2654435761u) & 0x7FFFFFFFu);
    if (!std::isfinite(value))
      continue;
    for (Rounding rounding : {Rounding::Nearest, Rounding::Log}) {
      Term terms[maxTerms];
      roundTerms(value, wide, rounding, Underflow::Raise, 0, maxTerms, terms);
      for (int t = 1; t < maxTerms && terms[t].sign; ++t) {
        ASSERT_LT(terms[t].exponent, terms[t - 1].exponent);
        ASSERT_LE(terms[0].exponent - terms[t].exponent, maxTermSpan);
      }
    }
  }
  // All mantissa bits set: 2 - 2^-23 would span 24 exponents.
  Term terms[maxTerms];
  roundTerms(0x1.fffffep0f, wide, Rounding::Nearest, Underflow::Zero, 0, 2,
             terms);
  EXPECT_EQ(termsValue(terms, 2), 2.0f);
}

TEST(PowerOfTwoTest, CountsWhatHappens) {
  const float weights[] = {0.0f, 0x1p-12f, 0x1p-10f, 32.0f, 33.0f, -1000.0f};
  RoundedWeights result = roundWeights(weights, 2, 3, {}, "w");
  EXPECT_EQ(result.zeros, 2);
  EXPECT_EQ(result.underflowed, 1);
  EXPECT_EQ(result.saturated, 2);
  EXPECT_EQ(result.maxAbs, 1000.0f);
  EXPECT_EQ(result.errorPower, 0x1p-24 + 1.0 + 968.0 * 968.0);
  EXPECT_EQ(result.signalPower,
            0x1p-24 + 0x1p-20 + 1024.0 + 1089.0 + 1000000.0);
  EXPECT_TRUE(result.windowTops.empty());
}

TEST(PowerOfTwoTest, WindowFitsEachChannel) {
  PowerOfTwoOptions options;
  options.window = 3;
  // Channel 0 is small, channel 1 large, channel 2 all zero: smallest top.
  const float weights[] = {0x1p-8f, 0x1p-9f, 0x1p-7f, 32.0f, 16.0f,
                           0x1p-7f, 0.0f,    0.0f,    0.0f};
  RoundedWeights result = roundWeights(weights, 3, 3, options, "w");
  EXPECT_EQ(result.windowTops, (std::vector<int8_t>{-7, 5, -8}));
  EXPECT_EQ(result.zeros, 4);
  RoundedWeights again = roundWeightsInWindows(weights, 3, 3, options, "w",
                                               result.windowTops.data());
  EXPECT_EQ(again.terms, result.terms);
}

TEST(PowerOfTwoTest, WindowBeyondTheRangeIsTheRange) {
  PowerOfTwoOptions options;
  options.window = 40;
  const float weight = 0x1p-10f;
  RoundedWeights result = roundWeights(&weight, 1, 1, options, "w");
  EXPECT_EQ(result.windowTops, (std::vector<int8_t>{5}));
  EXPECT_EQ(termValue(result.terms[0]), weight);
}

TEST(PowerOfTwoTest, StochasticDependsOnSeedStepNameAndIndex) {
  std::vector<float> weights(64, 1.5f);
  PowerOfTwoOptions options;
  options.rounding = Rounding::Stochastic;
  auto round = [&](uint64_t seed, uint32_t step, const char *name) {
    options.seed = seed;
    options.step = step;
    return roundWeights(weights.data(), 4, 16, options, name).terms;
  };
  auto base = round(1, 0, "w");
  EXPECT_EQ(round(1, 0, "w"), base);
  EXPECT_NE(round(2, 0, "w"), base);
  EXPECT_NE(round(1, 1, "w"), base);
  EXPECT_NE(round(1, 0, "v"), base);
  // The index is flat over the tensor, whatever its channels are.
  EXPECT_EQ(roundWeights(weights.data(), 1, 64, options, "v").terms,
            roundWeights(weights.data(), 8, 8, options, "v").terms);
}

TEST(PowerOfTwoTest, FindsNonFinite) {
  float values[] = {0.0f, std::numeric_limits<float>::max(), -0x1p-149f};
  EXPECT_EQ(findNonFinite(values, 3), -1);
  values[1] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(findNonFinite(values, 3), 1);
  values[0] = std::nanf("");
  EXPECT_EQ(findNonFinite(values, 3), 0);
}

TEST(PowerOfTwoTest, RefusesBadOptions) {
  PowerOfTwoOptions options;
  EXPECT_EQ(checkOptions(options), "");
  options.range = {5, -10};
  EXPECT_EQ(checkOptions(options),
            "expected range lo:hi with lo <= hi, got 5:-10");
  options.range = {-127, 5};
  EXPECT_EQ(checkOptions(options),
            "expected range within -126:127, got -127:5");
  options.range = {-10, 5};
  options.terms = 4;
  EXPECT_EQ(checkOptions(options), "expected terms in [1, 3], got 4");
  options.terms = 1;
  options.window = -1;
  EXPECT_EQ(checkOptions(options), "expected window in [0, 128], got -1");
}

} // namespace
