//===- Checksum.h - What a compiled model's file ends with ----------------===//
// SPDX-License-Identifier: Apache-2.0
// A bit that a disk or a copy flipped would give wrong numbers without a word.
// Loaders of shared libraries ignore what follows the last section.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_CHECKSUM_H
#define SHIFT_SUPPORT_CHECKSUM_H

#include "shift/Support/Fnv1a.h"

#include <string>

namespace shift {

/// The trailer's first bytes; 8 more hold the hash, little-endian.
inline constexpr std::string_view checksumMagic = "SHIFTSUM";
inline constexpr size_t checksumTrailerBytes = 16;

/// What follows content with this 64-bit FNV-1a hash.
inline std::string checksumTrailer(uint64_t hash) {
  std::string trailer(checksumMagic);
  for (int shift = 0; shift < 64; shift += 8)
    trailer += static_cast<char>(hash >> shift & 0xff);
  return trailer;
}

} // namespace shift

#endif // SHIFT_SUPPORT_CHECKSUM_H
