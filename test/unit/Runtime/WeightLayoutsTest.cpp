//===- WeightLayoutsTest.cpp - Layouts give the weights back --------------===//
// SPDX-License-Identifier: Apache-2.0
// Random packed tensors are expanded and read back as a kernel would, by the
// definitions in WeightLayouts.h only.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace shift;
using namespace shift::rt;

namespace {

/// A packed tensor and its values.
struct Sample {
  PackedWeights packed;
  std::vector<float> values;

  PackedView view() const {
    return {&packed.codebook, packed.codes.data(), packed.bits, packed.count};
  }
};

/// `zeros` in percent; weights of up to `terms` terms in [-10, 5].
Sample makeSample(int64_t count, int terms, int zeros, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Term> all;
  for (int64_t i = 0; i < count; ++i) {
    float value = 0;
    if (static_cast<int>(random() % 100) >= zeros)
      value = std::ldexp(static_cast<float>(random() % 1000) / 999.0f,
                         static_cast<int>(random() % 12) - 6) *
              (random() % 2 ? 1.0f : -1.0f);
    Term rounded[maxTerms];
    roundTerms(value, {-10, 5}, Rounding::Nearest, Underflow::Zero, 0, terms,
               rounded);
    all.insert(all.end(), rounded, rounded + terms);
  }
  Sample sample;
  sample.packed = packWeights(all.data(), count, terms, {-10, 5});
  for (int64_t i = 0; i < count; ++i)
    sample.values.push_back(termsValue(&all[i * terms], terms));
  return sample;
}

/// Walks channel `c` of the lists and gives weight * 2^-e_c of each tap.
std::vector<int64_t> walk(const std::vector<int32_t> &lists, int64_t c,
                          int64_t taps, int32_t &exponent) {
  EXPECT_LT(c, lists[0]);
  const int32_t *word = lists.data() + lists[1 + c];
  exponent = *word++;
  int32_t groups = *word++;
  // One accumulator a tap: what Horner's scheme makes of x[tap] = 1.
  std::vector<int64_t> acc(static_cast<size_t>(taps), 0);
  for (int32_t g = 0; g < groups; ++g) {
    int32_t gap = *word++, plus = *word++, minus = *word++;
    EXPECT_EQ(gap == 0, g == groups - 1);
    EXPECT_GT(plus + minus, 0);
    for (int32_t sign : {1, -1})
      for (int32_t i = 0, last = -1; i < (sign > 0 ? plus : minus); ++i) {
        EXPECT_GT(*word, last);
        last = *word++;
        acc.at(static_cast<size_t>(last)) += sign;
      }
    for (int64_t &value : acc)
      value *= int64_t{1} << gap;
  }
  EXPECT_EQ(word - lists.data(), lists[2 + c]);
  return acc;
}

void expectReconstructed(const Sample &sample, const ShiftListShape &shape) {
  ASSERT_EQ(shape.check(sample.packed.count, sample.packed.codebook.terms), "");
  std::vector<int32_t> lists = buildShiftLists(sample.view(), shape);
  ASSERT_EQ(lists[0], shape.outChannels);
  EXPECT_EQ(lists[1], shape.outChannels + 2);
  EXPECT_EQ(lists[1 + shape.outChannels], static_cast<int64_t>(lists.size()));
  for (int64_t c = 0; c < shape.outChannels; ++c) {
    int32_t exponent = 0;
    std::vector<int64_t> taps = walk(lists, c, shape.tapsPerChannel, exponent);
    bool odd = false, any = false;
    for (int64_t k = 0; k < shape.tapsPerChannel; ++k) {
      EXPECT_EQ(std::ldexp(static_cast<double>(taps[k]), exponent),
                sample.values[shape.weightIndex(c, k)])
          << "channel " << c << " tap " << k;
      odd |= taps[k] % 2 != 0;
      any |= taps[k] != 0;
    }
    // e_c is the smallest exponent of any term, so some tap is odd.
    EXPECT_EQ(odd, any) << "channel " << c;
    if (!any)
      EXPECT_EQ(exponent, shape.emptyExponent);
  }
}

ShiftListShape denseShape(int64_t channels, int64_t taps) {
  ShiftListShape shape;
  shape.outChannels = channels;
  shape.tapsPerChannel = taps;
  shape.emptyExponent = -77;
  shape.setDenseStrides();
  return shape;
}

} // namespace

