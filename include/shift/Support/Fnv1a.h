//===- Fnv1a.h - The 64-bit FNV-1a hash -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Names of initializers become part of random keys through this hash, so that
// the numbers of a tensor do not depend on its place in the module; files end
// with theirs.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FNV1A_H
#define SHIFT_SUPPORT_FNV1A_H

#include <cstdint>
#include <string_view>

namespace shift {

inline constexpr uint64_t fnv1a64Start = 0xcbf29ce484222325u;

/// Returns the 64-bit FNV-1a hash of the bytes of `text`, after those whose
/// hash is `hash`.
constexpr uint64_t fnv1a64(std::string_view text,
                           uint64_t hash = fnv1a64Start) {
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return hash;
}

} // namespace shift

#endif // SHIFT_SUPPORT_FNV1A_H
