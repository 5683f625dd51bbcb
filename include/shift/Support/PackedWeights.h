//===- PackedWeights.h - Bit-packed power-of-two weights ------------------===//
// SPDX-License-Identifier: Apache-2.0
// A tensor of rounded weights is stored as ceil(log2 n) bits a weight, n being
// the number of different values it really uses, and a codebook of these
// values. Packed weights depend on values only, never on how a sum of terms
// came about.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_SUPPORT_PACKEDWEIGHTS_H
#define SHIFT_SUPPORT_PACKEDWEIGHTS_H

#include "shift/Support/PowerOfTwo.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shift {

/// The different values of a tensor in ascending order, each as `terms` terms
/// in canonical form (canonicalTerms), absent ones last. Where channels have
/// windows, values and exponents are relative to 2^top of the channel, so that
/// a window of 7 has 15 values (4 bits) whatever windows the channels chose.
struct Codebook {
  int terms = 1;
  std::vector<Term> entries;
  /// The top of each channel's window and the weights a channel has; empty and
  /// unused without windows.
  std::vector<int8_t> windowTops = {};
  int64_t perChannel = 0;

  /// What the exponents of weight number `weight` are relative to.
  int top(int64_t weight) const {
    return windowTops.empty() ? 0 : windowTops[weight / perChannel];
  }
  /// Term `t` of weight number `weight`, whose code is `code`.
  Term term(uint32_t code, int t, int64_t weight) const {
    Term result = entry(code)[t];
    if (result.sign != 0)
      result.exponent = static_cast<int8_t>(result.exponent + top(weight));
    return result;
  }

  /// Number of values.
  int64_t size() const { return static_cast<int64_t>(entries.size()) / terms; }
  /// The terms of value number `code`.
  const Term *entry(int64_t code) const {
    return entries.data() + code * terms;
  }
  /// Value number `code`, relative where channels have windows.
  float value(int64_t code) const { return termsValue(entry(code), terms); }
};

/// A packed tensor: code i occupies the bits [i*bits, (i+1)*bits) of `codes`,
/// a little-endian bit stream of ceil(count * bits / 8) bytes whose unused last
/// bits are 0.
struct PackedWeights {
  Codebook codebook;
  int64_t count = 0;
  int bits = 0;
  std::vector<uint8_t> codes;
};

/// Bits a code takes for a codebook of `size` values: ceil(log2 size), so 0 for
/// one value or none.
int codeBits(int64_t size);

/// Bytes that `count` codes of `bits` bits take.
int64_t packedBytes(int64_t count, int bits);

/// Writes the canonical terms of `value` to `terms` and returns true, or
/// returns false where `value` is no sum of at most `count` terms in `range`.
/// Canonical is what rounding=nearest makes of the value in `range`; where that
/// does not reproduce it within `count` terms (the span of 23 exponents cuts
/// the last one), what it makes with no exponent above floor(log2 |value|).
/// Every value that roundTerms can give in `range`, or in a window of it, with
/// `count` terms has canonical terms (PackedWeightsTest proves it by
/// enumeration). The smallest exponent is the position of the value's lowest
/// set bit, thus the same in every form.
bool canonicalTerms(float value, ExponentRange range, int count, Term *terms);

/// The tops of channels' windows of `size` exponents; none without windows.
struct ChannelWindows {
  int size = 0;
  std::vector<int8_t> tops;
};

/// Packs `count` weights of `termsPerWeight` terms each, rounded in `range`
/// and, where `windows` has some, in the window of their channel; channels have
/// equally many weights.
PackedWeights packWeights(const Term *terms, int64_t count, int termsPerWeight,
                          ExponentRange range,
                          const ChannelWindows &windows = {});

/// Packs codes of `bits` bits, 0 <= bits <= 32.
std::vector<uint8_t> packCodes(const uint32_t *codes, int64_t count, int bits);

/// Reads `count` codes, starting with code number `first`, from a stream made
/// by packCodes.
void unpackCodes(const uint8_t *bytes, int bits, int64_t first, int64_t count,
                 uint32_t *codes);

/// Expands `count` weights, starting with number `first`, to their canonical
/// terms: codebook.terms a weight.
void unpackTerms(const Codebook &codebook, const uint8_t *bytes, int bits,
                 int64_t first, int64_t count, Term *terms);

/// Expands `count` weights, starting with number `first`, to float32 values.
void unpackValues(const Codebook &codebook, const uint8_t *bytes, int bits,
                  int64_t first, int64_t count, float *values);

/// Returns an empty string, or what is wrong with a codebook read from outside
/// and the stream of `byteCount` bytes for `count` weights: number of bits,
/// exponents outside `range` (for some top, where channels have windows),
/// values that do not ascend, stream length, codes beyond the codebook.
std::string checkPacked(const Codebook &codebook, ExponentRange range,
                        const uint8_t *bytes, int64_t byteCount, int bits,
                        int64_t count);

} // namespace shift

#endif // SHIFT_SUPPORT_PACKEDWEIGHTS_H
