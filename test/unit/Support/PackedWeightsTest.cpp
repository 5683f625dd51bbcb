//===- PackedWeightsTest.cpp - Codebooks and bit streams ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Enumerates every sum of up to three terms, so that "each reachable value has
// canonical terms" is proved and not sampled.
//===----------------------------------------------------------------------===//
#include "shift/Support/PackedWeights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <set>

using namespace shift;

namespace {

/// Calls `visit(terms, count)` for every choice of 0 to `count` terms with
/// falling exponents in `range` that span at most maxTermSpan: all that
/// roundTerms can give by any rounding, and more.
template <typename Visit>
void enumerateSums(ExponentRange range, int count, Visit visit) {
  Term terms[maxTerms] = {};
  auto extend = [&](auto &self, int used) -> void {
    visit(terms, used);
    if (used == count)
      return;
    int highest = used ? terms[used - 1].exponent - 1 : range.hi;
    int lowest =
        used ? std::max(range.lo, terms[0].exponent - maxTermSpan) : range.lo;
    for (int exponent = lowest; exponent <= highest; ++exponent)
      for (int sign : {1, -1}) {
        terms[used] = {static_cast<int8_t>(sign),
                       static_cast<int8_t>(exponent)};
        self(self, used + 1);
      }
    terms[used] = {};
  };
  extend(extend, 0);
}

/// Whether `terms` fall, span at most 23 and lie in `range`, absent ones last.
bool isWellFormed(const Term *terms, int count, ExponentRange range) {
  for (int i = 0; i < count; ++i) {
    if (terms[i].sign == 0)
      continue;
    if (terms[i].exponent < range.lo || terms[i].exponent > range.hi)
      return false;
    if (i > 0 &&
        (terms[i - 1].sign == 0 || terms[i].exponent >= terms[i - 1].exponent))
      return false;
    if (terms[0].exponent - terms[i].exponent > maxTermSpan)
      return false;
  }
  return true;
}

TEST(PackedWeightsTest, EveryReachableSumHasCanonicalTerms) {
  const ExponentRange ranges[] = {{-10, 5},     {-4, 3},    {0, 0},
                                  {0, 1},       {-1, 1},    {-15, 15},
                                  {-126, -100}, {102, 127}, {3, 30}};
  for (ExponentRange range : ranges)
    for (int count = 1; count <= maxTerms; ++count)
      enumerateSums(range, count, [&](const Term *terms, int used) {
        float value = termsValue(terms, used);
        Term canonical[maxTerms] = {};
        ASSERT_TRUE(canonicalTerms(value, range, count, canonical)) << value;
        ASSERT_EQ(termsValue(canonical, count), value);
        ASSERT_TRUE(isWellFormed(canonical, count, range)) << value;
        // e_c is a function of the value: both forms end at its lowest bit.
        int lowest = 128, canonicalLowest = 128;
        for (int i = 0; i < used; ++i)
          lowest = std::min<int>(lowest, terms[i].exponent);
        for (int i = 0; i < count; ++i)
          if (canonical[i].sign)
            canonicalLowest =
                std::min<int>(canonicalLowest, canonical[i].exponent);
        ASSERT_EQ(lowest, canonicalLowest) << value;
      });
}

TEST(PackedWeightsTest, WindowedSumsHaveCanonicalTermsInTheTensorsRange) {
  const ExponentRange range = {-10, 5};
  for (int top = -8; top <= 5; ++top)
    enumerateSums(
        windowRange(range, 7, top), maxTerms, [&](const Term *terms, int used) {
          Term canonical[maxTerms] = {};
          float value = termsValue(terms, used);
          ASSERT_TRUE(canonicalTerms(value, range, maxTerms, canonical));
          ASSERT_TRUE(isWellFormed(canonical, maxTerms, range));
        });
}

TEST(PackedWeightsTest, TheSpanLimitsTheCanonicalForm) {
  // Nearest would be 2 - 0.5 + 2^-23 and span 24 exponents.
  Term terms[maxTerms];
  ASSERT_TRUE(canonicalTerms(0x1.800002p0f, {-30, 5}, 3, terms));
  EXPECT_EQ(terms[0], (Term{1, 0}));
  EXPECT_EQ(terms[1], (Term{1, -1}));
  EXPECT_EQ(terms[2], (Term{1, -23}));
  // Saturation at the top of the range limits it too: not 64 - 8.
  ASSERT_TRUE(canonicalTerms(56.0f, {-10, 5}, 3, terms));
  EXPECT_EQ(terms[0], (Term{1, 5}));
  EXPECT_EQ(terms[2], (Term{1, 3}));
}

TEST(PackedWeightsTest, ValuesOutOfReachAreRefused) {
  Term terms[maxTerms];
  EXPECT_FALSE(canonicalTerms(0.3f, {-10, 5}, 3, terms));
  EXPECT_FALSE(canonicalTerms(7.0f, {-10, 5}, 1, terms));
  EXPECT_FALSE(canonicalTerms(0x1p-11f, {-10, 5}, 3, terms));
  EXPECT_FALSE(canonicalTerms(64.0f, {-10, 5}, 3, terms));
}

TEST(PackedWeightsTest, CodeBitsAreTheCeilingOfTheLogarithm) {
  const int want[] = {0, 0, 1, 2, 2, 3, 3, 3, 3, 4};
  for (int size = 0; size < 10; ++size)
    EXPECT_EQ(codeBits(size), want[size]) << size;
  EXPECT_EQ(codeBits(15), 4);
  EXPECT_EQ(codeBits(32), 5);
  EXPECT_EQ(codeBits(33), 6);
}

TEST(PackedWeightsTest, BitStreamIsLittleEndian) {
  const uint32_t codes[] = {1, 2, 3, 4, 5};
  EXPECT_EQ(packCodes(codes, 5, 3), (std::vector<uint8_t>{0xD1, 0x58}));
  EXPECT_EQ(packCodes(codes, 5, 8), (std::vector<uint8_t>{1, 2, 3, 4, 5}));
  EXPECT_TRUE(packCodes(codes, 5, 0).empty());
}

TEST(PackedWeightsTest, CodesOfEveryWidthRoundTripFromAnyStart) {
  std::mt19937 random(7);
  for (int bits = 0; bits <= 32; ++bits) {
    std::vector<uint32_t> codes(97);
    for (uint32_t &code : codes)
      code = bits ? random() >> (32 - bits) : 0;
    std::vector<uint8_t> bytes = packCodes(codes.data(), codes.size(), bits);
    EXPECT_EQ(static_cast<int64_t>(bytes.size()),
              packedBytes(codes.size(), bits));
    for (size_t first = 0; first < codes.size(); first += 5) {
      std::vector<uint32_t> read(codes.size() - first);
      unpackCodes(bytes.data(), bits, first, read.size(), read.data());
      EXPECT_TRUE(std::equal(read.begin(), read.end(), codes.begin() + first));
    }
  }
}

/// Rounded random weights of `terms` terms.
std::vector<Term> randomTerms(int terms, Rounding rounding, int64_t count) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal(0.0f, 0.4f);
  std::vector<float> weights(count);
  for (float &weight : weights)
    weight = normal(random);
  PowerOfTwoOptions options;
  options.terms = terms;
  options.rounding = rounding;
  return roundWeights(weights.data(), 1, count, options, "w").terms;
}

