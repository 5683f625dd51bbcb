//===- PhiloxTest.cpp - Random numbers and the name hash ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Known answers of Random123 (kat_vectors) and of FNV-1a's reference.
//===----------------------------------------------------------------------===//
#include "shift/Support/Philox.h"
#include "shift/Support/Fnv1a.h"

#include <gtest/gtest.h>

using namespace shift;

namespace {

using Words = std::array<uint32_t, 4>;

TEST(PhiloxTest, MatchesKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}));
  constexpr uint32_t ones = 0xffffffffu;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}));
  EXPECT_EQ(philox4x32({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
                       {0xa4093822u, 0x299f31d0u}),
            (Words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}));
}

TEST(PhiloxTest, LaysOutSixtyFourBitNumbersLowWordFirst) {
  uint64_t key = 0x299f31d0a4093822u;
  uint64_t step = 0x85a308d3243f6a88u;
  uint64_t index = 0x0370734413198a2eu;
  EXPECT_EQ(philoxUniform23(key, step, index), 0xd16cfe09u >> 9);
}

TEST(PhiloxTest, HashesNamesByFnv1a) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8u);
}

} // namespace
