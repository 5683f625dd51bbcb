//===- WeightLayouts.h - Forms of weights that kernels read ---------------===//
// SPDX-License-Identifier: Apache-2.0
// Weights are stored as packed codes and a codebook (Support/PackedWeights.h).
// When a model is loaded they are expanded to the layout that the kernels of
// the layer were generated for. Pure functions; the runtime and the tests call
// them, code generators follow the definitions.
//
// Layout "values": float32 [terms][count]. Plane t holds term t of every weight
// in stored order: sign * 2^exponent, +0 where the weight has no such term.
// Parameters: none.
//
// Layout "shift-lists": 64-bit words for kernels that only shift and add. The
// output channels of a group are cut into chunks of "chunk_channels", the taps
// into blocks of "block_taps" (the last of each may be smaller). A kernel holds
// the taps of one block as panel rows: row 2k is x[tap k of the block], row
// 2k + 1 is -x, and the row after those of "block_taps" taps is 0.
//
//   word s                 word where section s starts, for s = 0..S - 1;
//                          section number chunk * blocks + block
//   word S                 the total number of words
//   section                each channel of the chunk once, in an order that
//                          puts alike ones together:
//     1 word               four 16-bit fields, lowest first: the channel's
//                          number in the chunk, the number n of slots, e_c (the
//                          smallest exponent of any of its terms, signed, 0 if
//                          it has none), 0
//     n slots, each
//       1 word             bits 0..31: number of quads; bits 32..63: gap
//       quads, 1 word each four 16-bit fields, lowest first: row << 6; bits
//                          0..5 of the word: shift
//
// The kernel of a channel:
//
//   acc = 0
//   for each slot: s = 0
//     for each quad: s = (s << shift) + row + row + row + row
//     acc = (acc + s) << gap
//
// Over all blocks the results add up to the sum over taps of
// sign * (x << (p - e_c)), the exact sum of design.md section 2, without a
// multiplication or a decision. Quads go by falling exponent, the shift of a
// quad is how far the exponent has fallen. Lists are padded to fours with the
// zero row; where it saves a quad, one row of exponent p is listed twice under
// p - 1. Neighbours in a section have as many slots and quads as each other if
// zero rows enough can be had cheaply, so that loops end where they are
// expected to.
//
// With "q_min" and "q_max", the range of x, a slot ends before its sum could
// leave 16 bits: with u positive and d negative rows, each counted 2^(its
// exponent - the slot's last one) times, u * q_max - d * q_min <= 32767 and
// d * q_max - u * q_min <= 32768. Sums on the way may wrap around. Without, a
// channel has one slot. Numbering of taps is the panel's order:
// k = (ci * kh + ky) * kw + kx, ci within the group, for a convolution.
//
// Parameters in "expand":
//   "out_channels": C, "taps_per_channel": T (cin/groups * kh * kw),
//   optional "block_taps": at most 511 (T), "chunk_channels" (C/G), "q_min" <=
//   0 and "q_max" > 0 of at most 8 bits, "groups": G (1). Weights are stored as
//   [C][T].
//
// Layout "dot16": int32 words of two int16 weights each, the first one in the
// low half, for kernels that multiply pairs of taps. Word
//
//   ((block * P + plane) * S + step) * R + r
//
// holds the weights of taps 2 * step and 2 * step + 1 of the block's channel r.
// Blocks are those of group 0, then of group 1, ...; a group of C/G channels
// has ceil(C/G / R) of them. A weight of a plane is the sum of sign * 2^(p -
// e_c - s) over its terms with s <= p - e_c < the next plane's s; e_c is the
// smallest exponent of any term of the channel. Channels and taps that do not
// exist have weights 0.
//
// Parameters in "expand": "out_channels": C, "taps_per_channel": T, "groups": G
// (as above, weights stored as [C][T]), "rows": R, "plane_shifts": [s of each
// of the P planes, ascending]. S = 2 * ceil(T / 4).
//
// Layout "dot8": int32 words for kernels that sum products of unsigned bytes
// and int8 weights in int16 before they widen the sum. Quad q of a channel is
// its taps 4 * q ... 4 * q + 3; in int16, taps 0 and 1 of a quad have one lane
// and taps 2 and 3 another. Quads come in chunks of K, the last one may be
// shorter. Slot block * ceil(S / K) + chunk has 3 + K * (1 + R) words:
//
//   3 words      how many groups of 3, 2 and 1 quads follow
//   K words      64 times the numbers of the chunk's quads, each once, group
//                by group
//   K * R words  for each of these quads, for each channel of the block,
//                the 4 weights as bytes, the first one lowest
//
// In every group, for every channel and lane, "largest" times the sum of the
// positive weights and "largest" times that of the negative ones fit int16.
//
// Blocks are those of "dot16", weights s * 2^(p - e_c). Parameters as there but
// for planes, and "chunk": K, "largest": the largest activation. S = 2 *
// ceil(T / 8).
//===----------------------------------------------------------------------===//
#ifndef SHIFT_RUNTIME_WEIGHTLAYOUTS_H
#define SHIFT_RUNTIME_WEIGHTLAYOUTS_H

