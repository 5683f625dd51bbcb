//===- FixedPointTest.cpp - Fixed-point activations and accumulators ------===//
// SPDX-License-Identifier: Apache-2.0
// Conversions against values worked out by hand and against other formulas in
// wider integers.
//===----------------------------------------------------------------------===//
#include "shift/Support/FixedPoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace shift;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

FixedPoint signedFormat(int bits, int fraction) {
  return {bits, bits > 8 ? 16 : 8, true, fraction};
}

TEST(FixedPointTest, LimitsFollowBitsAndSign) {
  EXPECT_EQ(signedFormat(10, 3).qMin(), -512);
  EXPECT_EQ(signedFormat(10, 3).qMax(), 511);
  EXPECT_EQ(signedFormat(10, 3).maxAbsQ(), 512);
  FixedPoint bytes{8, 8, false, 0};
  EXPECT_EQ(bytes.qMin(), 0);
  EXPECT_EQ(bytes.qMax(), 255);
  EXPECT_EQ(bytes.maxAbsQ(), 255);
}

TEST(FixedPointTest, GradientsPassInsideOfTheIntervalAndOfTheClamp) {
  // -8..7 in steps of 1/4; sums in steps of 1/16.
  const FixedPoint format = signedFormat(4, 2);
  const PassInterval all = passInterval(format, 2, std::nullopt, std::nullopt);
  EXPECT_EQ(int64_t(all.least), -8 * 4);
  EXPECT_EQ(int64_t(all.most), 7 * 4);
  // A number at a bound of the clamp does not pass, one a step from it does.
  const PassInterval relu = passInterval(format, 2, 0.0f, 1.5f);
  EXPECT_EQ(int64_t(relu.least), 1);
  EXPECT_EQ(int64_t(relu.most), 23);
  // Bounds between two steps.
  const PassInterval between = passInterval(format, 0, -0.3f, 0.3f);
  EXPECT_EQ(int64_t(between.least), -1);
  EXPECT_EQ(int64_t(between.most), 1);
  const PassInterval wide = passInterval(format, 200, std::nullopt, 1e30f);
  EXPECT_TRUE(wide.contains(-(int128{1} << 126)));
  EXPECT_TRUE(wide.contains((int128{1} << 126) - 1));
  EXPECT_FALSE(wide.contains(int128{1} << 126));
  for (int q = -60; q <= 60; ++q) {
    const float x = std::ldexp(static_cast<float>(q), -4);
    EXPECT_EQ(passesGradient(x, format, -1.25f, 1.0f),
              passInterval(format, 2, -1.25f, 1.0f).contains(q))
        << q;
  }
  EXPECT_FALSE(
      passesGradient(std::nanf(""), format, std::nullopt, std::nullopt));
  EXPECT_FALSE(passesGradient(infinity, format, std::nullopt, std::nullopt));
}

TEST(FixedPointTest, FloatsRoundHalfToEvenAndSaturate) {
  FixedPoint format = signedFormat(8, 1);
  EXPECT_EQ(toFixed(0.25f, format), 0);
  EXPECT_EQ(toFixed(0.75f, format), 2);
  EXPECT_EQ(toFixed(1.25f, format), 2);
  EXPECT_EQ(toFixed(-0.25f, format), 0);
  EXPECT_EQ(toFixed(-0.75f, format), -2);
  EXPECT_EQ(toFixed(-0.26f, format), -1);
  EXPECT_EQ(toFixed(63.5f, format), 127);
  EXPECT_EQ(toFixed(1e30f, format), 127);
  EXPECT_EQ(toFixed(-64.2f, format), -128);
  EXPECT_EQ(toFixed(infinity, format), 127);
  EXPECT_EQ(toFixed(-infinity, format), -128);
  EXPECT_EQ(toFixed(std::nanf(""), format), 0);
  FixedPoint bytes{8, 8, false, 0};
  EXPECT_EQ(toFixed(-3.0f, bytes), 0);
  EXPECT_EQ(toFixed(254.5f, bytes), 254);
  EXPECT_EQ(toFixed(300.0f, bytes), 255);
}

