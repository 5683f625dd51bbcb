//===- DotLayouts.cpp - Weights of the dot product kernels ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <algorithm>

using namespace shift;
using namespace shift::rt;

namespace {

int64_t divideCeil(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/// The smallest exponent of any term of a channel.
int channelExponent(const Codebook &codebook, const uint32_t *codes,
                    int64_t first, int64_t count) {
  int exponent = maxExponent + 1;
  for (int64_t i = first; i < first + count; ++i)
    for (int t = 0; t < codebook.terms; ++t)
      if (Term term = codebook.term(codes[i], t, i); term.sign != 0)
        exponent = std::min<int>(exponent, term.exponent);
  return exponent;
}

/// The part of a weight in the exponents [lo, hi), in units of 2^lo. A plane
/// that a plan claims and that is too wide is cut, never undefined.
int32_t planeWeight(const Codebook &codebook, uint32_t code, int64_t weight,
                    int lo, int hi) {
  int32_t value = 0;
  for (int t = 0; t < codebook.terms; ++t)
    if (Term term = codebook.term(code, t, weight);
        term.sign != 0 && term.exponent >= lo &&
        term.exponent < std::min(hi, lo + 16))
      value += term.sign * (int32_t{1} << (term.exponent - lo));
  return value;
}

} // namespace

int64_t DotLayoutShape::blocks() const {
  return groups * divideCeil(outChannels / groups, rows);
}

int64_t DotLayoutShape::steps(int64_t depth) const {
  return 2 * divideCeil(tapsPerChannel, 2 * depth);
}

std::string DotLayoutShape::check(int64_t count) const {
  if (outChannels < 1 || tapsPerChannel < 1 ||
      outChannels > count / tapsPerChannel ||
      outChannels * tapsPerChannel != count)
    return "expected out_channels * taps_per_channel = count = " +
           std::to_string(count) + ", got " + std::to_string(outChannels) +
           " * " + std::to_string(tapsPerChannel);
  if (groups < 1 || outChannels % groups != 0)
    return "expected groups that divide out_channels = " +
           std::to_string(outChannels) + ", got " + std::to_string(groups);
  if (!std::is_sorted(planeShifts.begin(), planeShifts.end()))
    return "expected plane_shifts that ascend";
  return {};
}

std::vector<int32_t> shift::rt::buildDot16(const PackedView &weights,
                                           const DotLayoutShape &shape) {
  std::vector<uint32_t> codes(static_cast<size_t>(weights.count));
  unpackCodes(weights.codes, weights.bits, 0, weights.count, codes.data());
  const Codebook &codebook = *weights.codebook;
  const int64_t taps = shape.tapsPerChannel, steps = shape.steps(2);
  const int64_t planes = static_cast<int64_t>(shape.planeShifts.size());
  const int64_t perGroup = shape.outChannels / shape.groups;
  const int64_t blocksPerGroup = divideCeil(perGroup, shape.rows);
  std::vector<int32_t> words(
      static_cast<size_t>(shape.blocks() * planes * steps * shape.rows));
#pragma omp parallel for schedule(static)
  for (int64_t c = 0; c < shape.outChannels; ++c) {
    const int64_t inGroup = c % perGroup;
    const int64_t block = c / perGroup * blocksPerGroup + inGroup / shape.rows;
    const int64_t row = inGroup % shape.rows;
    const int exponent =
        channelExponent(codebook, codes.data(), c * taps, taps);
    for (int64_t plane = 0; plane < planes; ++plane) {
      const int lo = exponent + shape.planeShifts[plane];
      const int hi = plane + 1 < planes
                         ? exponent + shape.planeShifts[plane + 1]
                         : maxExponent + 1;
      int32_t *word =
          words.data() + ((block * planes + plane) * steps) * shape.rows + row;
      for (int64_t k = 0; k < taps; ++k) {
        const int64_t at = c * taps + k;
        const uint32_t half =
            static_cast<uint16_t>(planeWeight(codebook, codes[at], at, lo, hi));
        uint32_t &target =
            reinterpret_cast<uint32_t &>(word[k / 2 * shape.rows]);
        target |= half << (16 * (k % 2));
      }
    }
  }
  return words;
}
