//===- CheckerRecords.h - Bits of the checker's records ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A record of an access has the epoch in its upper half and then the number of
// the thread in its block. What follows differs between writes and reads.
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_HOSTSHIM_CHECKERRECORDS_H
#define LIB_TARGET_CUDA_HOSTSHIM_CHECKERRECORDS_H

#include <cstdint>

namespace shift::shim {

constexpr uint64_t record(uint32_t epoch, unsigned thread) {
  return uint64_t(epoch) << 32 | uint64_t(thread) << 22;
}
constexpr uint32_t epochOf(uint64_t record) { return uint32_t(record >> 32); }
constexpr unsigned threadOf(uint64_t record) { return record >> 22 & 1023; }

/// How many __syncwarp of the epoch the thread had passed. The largest clock
/// stands for all larger ones: of those no race is reported.
constexpr unsigned maxClock = 255;

// Writes: [21] atomic, [20:13] clock, [12] an asynchronous copy on the way.
constexpr uint64_t atomicBit = 1 << 21;
constexpr uint64_t onTheWayBit = 1 << 12;
constexpr uint64_t writeClock(unsigned clock) { return uint64_t(clock) << 13; }
constexpr unsigned writeClockOf(uint64_t record) { return record >> 13 & 255; }

// Reads: [21:14] clock, the latest of all readers of the epoch; [13] lanes of
// one warp, [12] several warps have read in the epoch; [11] several blocks in
// the launch; [10:0] the set of earlier operations that have read.
constexpr uint64_t manyLanesBit = 1 << 13;
constexpr uint64_t manyWarpsBit = 1 << 12;
constexpr uint64_t manyBlocksBit = 1 << 11;
constexpr uint64_t maxSet = 2047;
constexpr uint64_t readFlags =
    manyLanesBit | manyWarpsBit | manyBlocksBit | maxSet;
constexpr uint64_t readClock(unsigned clock) { return uint64_t(clock) << 14; }
constexpr unsigned readClockOf(uint64_t record) { return record >> 14 & 255; }
constexpr unsigned setOf(uint64_t record) { return record & maxSet; }

} // namespace shift::shim

#endif // LIB_TARGET_CUDA_HOSTSHIM_CHECKERRECORDS_H