TEST(FixedPointTest, ExtremeFractionsAreExact) {
  EXPECT_EQ(toFixed(0x1p-31f, signedFormat(16, 31)), 1);
  EXPECT_EQ(toFixed(0x1p-149f, signedFormat(16, 31)), 0);
  EXPECT_EQ(toFixed(0x1.8p33f, signedFormat(16, -32)), 3);
  EXPECT_EQ(toFloat(-32768, signedFormat(16, -32)), -0x1p47f);
}

TEST(FixedPointTest, EveryIntegerComesBack) {
  for (int fraction : {-32, -3, 0, 7, 31})
    for (int q = -32768; q <= 32767; ++q) {
      FixedPoint format = signedFormat(16, fraction);
      float value = toFloat(q, format);
      ASSERT_EQ(std::ldexp(static_cast<double>(q), -fraction), value);
      ASSERT_EQ(toFixed(value, format), q);
    }
}

TEST(FixedPointTest, DeepShiftFloors) {
  FixedPoint format = deepShiftFormat();
  EXPECT_EQ(toFixed(0x1.8p-17f, format), 0);
  EXPECT_EQ(toFixed(-0x1p-20f, format), -1);
  EXPECT_EQ(toFixed(-1.0f, format), -65536);
  EXPECT_EQ(toFixed(40000.0f, format), INT32_MAX);
  EXPECT_EQ(toFixed(-40000.0f, format), INT32_MIN);
  EXPECT_EQ(requantize(-1, 4, format), -1);
  EXPECT_EQ(requantize(15, 4, format), 0);
  EXPECT_EQ(requantize(-1, 300, format), -1);
}

TEST(FixedPointTest, RequantizeRoundsHalfUp) {
  FixedPoint format = signedFormat(16, 0);
  EXPECT_EQ(requantize(5, 0, format), 5);
  EXPECT_EQ(requantize(2, 2, format), 1);
  EXPECT_EQ(requantize(1, 2, format), 0);
  EXPECT_EQ(requantize(-2, 2, format), 0);
  EXPECT_EQ(requantize(-3, 2, format), -1);
  EXPECT_EQ(requantize(3, -4, format), 48);
  EXPECT_EQ(requantize(3, -14, format), 32767);
  EXPECT_EQ(requantize(-2, -14, format), -32768);
  EXPECT_EQ(requantize(-3, -14, format), -32768);
  for (int shift = 1; shift <= 20; ++shift)
    for (int acc = -70000; acc <= 70000; acc += 7) {
      int64_t want = (acc + (1 << (shift - 1))) >> shift;
      want = std::clamp<int64_t>(want, -32768, 32767);
      ASSERT_EQ(requantize(acc, shift, format), want) << acc << " " << shift;
    }
}

TEST(FixedPointTest, RequantizeIsRightAtTheEndsOfTheAccumulator) {
  FixedPoint format = signedFormat(16, 0);
  const int128 highest = static_cast<int128>((uint128{1} << 127) - 1);
  const int128 lowest = -highest - 1;
  EXPECT_EQ(requantize(highest, 127, format), 1);
  EXPECT_EQ(requantize(lowest, 127, format), -1);
  EXPECT_EQ(requantize(lowest, 128, format), 0);
  EXPECT_EQ(requantize(highest, 128, format), 0);
  EXPECT_EQ(requantize(highest, 126, format), 2);
  EXPECT_EQ(requantize(highest, 300, format), 0);
  EXPECT_EQ(requantize(lowest, 300, format), 0);
  EXPECT_EQ(requantize(highest, -300, format), 32767);
  EXPECT_EQ(requantize(lowest, -300, format), -32768);
  EXPECT_EQ(requantize(1, -126, format), 32767);
  EXPECT_EQ(requantize(-1, -127, format), -32768);
  EXPECT_EQ(requantize(0, -300, format), 0);
}

TEST(FixedPointTest, BiasJoinsBeforeARightAndAfterALeftShift) {
  FixedPoint format = signedFormat(16, 0);
  EXPECT_EQ(requantizeWithBias(5, 3, 2, format), 2);
  EXPECT_EQ(requantizeWithBias(5, 3, -2, format), 23);
  EXPECT_EQ(requantizeWithBias(1, -(int128{1} << 119), -300, format), 32767);
  EXPECT_EQ(biasUnit(-10, 8, 4), -18);
  EXPECT_EQ(biasUnit(3, 8, 4), -5);
  EXPECT_EQ(biasUnit(6, 8, 4), -4);
}

