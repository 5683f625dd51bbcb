//===- GroupNormTest.cpp - Statistics and coefficients --------------------===//
// SPDX-License-Identifier: Apache-2.0
// The order of additions shows in the low bits, so sums that cancel tell
// whether the stated order is kept.
//===----------------------------------------------------------------------===//
#include "shift/Support/GroupNorm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

using namespace shift;

namespace {

TEST(GroupNormTest, IntegerSumsAreExact) {
  std::vector<int16_t> values(100000, -32768);
  IntegerSums sums = integerPlaneSums(values.data(), values.size());
  EXPECT_EQ(sums.sum, -3276800000);
  EXPECT_EQ(sums.squares, 107374182400000);
  IntegerSums group = sums;
  addPlane(group, sums);
  EXPECT_EQ(group.sum, -6553600000);
}

TEST(GroupNormTest, FloatSumsUseSixteenPartialSums) {
  // 1e30 and -1e30 meet in one partial sum and leave the ones beside them whole
  // (index 0 and 16); in index order the ones would vanish.
  std::vector<float> values(32, 1.0f);
  values[0] = 1e30f;
  values[16] = -1e30f;
  EXPECT_EQ(floatPlaneSums(values.data(), 32).sum, 30.0);
  EXPECT_EQ(floatPlaneSum(values.data(), 32), 30.0);
  // Index 0 and 15 are partial sums of their own: added last, the big number
  // cancels after it swallowed the others.
  values.assign(16, 1.0f);
  values[0] = 1e30f;
  values[15] = -1e30f;
  EXPECT_EQ(floatPlaneSum(values.data(), 16), 0.0);
}

TEST(GroupNormTest, StridedSumsIndexByElement) {
  std::vector<float> values(96, 100.0f);
  for (int i = 0; i < 32; ++i)
    values[i * 3] = static_cast<float>(i);
  EXPECT_EQ(floatPlaneSum(values.data(), 32, 3), 496.0);
  EXPECT_EQ(floatPlaneMean(values.data(), 32, 3), 15.5f);
}

TEST(GroupNormTest, MomentsAreClampedAtZero) {
  Moments moments = momentsOf(IntegerSums{6, 14}, 3);
  EXPECT_EQ(moments.mean, 2.0);
  EXPECT_EQ(moments.variance, 14.0 / 3.0 - 4.0);
  double third = 0.1;
  moments = momentsOf(FloatSums{3 * third, 3 * third * third}, 3);
  EXPECT_GE(moments.variance, 0.0);
  moments = momentsOf(FloatSums{2.0, 1.0}, 1);
  EXPECT_EQ(moments.variance, 0.0);
}

TEST(GroupNormTest, CoefficientsScaleByTheFraction) {
  // mean 2 and variance 4 in units of 2^-1: mean 1, variance 1.
  NormCoefficients coefficients =
      normCoefficients({2.0, 4.0}, 1, 0.0f, 3.0f, 5.0f);
  EXPECT_EQ(coefficients.scale, 3.0f);
  EXPECT_EQ(coefficients.offset, 2.0f);
  // The offset uses the scale before it is rounded.
  coefficients = normCoefficients({1e6, 2.0}, 0, 1.0f, 1.0f, 577350.0f);
  double scale = 1.0 / std::sqrt(3.0);
  EXPECT_EQ(coefficients.scale, static_cast<float>(scale));
  EXPECT_EQ(coefficients.offset, static_cast<float>(577350.0 - 1e6 * scale));
  EXPECT_NE(coefficients.offset,
            static_cast<float>(577350.0 - 1e6 * static_cast<float>(scale)));
}

TEST(GroupNormTest, IntegerAndFloatPathsAgreeOnTheSameValues) {
  std::vector<int16_t> q;
  std::vector<float> x;
  for (int i = 0; i < 1000; ++i) {
    q.push_back(static_cast<int16_t>((i * 7919) % 1001 - 500));
    x.push_back(static_cast<float>(q.back()) / 16.0f);
  }
  NormCoefficients fromIntegers = normCoefficients(
      momentsOf(integerPlaneSums(q.data(), 1000), 1000), 4, 1e-5f, 0.7f, -0.2f);
  NormCoefficients fromFloats = normCoefficients(
      momentsOf(floatPlaneSums(x.data(), 1000), 1000), 0, 1e-5f, 0.7f, -0.2f);
  EXPECT_EQ(fromIntegers.scale, fromFloats.scale);
  EXPECT_EQ(fromIntegers.offset, fromFloats.offset);
}

} // namespace
