//===- WeightLayouts.cpp - Forms of weights that kernels read -------------===//
// SPDX-License-Identifier: Apache-2.0
// Expansion of packed weights to planes of values and to shift lists, whose
// sections are independent and built in parallel.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace shift;
using namespace shift::rt;

namespace {

constexpr int rowsPerQuad = 4;
/// Channels that may share the number of quads, and the largest share of them
/// that padding to a common number may add.
constexpr size_t runChannels = 16;
constexpr int64_t runSlack = 16;
constexpr int maxQuadShift = 63;

/// Four panel rows that are added after the sum so far is shifted left. `plus`
/// of them are taps, `minus` negated taps, the rest zeros.
struct Quad {
  std::array<uint16_t, rowsPerQuad> rows{};
  int shift = 0;
  int plus = 0, minus = 0;
};

/// What one channel does with one block of taps.
struct Program {
  int64_t channel = 0;
  int exponent = 0;
  std::vector<Quad> quads;
  /// From the last quad's exponent to the channel's smallest.
  int gap = 0;
};

/// The terms of output channels in the order of their taps.
class TermReader {
public:
  TermReader(const Codebook &codebook, const std::vector<uint32_t> &codes,
             const ShiftListShape &shape)
      : codebook(codebook), codes(codes), shape(shape) {}

  /// visit(tap, term) for the taps [first, last) of `channel`.
  template <typename Visit>
  void forEachTerm(int64_t channel, int64_t first, int64_t last,
                   Visit visit) const {
    for (int64_t tap = first; tap < last; ++tap) {
      const int64_t weight = channel * shape.tapsPerChannel + tap;
      for (int t = 0; t < codebook.terms; ++t) {
        const Term term = codebook.term(codes[weight], t, weight);
        if (term.sign != 0)
          visit(tap, term);
      }
    }
  }

  /// The smallest exponent of any term of the channel, 0 if there is none.
  int smallestExponent(int64_t channel) const {
    int smallest = maxExponent + 1;
    forEachTerm(channel, 0, shape.tapsPerChannel,
                [&](int64_t, const Term &term) {
                  smallest = std::min<int>(smallest, term.exponent);
                });
    return smallest > maxExponent ? 0 : smallest;
  }

private:
  const Codebook &codebook;
  const std::vector<uint32_t> &codes;
  const ShiftListShape &shape;
};

/// Makes the programs of one section and lays them out as words.
class SectionBuilder {
public:
  SectionBuilder(const ShiftListShape &shape, const TermReader &reader,
                 const std::vector<int> &exponents)
      : shape(shape), reader(reader), exponents(exponents),
        levels(ShiftListShape::exponentCount) {}

  std::vector<int64_t> build(int64_t section) {
    const int64_t chunk = section / shape.blocks();
    const int64_t inGroup =
        chunk % shape.chunksPerGroup() * shape.chunkChannels;
    const int64_t first =
        chunk / shape.chunksPerGroup() * shape.channelsPerGroup() + inGroup;
    const int64_t count =
        std::min(shape.chunkChannels, shape.channelsPerGroup() - inGroup);
    const int64_t firstTap = section % shape.blocks() * shape.blockTaps;
    programs.clear();
    for (int64_t c = 0; c < count; ++c)
      programs.push_back(makeProgram(first + c, c, firstTap));
    std::sort(programs.begin(), programs.end(),
              [](const Program &a, const Program &b) {
                if (a.quads.size() != b.quads.size())
                  return a.quads.size() > b.quads.size();
                return a.channel < b.channel;
              });
    words.clear();
    for (size_t from = 0; from < programs.size();)
      from = writeRun(from);
    return std::move(words);
  }

private:
  Program makeProgram(int64_t channel, int64_t inChunk, int64_t firstTap) {
    const int64_t lastTap =
        std::min(firstTap + shape.blockTaps, shape.tapsPerChannel);
    const int lowest = exponents[channel] - minExponent;
    int highest = -1;
    reader.forEachTerm(
        channel, firstTap, lastTap, [&](int64_t tap, const Term &term) {
          const int level = term.exponent - minExponent;
          highest = std::max(highest, level);
          levels[level].push_back(
              static_cast<uint16_t>(2 * (tap - firstTap) + (term.sign < 0)));
        });
    Program program{inChunk, exponents[channel], {}, 0};
    for (int level = highest; level >= lowest; --level) {
      if (level > lowest)
        moveDown(levels[level], levels[level - 1]);
      if (levels[level].empty()) {
        ++program.gap;
        continue;
      }
      addQuads(program, levels[level]);
      levels[level].clear();
      program.gap = 1;
    }
    // The gap counts from the level above the next one.
    program.gap = std::max(program.gap - 1, 0);
    return program;
  }

