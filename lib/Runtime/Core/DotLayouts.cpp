//===- DotLayouts.cpp - Weights of the dot product kernels ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"
#include "shift/Support/FixedPoint.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace shift;
using namespace shift::rt;

namespace {

int64_t divideCeil(int64_t a, int64_t b) { return a / b + (a % b != 0); }

/// The smallest exponent of any term of a channel.
int smallestExponent(const Codebook &codebook, const uint32_t *codes,
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
  std::string problem =
      checkChannels(outChannels, tapsPerChannel, groups, count);
  if (!problem.empty())
    return problem;
  if (chunk > std::max<int64_t>(steps(4), 1))
    return "expected chunks of at most " + std::to_string(steps(4)) +
           " quads, got " + std::to_string(chunk);
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
        smallestExponent(codebook, codes.data(), c * taps, taps);
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

//===----------------------------------------------------------------------===//
// dot8
//===----------------------------------------------------------------------===//

namespace {

constexpr size_t largestGroup = 3;
/// Distance of quads in a kernel's panel.
constexpr int32_t quadBytes = 64;
/// Of a group: for each channel and lane, the sums of positive and of negative
/// weights.
using Loads = std::vector<int32_t>;

/// A group of quads in the making.
struct QuadGroup {
  std::vector<int32_t> quads;
  Loads loads;
};

/// Fills one slot: int8 weights [quad][row][4] of a chunk to groups.
class SlotBuilder {
public:
  SlotBuilder(int64_t rows, int64_t largest, const int8_t *weights,
              int64_t count)
      : rows(rows), limit(magnitudeLimit(largest, 16)), weights(weights) {
    std::vector<std::pair<int32_t, int32_t>> heaviestFirst;
    for (int64_t q = 0; q < count; ++q) {
      const Loads loads = loadsOf(q);
      heaviestFirst.emplace_back(-*std::max_element(loads.begin(), loads.end()),
                                 static_cast<int32_t>(q));
    }
    std::sort(heaviestFirst.begin(), heaviestFirst.end());
    groups.resize(
        static_cast<size_t>(divideCeil(count, int64_t{largestGroup})));
    for (QuadGroup &group : groups)
      group.loads.assign(static_cast<size_t>(4 * rows), 0);
    for (auto [load, quad] : heaviestFirst)
      place(quad);
  }

  void write(int32_t *slot, int64_t chunk) const {
    int32_t *order = slot + largestGroup;
    int32_t *word = order + chunk;
    for (size_t size = largestGroup; size > 0; --size)
      for (const QuadGroup &group : groups) {
        if (group.quads.size() != size)
          continue;
        ++slot[largestGroup - size];
        for (int32_t quad : group.quads) {
          *order++ = quad * quadBytes;
          std::memcpy(word, weights + quad * rows * 4,
                      static_cast<size_t>(rows * 4));
          word += rows;
        }
      }
  }

private:
  Loads loadsOf(int64_t quad) const {
    Loads loads(static_cast<size_t>(4 * rows));
    for (int64_t i = 0; i < 4 * rows; ++i) {
      const int32_t weight = weights[quad * rows * 4 + i];
      loads[i / 2 * 2 + (weight < 0)] += std::abs(weight);
    }
    return loads;
  }

  bool fits(const QuadGroup &group, const Loads &loads) const {
    if (group.quads.size() == largestGroup)
      return false;
    for (size_t i = 0; i < loads.size(); ++i)
      if (group.loads[i] + loads[i] > limit)
        return false;
    return true;
  }

  /// Puts a quad in the emptiest group that holds it, else in a new one.
  void place(int32_t quad) {
    const Loads loads = loadsOf(quad);
    QuadGroup *best = nullptr;
    for (QuadGroup &group : groups)
      if ((!best || group.quads.size() < best->quads.size()) &&
          fits(group, loads))
        best = &group;
    if (!best) {
      best = &groups.emplace_back();
      best->loads.assign(loads.size(), 0);
    }
    best->quads.push_back(quad);
    for (size_t i = 0; i < loads.size(); ++i)
      best->loads[i] += loads[i];
  }

  int64_t rows, limit;
  const int8_t *weights;
  std::vector<QuadGroup> groups;
};

} // namespace

std::vector<int32_t> shift::rt::buildDot8(const PackedView &weights,
                                          const DotLayoutShape &shape) {
  std::vector<uint32_t> codes(static_cast<size_t>(weights.count));
  unpackCodes(weights.codes, weights.bits, 0, weights.count, codes.data());
  const Codebook &codebook = *weights.codebook;
  const int64_t taps = shape.tapsPerChannel, steps = shape.steps(4);
  const int64_t rows = shape.rows, chunk = shape.chunk;
  const int64_t perGroup = shape.outChannels / shape.groups;
  const int64_t blocksPerGroup = divideCeil(perGroup, rows);
  const int64_t chunks = divideCeil(steps, chunk);
  const int64_t slot = int64_t{largestGroup} + chunk * (1 + rows);
  std::vector<int32_t> words(
      static_cast<size_t>(shape.blocks() * chunks * slot));
#pragma omp parallel for schedule(static)
  for (int64_t block = 0; block < shape.blocks(); ++block) {
    std::vector<int8_t> values(static_cast<size_t>(steps * rows * 4), 0);
    const int64_t first = block % blocksPerGroup * rows;
    for (int64_t r = 0; r < std::min(rows, perGroup - first); ++r) {
      const int64_t at = (block / blocksPerGroup * perGroup + first + r) * taps;
      const int e = smallestExponent(codebook, codes.data(), at, taps);
      for (int64_t k = 0; k < taps; ++k)
        values[(k / 4 * rows + r) * 4 + k % 4] = static_cast<int8_t>(
            planeWeight(codebook, codes[at + k], at + k, e, maxExponent + 1));
    }
    for (int64_t c = 0; c < chunks; ++c)
      SlotBuilder(rows, shape.largest, values.data() + c * chunk * rows * 4,
                  std::min(chunk, steps - c * chunk))
          .write(words.data() + (block * chunks + c) * slot, chunk);
  }
  return words;
}