TEST(FixedPointTest, BiasRoundsHalfToEvenOrReportsOverflow) {
  EXPECT_EQ(static_cast<int64_t>(roundBias(2.5f, 0).value), 2);
  EXPECT_EQ(static_cast<int64_t>(roundBias(-3.5f, 0).value), -4);
  EXPECT_EQ(static_cast<int64_t>(roundBias(0.375f, -2).value), 2);
  EXPECT_EQ(roundBias(0.375f, -2).error, -0.125);
  EXPECT_EQ(static_cast<int64_t>(roundBias(1.0f, 160).value), 0);
  EXPECT_FALSE(roundBias(0x1.fffffep119f, 0).overflow);
  EXPECT_TRUE(roundBias(0x1.fffffep119f, 0).value == int128{0xFFFFFF} << 96);
  EXPECT_TRUE(roundBias(0x1p120f, 0).overflow);
  EXPECT_TRUE(roundBias(1.0f, -157).overflow);
  EXPECT_TRUE(roundBias(3e38f, -157).overflow);
  EXPECT_TRUE(roundBias(infinity, 0).overflow);
  EXPECT_TRUE(roundBias(std::nanf(""), 0).overflow);
}

TEST(FixedPointTest, AccumulatorsConvertOnceHalfToEven) {
  EXPECT_EQ(accToFloat((1 << 24) + 1, 0), 0x1p24f);
  EXPECT_EQ(accToFloat((1 << 24) + 3, 0), 0x1.000004p24f);
  EXPECT_EQ(accToFloat(-5, -3), -0.625f);
  EXPECT_EQ(accToFloat((int128{1} << 126) + 1, -126), 1.0f);
  EXPECT_EQ(accToFloat(1, 128), infinity);
  EXPECT_EQ(accToFloat(int128{1} << 100, 159), infinity);
  EXPECT_EQ(accToFloat(1, -149), 0x1p-149f);
  EXPECT_EQ(accToFloat(1, -150), 0.0f);
  EXPECT_EQ(accToFloat(3, -150), 0x1p-148f);
  EXPECT_EQ(accToFloat(0x1000001, -157), 0x1p-133f);
  EXPECT_EQ(accToFloat(int128{1} << 120, -157), 0x1p-37f);
  EXPECT_EQ(scaleByPowerOfTwo(0x1p-149f, 277), infinity);
  EXPECT_EQ(scaleByPowerOfTwo(0x1p-149f, 276), 0x1p127f);
  EXPECT_EQ(scaleByPowerOfTwo(1.0f, -2000), 0.0f);
}

TEST(FixedPointTest, AveragePoolRoundsHalfUpExactly) {
  FixedPoint format = signedFormat(16, 0);
  for (int shift = -6; shift <= 6; ++shift)
    for (int64_t n : {1, 2, 3, 4, 7, 9, 49})
      for (int64_t sum = -3000; sum <= 3000; sum += 3) {
        format.fraction = 10 + shift;
        // Fits float64 exactly up to the one division by n.
        double scaled = std::ldexp(static_cast<double>(sum), shift + 6);
        int64_t numerator = 2 * static_cast<int64_t>(scaled) + 64 * n;
        int64_t divisor = 128 * n;
        int64_t want = numerator / divisor - (numerator % divisor < 0);
        want = std::clamp<int64_t>(want, -32768, 32767);
        ASSERT_EQ(averagePool(sum, n, 10, format), want)
            << sum << "/" << n << " shift " << shift;
      }
  format.fraction = 31;
  EXPECT_EQ(averagePool(int64_t{1} << 62, 1, -32, format), 32767);
  EXPECT_EQ(averagePool(-(int64_t{1} << 62), 1, -32, format), -32768);
  format.fraction = -32;
  EXPECT_EQ(averagePool(int64_t{1} << 62, 1, 31, format), 1);
  EXPECT_EQ(averagePool(-1, int64_t{1} << 31, 31, format), 0);
}

