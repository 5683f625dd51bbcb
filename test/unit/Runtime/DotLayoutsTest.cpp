//===- DotLayoutsTest.cpp - Dot layouts give the weights back -------------===//
// SPDX-License-Identifier: Apache-2.0
// Weights are expanded and read back as a kernel would, by the definitions in
// WeightLayouts.h only.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>

using namespace shift;
using namespace shift::rt;

namespace {

/// Packed powers of two: every value is sign * 2^exponent times `unit`.
struct Sample {
  PackedWeights packed;
  std::vector<int> values;

  Sample(std::vector<int> given, int unit = 0) : values(std::move(given)) {
    std::vector<Term> terms;
    for (int value : values) {
      Term term;
      term.sign = static_cast<int8_t>((value > 0) - (value < 0));
      if (value)
        term.exponent =
            static_cast<int8_t>(unit + __builtin_ctz(std::abs(value)));
      terms.push_back(term);
    }
    packed = packWeights(terms.data(), static_cast<int64_t>(terms.size()), 1,
                         {-10, 15});
  }

  PackedView view() const {
    return {&packed.codebook, packed.codes.data(), packed.bits, packed.count};
  }
};

/// Weights up to 2^`largest` of which the first of each channel is 1.
Sample randomSample(const DotLayoutShape &shape, int largest, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int> values;
  for (int64_t i = 0; i < shape.outChannels * shape.tapsPerChannel; ++i)
    values.push_back(i % shape.tapsPerChannel == 0 ? 1
                     : random() % 4 == 0 ? 0
                                         : (1 << random() % (largest + 1)) *
                                               (random() % 2 ? 1 : -1));
  return Sample(values, -3);
}

/// Weight of tap `tap` of row `row` of a block, 0 where there is none.
int weightOf(const Sample &sample, const DotLayoutShape &shape, int64_t block,
             int64_t row, int64_t tap) {
  int64_t perGroup = shape.outChannels / shape.groups;
  int64_t perBlock = (perGroup + shape.rows - 1) / shape.rows;
  int64_t channel = block % perBlock * shape.rows + row;
  if (channel >= perGroup || tap >= shape.tapsPerChannel)
    return 0;
  return sample
      .values[(block / perBlock * perGroup + channel) * shape.tapsPerChannel +
              tap];
}

DotLayoutShape oddShape(int64_t taps) {
  DotLayoutShape shape;
  shape.outChannels = 10;
  shape.groups = 2;
  shape.rows = 3;
  shape.tapsPerChannel = taps;
  return shape;
}

TEST(DotLayoutsTest, Dot16PlanesAddUpToTheWeights) {
  for (const std::vector<int> &shifts :
       {std::vector<int>{0}, {0, 5}, {0, 3, 11}})
    for (int64_t taps : {1, 2, 4, 7, 13}) {
      DotLayoutShape shape = oddShape(taps);
      shape.planeShifts = shifts;
      Sample sample = randomSample(shape, 14, static_cast<uint32_t>(taps));
      ASSERT_EQ(shape.check(sample.packed.count), "");
      std::vector<int32_t> words = buildDot16(sample.view(), shape);
      auto planes = static_cast<int64_t>(shifts.size());
      int64_t steps = 2 * ((taps + 3) / 4);
      ASSERT_EQ(static_cast<int64_t>(words.size()),
                4 * planes * steps * shape.rows);
      for (int64_t block = 0; block < 4; ++block)
        for (int64_t row = 0; row < shape.rows; ++row)
          for (int64_t tap = 0; tap < 2 * steps; ++tap) {
            int sum = 0;
            for (int64_t plane = 0; plane < planes; ++plane) {
              int32_t word =
                  words[((block * planes + plane) * steps + tap / 2) *
                            shape.rows +
                        row];
              sum += static_cast<int16_t>(word >> (16 * (tap % 2))) *
                     (1 << shifts[plane]);
            }
            EXPECT_EQ(sum, weightOf(sample, shape, block, row, tap));
          }
    }
}

/// Reads one slot of "dot8", whose quads start with `firstQuad`.
void checkSlot(const Sample &sample, const DotLayoutShape &shape,
               const int32_t *slot, int64_t block, int64_t firstQuad,
               int64_t quads) {
  std::vector<bool> seen(quads);
  int64_t at = 0;
  for (int64_t size = 3; size > 0; --size)
    for (int32_t group = 0; group < slot[3 - size]; ++group) {
      std::vector<int64_t> loads(4 * shape.rows);
      for (int64_t i = 0; i < size; ++i, ++at) {
        ASSERT_LT(at, quads);
        ASSERT_EQ(slot[3 + at] % 64, 0);
        int64_t quad = slot[3 + at] / 64;
        ASSERT_LT(quad, quads);
        EXPECT_FALSE(seen[quad]);
        seen[quad] = true;
        for (int64_t row = 0; row < shape.rows; ++row)
          for (int64_t k = 0; k < 4; ++k) {
            int32_t word = slot[3 + shape.chunk + at * shape.rows + row];
            int weight = static_cast<int8_t>(word >> (8 * k));
            EXPECT_EQ(weight, weightOf(sample, shape, block, row,
                                       4 * (firstQuad + quad) + k));
            loads[4 * row + k / 2 * 2 + (weight < 0)] += std::abs(weight);
          }
      }
      for (int64_t load : loads)
        EXPECT_LE(load * shape.largest, 32767);
    }
  EXPECT_EQ(at, quads);
}

TEST(DotLayoutsTest, Dot8GroupsHoldEveryQuadOnceAndFit) {
  for (int64_t chunk : {2, 4, 6})
    for (int64_t taps : {1, 4, 9, 40, 45}) {
      DotLayoutShape shape = oddShape(taps);
      int64_t steps = 2 * ((taps + 7) / 8);
      shape.chunk = std::min(chunk, steps);
      Sample sample = randomSample(shape, 6, static_cast<uint32_t>(taps));
      ASSERT_EQ(shape.check(sample.packed.count), "");
      std::vector<int32_t> words = buildDot8(sample.view(), shape);
      int64_t chunks = (steps + shape.chunk - 1) / shape.chunk;
      int64_t slot = 3 + shape.chunk * (1 + shape.rows);
      ASSERT_EQ(static_cast<int64_t>(words.size()), 4 * chunks * slot);
      for (int64_t block = 0; block < 4; ++block)
        for (int64_t c = 0; c < chunks; ++c)
          checkSlot(sample, shape, &words[(block * chunks + c) * slot], block,
                    c * shape.chunk,
                    std::min(shape.chunk, steps - c * shape.chunk));
    }
}

/// The numbers of groups of 3, 2 and 1 quads among a channel's first three.
std::vector<int32_t> groupsOf(std::vector<int> weights, int64_t largest) {
  DotLayoutShape shape;
  shape.outChannels = 1;
  shape.tapsPerChannel = static_cast<int64_t>(weights.size());
  shape.chunk = 3;
  shape.largest = largest;
  std::vector<int32_t> words = buildDot8(Sample(weights).view(), shape);
  return {words.begin(), words.begin() + 3};
}

// 32767 = 217 * 151: sums of 151 fit int16 to the last unit, 152 do not. One
// lane has taps 0 and 1 of each quad; positive and negative sums are apart.
TEST(DotLayoutsTest, Dot8GroupsFillInt16Exactly) {
  EXPECT_EQ(groupsOf({64, 64, 1, 0, 16, 4, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0}, 217),
            (std::vector<int32_t>{1, 0, 0}));
  EXPECT_EQ(groupsOf({64, 64, 1, 0, 16, 4, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0}, 218),
            (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(groupsOf({64, 64, 1, 0, 16, 4, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0}, 217),
            (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(
      groupsOf({-64, -64, 1, 0, -16, -4, 0, 0, -2, -2, 0, 0, 0, 0, 0, 0}, 217),
      (std::vector<int32_t>{0, 1, 1}));
}

TEST(DotLayoutsTest, WrongShapesAreNamed) {
  DotLayoutShape shape = oddShape(9);
  EXPECT_EQ(shape.check(90), "");
  EXPECT_EQ(shape.check(91), "expected out_channels * taps_per_channel = count "
                             "= 91, got 10 * 9");
  shape.groups = 3;
  EXPECT_EQ(shape.check(90),
            "expected groups that divide out_channels = 10, got 3");
  shape = oddShape(9);
  shape.chunk = 5;
  EXPECT_EQ(shape.check(90), "expected chunks of at most 4 quads, got 5");
  shape = oddShape(9);
  shape.planeShifts = {0, 7, 3};
  EXPECT_EQ(shape.check(90), "expected plane_shifts that ascend");
}

} // namespace