TEST(PackedWeightsTest, TensorsRoundTrip) {
  constexpr int64_t count = 5000;
  for (Rounding rounding :
       {Rounding::Nearest, Rounding::Log, Rounding::Stochastic})
    for (int terms = 1; terms <= maxTerms; ++terms) {
      std::vector<Term> rounded = randomTerms(terms, rounding, count);
      PackedWeights packed =
          packWeights(rounded.data(), count, terms, {-10, 5});
      std::set<float> values;
      for (int64_t i = 0; i < count; ++i)
        values.insert(termsValue(&rounded[i * terms], terms));
      EXPECT_EQ(packed.codebook.size(), static_cast<int64_t>(values.size()));
      EXPECT_EQ(checkPacked(packed.codebook, {-10, 5}, packed.codes.data(),
                            packed.codes.size(), packed.bits, count),
                "");
      std::vector<Term> read(count * terms);
      std::vector<float> readValues(count);
      unpackTerms(packed.codebook, packed.codes.data(), packed.bits, 0, count,
                  read.data());
      unpackValues(packed.codebook, packed.codes.data(), packed.bits, 0, count,
                   readValues.data());
      for (int64_t i = 0; i < count; ++i) {
        float want = termsValue(&rounded[i * terms], terms);
        ASSERT_EQ(readValues[i], want);
        ASSERT_EQ(termsValue(&read[i * terms], terms), want);
      }
    }
}