  /// A row left over after the fours, listed twice one exponent below, may
  /// save a quad there.
  static void moveDown(std::vector<uint16_t> &rows,
                       std::vector<uint16_t> &below) {
    const size_t rest = below.size() % rowsPerQuad;
    if (rows.size() % rowsPerQuad != 1 || (rest != 1 && rest != 2))
      return;
    below.insert(below.end(), 2, rows.back());
    rows.pop_back();
  }

  /// `program.gap` is how far the exponent has fallen since the last quad.
  void addQuads(Program &program, const std::vector<uint16_t> &rows) const {
    int shift = program.quads.empty() ? 0 : program.gap;
    for (; shift > maxQuadShift; shift -= maxQuadShift)
      program.quads.push_back(zeroQuad(maxQuadShift));
    for (size_t i = 0; i < rows.size(); i += rowsPerQuad, shift = 0) {
      Quad quad = zeroQuad(shift);
      for (size_t k = i; k < std::min(i + rowsPerQuad, rows.size()); ++k) {
        quad.rows[k - i] = rows[k];
        ++(rows[k] % 2 ? quad.minus : quad.plus);
      }
      program.quads.push_back(quad);
    }
  }

  Quad zeroQuad(int shift) const {
    Quad quad;
    quad.rows.fill(static_cast<uint16_t>(2 * shape.blockTaps));
    quad.shift = shift;
    return quad;
  }

  /// Writes the programs from number `from` on that are about as long as it,
  /// padded to be as long; returns the number of the first one left.
  size_t writeRun(size_t from) {
    const int64_t length = static_cast<int64_t>(programs[from].quads.size());
    size_t to = from;
    while (to < programs.size() && to < from + runChannels) {
      auto missing = length - static_cast<int64_t>(programs[to].quads.size());
      if (missing * runSlack > length)
        break;
      programs[to++].quads.resize(static_cast<size_t>(length), zeroQuad(0));
    }
    std::vector<int64_t> ends;
    for (int64_t end = 0; end < length;) {
      int64_t begin = end;
      end = length;
      for (size_t i = from; i < to; ++i)
        end = std::min(end, slotEnd(programs[i], begin));
      ends.push_back(end);
    }
    for (size_t i = from; i < to; ++i)
      writeProgram(programs[i], ends);
    return to;
  }

  /// How many quads from `begin` on fit one slot, at least one.
  int64_t slotEnd(const Program &program, int64_t begin) const {
    const auto length = static_cast<int64_t>(program.quads.size());
    if (shape.qMax == 0)
      return length;
    int64_t plus = 0, minus = 0;
    for (int64_t i = begin; i < length; ++i) {
      const Quad &quad = program.quads[static_cast<size_t>(i)];
      const int shift = i == begin ? 0 : quad.shift;
      if (shift >= 16)
        return i;
      plus = (plus << shift) + quad.plus;
      minus = (minus << shift) + quad.minus;
      if (plus * shape.qMax - minus * shape.qMin > INT16_MAX ||
          minus * shape.qMax - plus * shape.qMin > -int64_t{INT16_MIN})
        return i;
    }
    return length;
  }

  void writeProgram(const Program &program, const std::vector<int64_t> &ends) {
    words.push_back(static_cast<int64_t>(
        static_cast<uint64_t>(program.channel) | ends.size() << 16 |
        static_cast<uint64_t>(static_cast<uint16_t>(program.exponent)) << 32));
    int64_t begin = 0;
    for (size_t slot = 0; slot < ends.size(); ++slot) {
      const int64_t end = ends[slot];
      // To the exponent of the next slot's last quad, in which its sum is.
      int64_t gap = slot + 1 == ends.size() ? program.gap : 0;
      if (slot + 1 < ends.size())
        for (int64_t i = end; i < ends[slot + 1]; ++i)
          gap += program.quads[static_cast<size_t>(i)].shift;
      words.push_back((end - begin) | gap << 32);
      for (int64_t i = begin; i < end; ++i) {
        const Quad &quad = program.quads[static_cast<size_t>(i)];
        uint64_t word = i == begin ? 0 : static_cast<uint64_t>(quad.shift);
        for (int k = 0; k < rowsPerQuad; ++k)
          word |= static_cast<uint64_t>(quad.rows[k]) << (16 * k + 6);
        words.push_back(static_cast<int64_t>(word));
      }
      begin = end;
    }
  }

