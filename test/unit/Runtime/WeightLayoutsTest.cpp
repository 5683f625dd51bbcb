//===- WeightLayoutsTest.cpp - Layouts give the weights back --------------===//
// SPDX-License-Identifier: Apache-2.0
// Random packed tensors are expanded and read back as a kernel would, by the
// definitions in WeightLayouts.h only.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
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

uint64_t fieldOf(int64_t word, int i) {
  return static_cast<uint64_t>(word) >> (16 * i) & 0xffff;
}

/// What lists make of x, one accumulator a tap: weight * 2^-e_c.
struct Reading {
  std::vector<std::vector<int64_t>> taps;
  std::vector<int> exponents;
  int64_t quads = 0;
};

/// Reads the sections of the lists as a kernel does.
class ListReader {
public:
  ListReader(const std::vector<int64_t> &lists, const ShiftListShape &shape)
      : lists(lists), shape(shape) {
    reading.taps.resize(shape.outChannels,
                        std::vector<int64_t>(shape.tapsPerChannel));
    reading.exponents.resize(shape.outChannels);
  }

  Reading read() {
    EXPECT_EQ(lists.at(0), shape.sections() + 1);
    EXPECT_EQ(lists.at(shape.sections()), static_cast<int64_t>(lists.size()));
    for (int64_t s = 0; s < shape.sections(); ++s) {
      at = lists.at(s);
      readSection(s);
      EXPECT_EQ(at, lists.at(s + 1));
    }
    return reading;
  }

private:
  void readSection(int64_t section) {
    int64_t chunk = section / shape.blocks();
    int64_t inGroup = chunk % shape.chunksPerGroup() * shape.chunkChannels;
    int64_t first =
        chunk / shape.chunksPerGroup() * shape.channelsPerGroup() + inGroup;
    int64_t count =
        std::min(shape.chunkChannels, shape.channelsPerGroup() - inGroup);
    std::vector<bool> seen(count);
    for (int64_t i = 0; i < count; ++i) {
      int64_t header = lists.at(at++);
      auto channel = static_cast<int64_t>(fieldOf(header, 0));
      ASSERT_LT(channel, count);
      EXPECT_FALSE(seen[channel]);
      seen[channel] = true;
      reading.exponents[first + channel] =
          static_cast<int16_t>(fieldOf(header, 2));
      readChannel(first + channel, static_cast<int64_t>(fieldOf(header, 1)),
                  section % shape.blocks() * shape.blockTaps);
    }
  }

  void readChannel(int64_t channel, int64_t slots, int64_t firstTap) {
    std::vector<int64_t> acc(shape.blockTaps + 1);
    for (int64_t i = 0; i < slots; ++i) {
      std::vector<int64_t> sum(acc.size()), minus(acc.size());
      int64_t header = lists.at(at++);
      for (int64_t q = header & 0xffffffff; q > 0; --q)
        addQuad(sum, minus);
      if (shape.qMax)
        expectFits(sum, minus);
      for (size_t k = 0; k < acc.size(); ++k)
        acc[k] = (acc[k] + sum[k] - minus[k]) * (int64_t{1} << (header >> 32));
    }
    for (int64_t k = 0; k < shape.blockTaps; ++k)
      if (firstTap + k < shape.tapsPerChannel)
        reading.taps[channel][firstTap + k] = acc[k];
      else
        EXPECT_EQ(acc[k], 0);
  }

  void addQuad(std::vector<int64_t> &sum, std::vector<int64_t> &minus) {
    int64_t word = lists.at(at++);
    ++reading.quads;
    for (std::vector<int64_t> *sums : {&sum, &minus})
      for (int64_t &value : *sums)
        value *= int64_t{1} << (word & 63);
    for (int i = 0; i < 4; ++i) {
      uint64_t row = fieldOf(word, i) >> 6;
      EXPECT_TRUE(i == 0 || fieldOf(word, i) % 64 == 0);
      EXPECT_LE(row, static_cast<uint64_t>(2 * shape.blockTaps));
      if (row < static_cast<uint64_t>(2 * shape.blockTaps))
        ++(row % 2 ? minus : sum).at(row / 2);
    }
  }

  void expectFits(const std::vector<int64_t> &sum,
                  const std::vector<int64_t> &minus) {
    int64_t u = std::accumulate(sum.begin(), sum.end(), int64_t{0});
    int64_t d = std::accumulate(minus.begin(), minus.end(), int64_t{0});
    EXPECT_LE(u * shape.qMax - d * shape.qMin, 32767);
    EXPECT_GE(u * shape.qMin - d * shape.qMax, -32768);
  }

  const std::vector<int64_t> &lists;
  const ShiftListShape &shape;
  Reading reading;
  int64_t at = 0;
};

Reading expectReconstructed(const Sample &sample, const ShiftListShape &shape) {
  EXPECT_EQ(shape.check(sample.packed.count, sample.packed.codebook.terms), "");
  std::vector<int64_t> lists = buildShiftLists(sample.view(), shape);
  EXPECT_LE(static_cast<int64_t>(lists.size()),
            shape.wordBound(sample.packed.codebook.terms));
  Reading reading = ListReader(lists, shape).read();
  for (int64_t c = 0; c < shape.outChannels; ++c) {
    bool odd = false, any = false;
    for (int64_t k = 0; k < shape.tapsPerChannel; ++k) {
      int64_t value = reading.taps[c][k];
      EXPECT_EQ(std::ldexp(static_cast<double>(value), reading.exponents[c]),
                sample.values[c * shape.tapsPerChannel + k])
          << "channel " << c << " tap " << k;
      odd |= value % 2 != 0;
      any |= value != 0;
    }
    // e_c is the smallest exponent of any term, so some tap is odd.
    EXPECT_EQ(odd, any) << "channel " << c;
    if (!any)
      EXPECT_EQ(reading.exponents[c], 0);
  }
  return reading;
}

