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
// Layout "shift-lists": int32 words for kernels that only shift and add.
//
//   word 0                 C, the number of output channels
//   word 1 + c             offset[c], the word where channel c's stream starts
//                          (c = 0..C; offset[C] is the total number of words)
//   stream of channel c    e_c          smallest exponent of any of its terms,
//                                       "empty_exponent" if it has none
//                          G            number of groups, 0 if it has none
//                          G groups, by falling exponent p_0 > ... > p_(G-1),
//                          each:
//                            gap        p_g - p_(g+1); for the last group
//                                       p_g - e_c, which is 0
//                            P          number of plus taps
//                            M          number of minus taps
//                            P words    taps of terms +2^p_g, ascending
//                            M words    taps of terms -2^p_g, ascending
//
// No exponent without a term has a group. A weight of several terms is in
// several groups. The kernel of channel c over panel rows x[tap]:
//
//   acc = 0
//   for each group: acc += sum x[plus taps] - sum x[minus taps]; acc <<= gap
//
// which is sum over taps of s * (x << (p - e_c)), the exact sum of design.md
// section 2, without a multiplication. Numbering of taps is the panel's order:
// k = (ci * kh + ky) * kw + kx, ci within the group, for a convolution.
//
// Parameters in "expand":
//   "out_channels": C, "taps_per_channel": T (cin/groups * kh * kw),
//   "empty_exponent": e_c of a channel without weights,
//   optional, where weights are not stored as [C][T] (transposed convolutions,
//   matrices): "groups": G (1), "window": W, taps an input channel (1), and
//   "strides": [group, output channel in the group, input channel in the group,
//   tap of the window], in elements, default [C/G * T, T, W, 1]. Channel
//   c = g * C/G + m, tap k = i * W + w is stored as weight number
//   g * strides[0] + m * strides[1] + i * strides[2] + w * strides[3].
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
//   K words      64 times the numbers of the quads in the chunk, group by group,
//   each
//                quad of the chunk once
//   K * R words  for each of these quads in turn, for each channel of the
//   block,
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

#include <array>
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

/// Parameters of the layout "shift-lists".
struct ShiftListShape {
  int64_t outChannels = 0;
  int64_t tapsPerChannel = 0;
  int32_t emptyExponent = 0;
  int64_t groups = 1;
  int64_t window = 1;
  /// Elements from one group, output channel, input channel, tap of the window
  /// to the next.
  std::array<int64_t, 4> strides{};

  /// Sets the strides of weights stored as [outChannels][tapsPerChannel].
  void setDenseStrides();
  /// Number of the stored weight of tap `tap` of output channel `channel`.
  int64_t weightIndex(int64_t channel, int64_t tap) const;
  /// Returns an empty string, or why `count` weights of `terms` terms do not
  /// have this shape or their lists could be too long for int32 offsets.
  std::string check(int64_t count, int terms) const;
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
std::vector<int32_t> buildShiftLists(const PackedView &weights,
                                     const ShiftListShape &shape);

/// Layout "dot16". `shape` has been checked.
std::vector<int32_t> buildDot16(const PackedView &weights,
                                const DotLayoutShape &shape);

/// Layout "dot8". `shape` has been checked.
std::vector<int32_t> buildDot8(const PackedView &weights,
                               const DotLayoutShape &shape);

} // namespace shift::rt

#endif // SHIFT_RUNTIME_WEIGHTLAYOUTS_H
