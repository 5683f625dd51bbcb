//===- TimingTest.cpp - Medians and percentiles ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Support/Timing.h"

#include <gtest/gtest.h>

#include <vector>

using namespace shift;

namespace {

/// `count`, ..., 2, 1.
std::vector<double> countDown(int count) {
  std::vector<double> values;
  for (int i = count; i > 0; --i)
    values.push_back(i);
  return values;
}

TEST(TimingTest, MedianIsTheMiddleOrTheMeanOfTwo) {
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({4, 1}), 2.5);
  EXPECT_EQ(median({9, 1, 4}), 4);
  EXPECT_EQ(median(countDown(10)), 5.5);
}

TEST(TimingTest, PercentileIsTheNearestRank) {
  EXPECT_EQ(percentile({7}, 95), 7);
  EXPECT_EQ(percentile(countDown(10), 95), 10);
  EXPECT_EQ(percentile(countDown(19), 95), 19);
  EXPECT_EQ(percentile(countDown(20), 95), 19);
  EXPECT_EQ(percentile(countDown(21), 95), 20);
  EXPECT_EQ(percentile(countDown(100), 95), 95);
  EXPECT_EQ(percentile(countDown(100), 100), 100);
}

} // namespace
