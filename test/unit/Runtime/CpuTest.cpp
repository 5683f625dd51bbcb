//===- CpuTest.cpp - The choice of an instruction set ---------------------===//
// SPDX-License-Identifier: Apache-2.0
// All combinations of machine, model and SHIFT_CPU, whatever machine the test
// runs on.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/Cpu.h"
#include "lib/Runtime/Core/Error.h"

#include <gtest/gtest.h>

using namespace shift::rt;

static std::string messageOf(const std::vector<Isa> &available, Isa machine,
                             const char *restriction) {
  try {
    chooseIsa(available, machine, restriction, "'m.so'");
  } catch (const Error &error) {
    EXPECT_EQ(error.getStatus(), SHIFT_ERROR_CPU);
    return error.what();
  }
  return "";
}

TEST(CpuTest, NamesRoundTrip) {
  for (int i = 0; i < isaCount; ++i)
    EXPECT_EQ(findIsa(isaName(static_cast<Isa>(i))), static_cast<Isa>(i));
  EXPECT_FALSE(findIsa("AVX2"));
}

TEST(CpuTest, BestOfModelMachineAndRestriction) {
  for (int machine = 0; machine < isaCount; ++machine)
    for (int limit = -1; limit <= machine; ++limit)
      for (int set = 1; set < 1 << isaCount; ++set) {
        std::vector<Isa> available;
        int best = -1;
        for (int i = isaCount - 1; i >= 0; --i)
          if (set >> i & 1) {
            available.push_back(static_cast<Isa>(i));
            if (i <= (limit < 0 ? machine : limit))
              best = std::max(best, i);
          }
        const char *restriction =
            limit < 0 ? nullptr : isaName(static_cast<Isa>(limit));
        if (best < 0)
          EXPECT_NE(
              messageOf(available, static_cast<Isa>(machine), restriction), "");
        else
          EXPECT_EQ(
              chooseIsa(available, static_cast<Isa>(machine), restriction, ""),
              static_cast<Isa>(best));
      }
}

TEST(CpuTest, ErrorsSayWhatToDo) {
  EXPECT_EQ(messageOf({Isa::Avx512}, Isa::Avx2, nullptr),
            "'m.so': expected code for at most avx2, got avx512 only; compile "
            "the model with baseline");
  EXPECT_EQ(messageOf({Isa::Baseline}, Isa::Avx2, "avx512vnni"),
            "'m.so': SHIFT_CPU: expected at most avx2, which is what this "
            "machine has, got avx512vnni");
  EXPECT_EQ(messageOf({Isa::Baseline}, Isa::Avx2, "fast"),
            "'m.so': SHIFT_CPU: expected baseline, avx2, avx512 or avx512vnni, "
            "got 'fast'");
  EXPECT_EQ(chooseIsa({Isa::Baseline}, Isa::Avx2, "", ""), Isa::Baseline);
}
