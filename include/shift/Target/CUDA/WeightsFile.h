//===- WeightsFile.h - The constants of a CUDA program ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_TARGET_CUDA_WEIGHTSFILE_H
#define SHIFT_TARGET_CUDA_WEIGHTSFILE_H

#include <cstdint>
#include <vector>

namespace shift::cuda {

/// The start of m.weights.bin, little-endian; the payload follows: constants,
/// each at a multiple of 64 bytes.
struct WeightsHeader {
  char magic[8]; ///< "SHIFTWTS"
  uint32_t version = 1;
  uint32_t headerBytes = 64;
  uint64_t payloadBytes = 0;
  uint64_t payloadHash = 0; ///< FNV-1a, 64 bits
  char zero[32] = {};
};
static_assert(sizeof(WeightsHeader) == 64, "the format has 64 bytes");

/// The file with this payload.
std::vector<char> makeWeightsFile(const std::vector<char> &payload);

} // namespace shift::cuda

#endif // SHIFT_TARGET_CUDA_WEIGHTSFILE_H