TEST(FixedPointTest, FractionIsTheLargestThatFits) {
  EXPECT_EQ(chooseFraction(0.0f, 32767), 0);
  EXPECT_EQ(chooseFraction(1.0f, 127), 6);
  EXPECT_EQ(chooseFraction(1.0f, 255), 7);
  EXPECT_EQ(chooseFraction(127.0f, 127), 0);
  EXPECT_EQ(chooseFraction(127.49f, 127), 0);
  EXPECT_EQ(chooseFraction(127.5f, 127), -1);
  EXPECT_EQ(chooseFraction(1e-30f, 127), 31);
  EXPECT_EQ(chooseFraction(0x1p-25f, 127), 31);
  EXPECT_EQ(chooseFraction(1e38f, 127), -32);
  EXPECT_EQ(chooseFraction(infinity, 127), -32);
}

TEST(FixedPointTest, ChannelExponentIsTheSmallest) {
  const Term terms[] = {{1, 3}, {-1, -2}, {}, {1, 5}};
  EXPECT_EQ(channelExponent(terms, 4, 9), -2);
  EXPECT_EQ(channelExponent(terms + 2, 1, 9), 9);
  EXPECT_TRUE(weightMagnitude(terms, 4, -2).value == 32 + 1 + 128);
  const Term wide[] = {{1, -126}, {1, 127}};
  EXPECT_TRUE(weightMagnitude(wide, 2, -126).overflow);
}

TEST(FixedPointTest, AccumulatorBoundCoversShiftBiasAndHalf) {
  AccumulatorBound weights{10, false};
  EXPECT_TRUE(accumulatorBound(128, weights, 7, 0).value == 1287);
  EXPECT_TRUE(accumulatorBound(128, weights, 7, 4).value == 1295);
  EXPECT_TRUE(accumulatorBound(128, weights, 7, -3).value == 10247);
  EXPECT_FALSE(accumulatorBound(128, weights, 7, 127).overflow);
  EXPECT_TRUE(accumulatorBound(128, weights, 7, 128).overflow);
  EXPECT_TRUE(accumulatorBound(128, weights, 7, -120).overflow);
  EXPECT_FALSE(accumulatorBound(0, weights, 7, -300).overflow);
  EXPECT_TRUE(accumulatorBound(128, {0, true}, 7, 0).overflow);
  EXPECT_TRUE(
      accumulatorBound(1u << 20, {uint128{1} << 110, false}, 0, 0).overflow);
}

TEST(FixedPointTest, AccumulatorBitsHoldTheBound) {
  auto bits = [](uint128 value) { return accumulatorBits({value, false}); };
  EXPECT_EQ(bits(0), 1);
  EXPECT_EQ(bits(1), 2);
  EXPECT_EQ(bits(32767), 16);
  EXPECT_EQ(bits(32768), 17);
  EXPECT_EQ(bits(INT32_MAX), 32);
  EXPECT_EQ(bits(uint128{1} << 31), 33);
  EXPECT_EQ(bits((uint128{1} << 127) - 1), 128);
  EXPECT_EQ(accumulatorBits({0, true}), 129);
}

} // namespace

TEST(FixedPointTest, MagnitudeLimitIsTheLargestSumThatFits) {
  EXPECT_EQ(magnitudeLimit(255, 16), 128u); // 255 * 128 = 32640
  EXPECT_EQ(magnitudeLimit(128, 16), 255u); // 128 * 256 is 2^15
  EXPECT_EQ(magnitudeLimit(7, 16), 4681u);  // 7 * 4681 = 2^15 - 1
  EXPECT_EQ(magnitudeLimit(32768, 32), 65535u);
  EXPECT_EQ(magnitudeLimit(1, 64), uint64_t{INT64_MAX});
  EXPECT_EQ(magnitudeLimit(uint64_t{1} << 31, 16), 0u);
}

TEST(FixedPointTest, ProductsThatFitTakesTheLargestFirst) {
  auto count = [](std::vector<uint64_t> magnitudes, uint64_t limit) {
    return productsThatFit(magnitudes.data(),
                           static_cast<int64_t>(magnitudes.size()), limit);
  };
  EXPECT_EQ(count({}, 5), 0);
  EXPECT_EQ(count({1, 4, 1, 2}, 8), 4);
  EXPECT_EQ(count({1, 4, 1, 2}, 7), 3);
  EXPECT_EQ(count({1, 4, 1, 2}, 6), 2);
  EXPECT_EQ(count({1, 4, 1, 2}, 5), 1);
  EXPECT_EQ(count({1, 4, 1, 2}, 3), 0);
  EXPECT_EQ(count({0, 0}, 0), 2);
}
