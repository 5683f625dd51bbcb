//===- Philox.h - The Philox4x32-10 counter-based generator ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Stochastic rounding needs numbers that are the same for any order of
// evaluation and any number of threads: a pure function of key and counter
// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_PHILOX_H
#define SHIFT_SUPPORT_PHILOX_H

#include <array>
#include <cstdint>

namespace shift {

/// Ten rounds of Philox4x32 on `counter` under `key`; word 0 comes first.
constexpr std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter,
                                             std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t{0xD2511F53u} * counter[0];
    uint64_t product1 = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// The uniform 23-bit number of stochastic rounding: the first output word
/// shifted right by 9. `key` and `step` and `index` are 64-bit numbers, each
/// laid out with its low word first: key = (key low, key high), counter =
/// (step low, step high, index low, index high).
constexpr uint32_t philoxUniform23(uint64_t key, uint64_t step,
                                   uint64_t index) {
  return philox4x32(
             {static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32),
              static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32)},
             {static_cast<uint32_t>(key),
              static_cast<uint32_t>(key >> 32)})[0] >>
         9;
}

} // namespace shift

#endif // SHIFT_SUPPORT_PHILOX_H
