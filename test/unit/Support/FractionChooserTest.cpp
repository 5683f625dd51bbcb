//===- FractionChooserTest.cpp - Fraction bits from calibration values ----===//
// SPDX-License-Identifier: Apache-2.0
// The counters against sorting the values and chooseFraction.
//===----------------------------------------------------------------------===//
#include "shift/Support/FractionChooser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace shift;

namespace {

/// Values over many exponents, signs and borders of `qMax`.
std::vector<float> spreadValues(int64_t qMax, int count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> exponent(0.0f, 12.0f);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    float value = std::exp2(exponent(random));
    if (i % 3 == 0)
      value = std::ldexp(static_cast<float>(qMax) + 0.5f, i % 40 - 30);
    if (i % 17 == 0)
      value = 0;
    values.push_back(i % 2 ? value : -value);
  }
  return values;
}

TEST(FractionChooserTest, MatchesTheSortedPercentile) {
  for (int64_t qMax : {7, 127, 255, 511, 32767, 65535, 2147483647})
    for (int count : {1, 2, 99, 1000}) {
      std::vector<float> values = spreadValues(qMax, count, 3);
      FractionChooser chooser(qMax), half(qMax);
      chooser.add(values.data(), count / 2);
      half.add(values.data() + count / 2, count - count / 2);
      chooser.merge(half);
      std::vector<float> sorted;
      for (float value : values)
        sorted.push_back(std::fabs(value));
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(chooser.count(), count);
      EXPECT_EQ(chooser.maxAbs(), sorted.back());
      EXPECT_EQ(chooser.chooseMaximum(), chooseFraction(sorted.back(), qMax));
      for (int tenths = 1; tenths <= 1000; ++tenths) {
        int rank = (tenths * count + 999) / 1000;
        EXPECT_EQ(chooser.choosePercentile(tenths / 10.0),
                  chooseFraction(sorted[rank - 1], qMax))
            << qMax << " " << count << " " << tenths;
      }
    }
}

TEST(FractionChooserTest, DefaultPercentileIsExactAtRoundCounts) {
  // Of 10,000 values, 99.99 % is rank 9,999: the one outlier is left out.
  std::vector<float> values(9999, 1.0f);
  values.push_back(1000.0f);
  FractionChooser chooser(127);
  chooser.add(values.data(), values.size());
  EXPECT_EQ(chooser.choosePercentile(99.99), 6);
  EXPECT_EQ(chooser.choosePercentile(100), -3);
}

TEST(FractionChooserTest, HandlesOddValues) {
  FractionChooser chooser(127);
  EXPECT_EQ(chooser.chooseMaximum(), 0);
  const float values[] = {0.0f, std::nanf(""), -0.0f};
  chooser.add(values, 3);
  EXPECT_EQ(chooser.chooseMaximum(), 0);
  EXPECT_FALSE(chooser.hasNegative());
  const float more[] = {-0x1p-149f, std::numeric_limits<float>::infinity()};
  chooser.add(more, 1);
  EXPECT_EQ(chooser.chooseMaximum(), 31);
  EXPECT_TRUE(chooser.hasNegative());
  chooser.add(more + 1, 1);
  EXPECT_EQ(chooser.chooseMaximum(), -32);
}

TEST(FractionChooserTest, LeastSquaresFindsTheLeastError) {
  // One outlier among many small values: clipping it pays.
  std::vector<float> values;
  for (int i = 0; i < 20000; ++i)
    values.push_back(static_cast<float>(i % 997) / 997.0f);
  values.push_back(2.05f);
  FixedPoint format{8, 8, true, 0};
  LeastSquaresChooser chooser(format, 0, 12);
  chooser.add(values.data(), 10000);
  chooser.add(values.data() + 10000, values.size() - 10000);
  int best = chooser.choose();
  EXPECT_EQ(best, 6);
  for (int fraction = 0; fraction <= 12; ++fraction)
    EXPECT_GE(chooser.error(fraction), chooser.error(best));
}

TEST(FractionChooserTest, LeastSquaresTiesGoToTheSmallestFraction) {
  const float values[] = {1.0f, 2.0f, -3.0f};
  FixedPoint format{8, 8, true, 0};
  LeastSquaresChooser chooser(format, -3, 5);
  EXPECT_EQ(chooser.choose(), 0);
  chooser.add(values, 3);
  EXPECT_EQ(chooser.choose(), 0);
  EXPECT_EQ(chooser.error(5), 0.0);
}

} // namespace