ShiftListShape denseShape(int64_t channels, int64_t taps) {
  ShiftListShape shape;
  shape.outChannels = channels;
  shape.tapsPerChannel = taps;
  shape.setDefaults();
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

TEST(WeightLayoutsTest, ChunksAndBlocksGiveTheWeightsBack) {
  uint32_t seed = 100;
  for (int64_t blockTaps : {1, 9, 64, 511})
    for (int64_t chunk : {1, 5, 40})
      for (int64_t groups : {1, 4}) {
        ShiftListShape shape = denseShape(40, 900);
        shape.groups = groups;
        shape.setDefaults();
        shape.blockTaps = blockTaps;
        shape.chunkChannels = chunk;
        expectReconstructed(makeSample(40 * 900, 1, 10, seed++), shape);
      }
}

TEST(WeightLayoutsTest, SlotsFitSixteenBits) {
  const int64_t ranges[][2] = {{0, 255}, {-128, 127}, {0, 15}, {-8, 7}};
  uint32_t seed = 200;
  for (auto [lo, hi] : ranges)
    for (int terms : {1, 3}) {
      ShiftListShape shape = denseShape(48, 500);
      shape.qMin = lo;
      shape.qMax = hi;
      expectReconstructed(makeSample(48 * 500, terms, 0, seed++), shape);
    }
}

TEST(WeightLayoutsTest, SlotsOfEqualWeightsEndAtTheBound) {
  // 129 rows of 255 do not fit; the second slot takes the rest.
  std::vector<Term> terms(140, Term{1, 3});
  PackedWeights packed = packWeights(terms.data(), 140, 1, {-10, 5});
  ShiftListShape shape = denseShape(1, 140);
  shape.qMax = 255;
  std::vector<int64_t> lists = buildShiftLists(
      {&packed.codebook, packed.codes.data(), packed.bits, 140}, shape);
  EXPECT_EQ(lists.at(2), int64_t{2} << 16 | int64_t{3} << 32);
  EXPECT_EQ(lists.at(3), 32);
  EXPECT_EQ(lists.at(3 + 1 + 32), 3);
  EXPECT_EQ(lists.size(), 3u + 1 + 32 + 1 + 3);
}

TEST(WeightLayoutsTest, AllZeroTensorHasEmptyChannels) {
  Sample sample = makeSample(12, 1, 100, 1);
  EXPECT_EQ(sample.packed.bits, 0);
  expectReconstructed(sample, denseShape(3, 4));
  std::vector<int64_t> expected{2, 5, 0, 1, 2};
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
  auto quad = [](int64_t a, int64_t b, int64_t c, int64_t d, int64_t shift) {
    return (a | b << 16 | c << 32 | d << 48) << 6 | shift;
  };
  auto header = [](int64_t channel, int16_t exponent) {
    return channel | 1 << 16 | int64_t{static_cast<uint16_t>(exponent)} << 32;
  };
  std::vector<int64_t> expected{2,
                                8,
                                header(0, -1),
                                2,                   // two quads, no gap
                                quad(0, 6, 8, 8, 0), // 2^1 on 0, 3 and zeros
                                quad(3, 8, 8, 8, 2), // -2^-1 on 1
                                header(1, -2),
                                1,
                                quad(1, 3, 5, 7, 0)};
  expected[1] = static_cast<int64_t>(expected.size());
  EXPECT_EQ(
      buildShiftLists({&packed.codebook, packed.codes.data(), packed.bits, 8},
                      denseShape(2, 4)),
      expected);
}

TEST(WeightLayoutsTest, ARowLeftOverMovesDown) {
  // Five times 2 and once 1: four 2 in a quad; the fifth is 1 + 1.
  std::vector<Term> terms(6, Term{1, 1});
  terms[5] = {1, 0};
  PackedWeights packed = packWeights(terms.data(), 6, 1, {-10, 5});
  Sample sample;
  sample.packed = packed;
  sample.values = {2, 2, 2, 2, 2, 1};
  EXPECT_EQ(expectReconstructed(sample, denseShape(1, 6)).quads, 2);
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
  shape = denseShape(3, 4);
  shape.blockTaps = 512;
  EXPECT_EQ(shape.check(12, 1), "expected block_taps in [1, 511], got 512");
  shape = denseShape(3, 4);
  shape.chunkChannels = 0;
  EXPECT_EQ(shape.check(12, 1), "expected chunk_channels in [1, 65535], got 0");
  shape = denseShape(3, 4);
  shape.qMax = 256;
  EXPECT_EQ(shape.check(12, 1),
            "expected q_min in [-128, 0] and q_max in [0, 255], got 0 and 256");
  ShiftListShape large = denseShape(1 << 15, 1 << 15);
  large.blockTaps = 128;
  EXPECT_EQ(large.check(int64_t{1} << 30, 3),
            "expected lists of at most 2147483647 words, got up to " +
                std::to_string(large.wordBound(3)));
}