TEST(PackedWeightsTest, DependsOnValuesOnly) {
  // 1.5 as 1 + 0.5 and as 2 - 0.5.
  const Term sums[] = {{1, 0}, {1, -1}, {1, 1}, {-1, -1}};
  PackedWeights packed = packWeights(sums, 2, 2, {-10, 5});
  EXPECT_EQ(packed.codebook.size(), 1);
  EXPECT_EQ(packed.bits, 0);
  EXPECT_TRUE(packed.codes.empty());
  EXPECT_EQ(packed.codebook.value(0), 1.5f);
}

TEST(PackedWeightsTest, FullRangeWithZeroTakesSixBits) {
  std::vector<Term> terms = {{}};
  for (int exponent = -10; exponent <= 5; ++exponent)
    for (int sign : {1, -1})
      terms.push_back(
          {static_cast<int8_t>(sign), static_cast<int8_t>(exponent)});
  PackedWeights packed = packWeights(terms.data(), terms.size(), 1, {-10, 5});
  EXPECT_EQ(packed.codebook.size(), 33);
  EXPECT_EQ(packed.bits, 6);
  EXPECT_EQ(packed.codebook.value(0), -32.0f);
  EXPECT_EQ(packed.codebook.value(16), 0.0f);
  EXPECT_EQ(packed.codebook.value(32), 32.0f);
}

TEST(PackedWeightsTest, WindowsAreRelative) {
  constexpr int64_t channels = 12, perChannel = 200;
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> weights(channels * perChannel);
  for (int64_t i = 0; i < channels * perChannel; ++i)
    weights[i] =
        std::ldexp(normal(random), static_cast<int>(i / perChannel) - 8);
  for (int terms = 1; terms <= maxTerms; ++terms) {
    PowerOfTwoOptions options;
    options.terms = terms;
    options.window = 7;
    RoundedWeights rounded =
        roundWeights(weights.data(), channels, perChannel, options, "w");
    PackedWeights packed =
        packWeights(rounded.terms.data(), channels * perChannel, terms,
                    options.range, {options.window, rounded.windowTops});
    if (terms == 1) {
      EXPECT_EQ(packed.bits, 4);
    }
    EXPECT_EQ(checkPacked(packed.codebook, options.range, packed.codes.data(),
                          packed.codes.size(), packed.bits,
                          channels * perChannel),
              "");
    std::vector<Term> read(rounded.terms.size());
    std::vector<float> values(weights.size());
    unpackTerms(packed.codebook, packed.codes.data(), packed.bits, 0,
                channels * perChannel, read.data());
    unpackValues(packed.codebook, packed.codes.data(), packed.bits, 0,
                 channels * perChannel, values.data());
    for (int64_t i = 0; i < channels * perChannel; ++i) {
      float want = termsValue(&rounded.terms[i * terms], terms);
      ASSERT_EQ(termsValue(&read[i * terms], terms), want);
      ASSERT_EQ(values[i], want);
      int top = rounded.windowTops[i / perChannel];
      for (int t = 0; t < terms; ++t)
        if (read[i * terms + t].sign != 0) {
          ASSERT_LE(read[i * terms + t].exponent, top);
          ASSERT_GE(read[i * terms + t].exponent, top - 6);
        }
    }
  }
}

TEST(PackedWeightsTest, BadDataIsNamed) {
  Codebook book{1, {{-1, 0}, {}, {1, 0}}};
  const uint8_t codes[] = {0x24};
  auto check = [&](int64_t bytes, int bits, int64_t count) {
    return checkPacked(book, {-2, 2}, codes, bytes, bits, count);
  };
  EXPECT_EQ(check(1, 2, 3), "");
  EXPECT_EQ(check(1, 3, 2), "expected 2 bits a weight for 3 values, got 3");
  EXPECT_EQ(check(1, 2, 5), "expected 2 bytes of codes, got 1");
  book.entries[2].exponent = 3;
  EXPECT_EQ(check(1, 2, 3),
            "expected exponent in [-2, 2], got 3 in codebook entry 2");
  book.entries[2] = {-1, 1};
  EXPECT_EQ(check(1, 2, 3),
            "expected ascending codebook values, got entry 2 out of order");
  book.entries = {{1, 0}, {1, 1}, {1, 2}};
  const uint8_t bad[] = {0x34};
  EXPECT_EQ(checkPacked(book, {-2, 2}, bad, 1, 2, 3),
            "expected codes below 3, got 3 for weight 2");
}

} // namespace
