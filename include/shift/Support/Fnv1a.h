//===- Fnv1a.h - The 64-bit FNV-1a hash -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Names of initializers become part of random keys through this hash, so that
// the numbers of a tensor do not depend on its place in the module.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_FNV1A_H
#define SHIFT_SUPPORT_FNV1A_H

#include <cstdint>
#include <string_view>

namespace shift {

/// Returns the 64-bit FNV-1a hash of the bytes of `text`.
constexpr uint64_t fnv1a64(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return hash;
}

} // namespace shift

#endif // SHIFT_SUPPORT_FNV1A_H