  const ShiftListShape &shape;
  const TermReader &reader;
  const std::vector<int> &exponents;
  /// Rows by exponent, empty between two programs.
  std::vector<std::vector<uint16_t>> levels;
  std::vector<Program> programs;
  std::vector<int64_t> words;
};

} // namespace

std::string shift::rt::checkChannels(int64_t outChannels,
                                     int64_t tapsPerChannel, int64_t groups,
                                     int64_t count) {
  if (outChannels < 1 || tapsPerChannel < 1 ||
      outChannels > count / tapsPerChannel ||
      outChannels * tapsPerChannel != count)
    return "expected out_channels * taps_per_channel = count = " +
           std::to_string(count) + ", got " + std::to_string(outChannels) +
           " * " + std::to_string(tapsPerChannel);
  if (groups < 1 || outChannels % groups != 0)
    return "expected groups that divide out_channels = " +
           std::to_string(outChannels) + ", got " + std::to_string(groups);
  return {};
}

std::string ShiftListShape::check(int64_t count, int terms) const {
  std::string problem =
      checkChannels(outChannels, tapsPerChannel, groups, count);
  if (!problem.empty())
    return problem;
  if (blockTaps < 1 || blockTaps > maxBlockTaps)
    return "expected block_taps in [1, " + std::to_string(maxBlockTaps) +
           "], got " + std::to_string(blockTaps);
  if (chunkChannels < 1 || chunkChannels > UINT16_MAX)
    return "expected chunk_channels in [1, 65535], got " +
           std::to_string(chunkChannels);
  if (qMin < -128 || qMin > 0 || qMax < 0 || qMax > 255)
    return "expected q_min in [-128, 0] and q_max in [0, 255], got " +
           std::to_string(qMin) + " and " + std::to_string(qMax);
  if (wordBound(terms) > INT32_MAX)
    return "expected lists of at most 2147483647 words, got up to " +
           std::to_string(wordBound(terms));
  return {};
}

void shift::rt::expandValues(const PackedView &weights, float *values) {
  constexpr int64_t block = 4096;
  const int terms = weights.codebook->terms;
  const Codebook &codebook = *weights.codebook;
  std::vector<float> table;
  for (const Term &term : codebook.entries)
    table.push_back(termsValue(&term, 1));
  const bool hasWindows = !codebook.windowTops.empty();
  std::vector<uint32_t> codes(
      static_cast<size_t>(std::min(block, weights.count)));
  for (int64_t first = 0; first < weights.count; first += block) {
    int64_t n = std::min(block, weights.count - first);
    unpackCodes(weights.codes, weights.bits, first, n, codes.data());
    for (int t = 0; t < terms; ++t) {
      float *plane = values + t * weights.count + first;
      for (int64_t i = 0; i < n; ++i)
        plane[i] = hasWindows ? std::ldexp(table[codes[i] * terms + t],
                                           codebook.top(first + i))
                              : table[codes[i] * terms + t];
    }
  }
}

std::vector<float> shift::rt::expandValues(const PackedView &weights) {
  std::vector<float> values(
      static_cast<size_t>(weights.count * weights.codebook->terms));
  expandValues(weights, values.data());
  return values;
}

std::vector<int64_t> shift::rt::buildShiftLists(const PackedView &weights,
                                                const ShiftListShape &shape) {
  std::vector<uint32_t> codes(static_cast<size_t>(weights.count));
  unpackCodes(weights.codes, weights.bits, 0, weights.count, codes.data());

  const TermReader reader(*weights.codebook, codes, shape);
  std::vector<int> exponents(static_cast<size_t>(shape.outChannels));
  const int64_t count = shape.sections();
  std::vector<std::vector<int64_t>> sections(static_cast<size_t>(count));
#pragma omp parallel
  {
#pragma omp for schedule(static)
    for (int64_t c = 0; c < shape.outChannels; ++c)
      exponents[c] = reader.smallestExponent(c);
    SectionBuilder builder(shape, reader, exponents);
#pragma omp for schedule(static)
    for (int64_t i = 0; i < count; ++i)
      sections[i] = builder.build(i);
  }

  std::vector<int64_t> lists(static_cast<size_t>(count + 1));
  size_t total = lists.size();
  for (int64_t i = 0; i < count; ++i) {
    lists[i] = static_cast<int64_t>(total);
    total += sections[i].size();
  }
  lists[count] = static_cast<int64_t>(total);
  lists.reserve(total);
  for (std::vector<int64_t> &section : sections) {
    lists.insert(lists.end(), section.begin(), section.end());
    section = {};
  }
  return lists;
}