#include "shift/Support/PackedWeights.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace shift::rt {

/// Packed weights as they lie in a compiled model. Views; `codes` has
/// packedBytes(count, bits) bytes and no code beyond the codebook.
struct PackedView {
  const Codebook *codebook = nullptr;
  const uint8_t *codes = nullptr;
  int bits = 0;
  int64_t count = 0;
};

/// What is wrong with the sizes that a layout claims for `count` weights, or
/// nothing.
std::string checkChannels(int64_t outChannels, int64_t tapsPerChannel,
                          int64_t groups, int64_t count);

/// Parameters of the layout "shift-lists".
struct ShiftListShape {
  int64_t outChannels = 0;
  int64_t tapsPerChannel = 0;
  int64_t blockTaps = 0, chunkChannels = 0;
  /// The range of x where slots must fit 16 bits; 0, 0 where they need not.
  int64_t qMin = 0, qMax = 0;
  int64_t groups = 1;

  /// Rows of a panel that a list can name, the zero row among them.
  static constexpr int64_t maxRows = 1024;
  static constexpr int64_t maxBlockTaps = (maxRows - 1) / 2;

  int64_t blocks() const {
    return (tapsPerChannel + blockTaps - 1) / blockTaps;
  }
  int64_t channelsPerGroup() const { return outChannels / groups; }
  int64_t chunksPerGroup() const {
    return (channelsPerGroup() + chunkChannels - 1) / chunkChannels;
  }
  int64_t sections() const { return groups * chunksPerGroup() * blocks(); }
  /// The lists of any weights of `terms` terms take at most so many words.
  int64_t wordBound(int terms) const {
    const int64_t entries = blockTaps * terms;
    const int64_t levels = std::min<int64_t>(exponentCount, 2 * entries);
    const int64_t quads = entries / 4 + 2 * levels + 2;
    return sections() + 1 + outChannels * blocks() * (1 + 3 * quads);
  }

  /// Sets the blocks and chunks that the parameters default to.
  void setDefaults() {
    blockTaps = tapsPerChannel;
    chunkChannels = channelsPerGroup();
  }
  /// Returns an empty string, or why `count` weights of `terms` terms do not
  /// have this shape or their lists could be too long for 32-bit offsets.
  std::string check(int64_t count, int terms) const;

  static constexpr int exponentCount = maxExponent - minExponent + 1;
};

/// Parameters of the layouts "dot16" and "dot8".
struct DotLayoutShape {
  int64_t outChannels = 0;
  int64_t tapsPerChannel = 0;
  int64_t groups = 1;
  int64_t rows = 1;
  /// For dot16 only.
  std::vector<int> planeShifts{0};
  /// For dot8 only.
  int64_t chunk = 1;
  int64_t largest = 255;

  /// Blocks of channels in all groups.
  int64_t blocks() const;
  /// Lane groups of `depth` taps a channel.
  int64_t steps(int64_t depth) const;
  /// Returns an empty string, or why `count` weights do not have this shape.
  std::string check(int64_t count) const;
};

/// Layout "values": codebook.terms * count float32.
void expandValues(const PackedView &weights, float *values);
/// The same as a vector.
std::vector<float> expandValues(const PackedView &weights);

/// Layout "shift-lists". `shape` has been checked.
std::vector<int64_t> buildShiftLists(const PackedView &weights,
                                     const ShiftListShape &shape);

/// Layout "dot16". `shape` has been checked.
std::vector<int32_t> buildDot16(const PackedView &weights,
                                const DotLayoutShape &shape);

/// Layout "dot8". `shape` has been checked.
std::vector<int32_t> buildDot8(const PackedView &weights,
                               const DotLayoutShape &shape);

} // namespace shift::rt

#endif // SHIFT_RUNTIME_WEIGHTLAYOUTS_H