TEST(WeightLayoutsTest, ShiftListsGiveTheWeightsBack) {
  uint32_t seed = 1;
  for (int terms : {1, 2, 3})
    for (int zeros : {0, 40, 95})
      for (int64_t taps : {1, 9, 27, 500})
        expectReconstructed(makeSample(13 * taps, terms, zeros, seed++),
                            denseShape(13, taps));
}

TEST(WeightLayoutsTest, AllZeroTensorHasEmptyChannels) {
  Sample sample = makeSample(12, 1, 100, 1);
  EXPECT_EQ(sample.packed.bits, 0);
  expectReconstructed(sample, denseShape(3, 4));
  std::vector<int32_t> expected{3, 5, 7, 9, 11, -77, 0, -77, 0, -77, 0};
  EXPECT_EQ(buildShiftLists(sample.view(), denseShape(3, 4)), expected);
}

TEST(WeightLayoutsTest, KnownLists) {
  // Channel 0: 2, -0.5, 0, 2; channel 1: 0.25 four times negative.
  const float values[] = {2, -0.5f, 0, 2, -0.25f, -0.25f, -0.25f, -0.25f};
  std::vector<Term> terms(8);
  for (int i = 0; i < 8; ++i)
    roundTerms(values[i], {-10, 5}, Rounding::Nearest, Underflow::Zero, 0, 1,
               &terms[i]);
  PackedWeights packed = packWeights(terms.data(), 8, 1, {-10, 5});
  std::vector<int32_t> expected{
      2,  4, 15, 24,                   // channels, offsets
      -1, 2, 2,  2,  0, 0, 3, 0, 0, 1, // 2^1 +{0, 3}, gap 2; 2^-1 -{1}
      1,                               // (the tap of the last group)
      -2, 1, 0,  0,  4, 0, 1, 2, 3};   // 2^-2 -{0, 1, 2, 3}
  EXPECT_EQ(
      buildShiftLists({&packed.codebook, packed.codes.data(), packed.bits, 8},
                      denseShape(2, 4)),
      expected);
}

TEST(WeightLayoutsTest, TransposedConvolutionStrides) {
  // Stored [Cin = 6][Cout/g = 4][kh*kw = 9], 2 groups: 3 inputs each.
  Sample sample = makeSample(6 * 4 * 9, 2, 30, 5);
  ShiftListShape shape = denseShape(8, 27);
  shape.groups = 2;
  shape.window = 9;
  shape.strides = {3 * 4 * 9, 9, 4 * 9, 1};
  EXPECT_EQ(shape.weightIndex(5, 2 * 9 + 7), (1 * 3 + 2) * 36 + 1 * 9 + 7);
  expectReconstructed(sample, shape);
}

TEST(WeightLayoutsTest, ValuesArePlanesOfTerms) {
  for (int terms : {1, 2, 3}) {
    Sample sample = makeSample(9001, terms, 20, 11);
    std::vector<float> planes = expandValues(sample.view());
    ASSERT_EQ(planes.size(), static_cast<size_t>(9001 * terms));
    for (int64_t i = 0; i < 9001; ++i) {
      float sum = 0;
      for (int t = 0; t < terms; ++t) {
        float value = planes[t * 9001 + i];
        int exponent;
        EXPECT_TRUE(value == 0 ||
                    std::abs(std::frexp(value, &exponent)) == 0.5f);
        EXPECT_FALSE(value == 0 && std::signbit(value));
        sum += value;
      }
      EXPECT_EQ(sum, sample.values[i]) << "weight " << i;
    }
  }
}

TEST(WeightLayoutsTest, WrongShapesAreNamed) {
  ShiftListShape shape = denseShape(3, 4);
  EXPECT_EQ(shape.check(12, 1), "");
  EXPECT_EQ(shape.check(13, 1),
            "expected out_channels * taps_per_channel = count = 13, got 3 * 4");
  shape.groups = 2;
  EXPECT_EQ(shape.check(12, 1),
            "expected groups that divide out_channels = 3, got 2");
  ShiftListShape large = denseShape(1 << 15, 1 << 15);
  EXPECT_EQ(large.check(int64_t{1} << 30, 3),
            "expected lists of at most 2147483647 words, got up to 3246292994");
}
