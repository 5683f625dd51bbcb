//===- WeightLayouts.cpp - Forms of weights that kernels read -------------===//
// SPDX-License-Identifier: Apache-2.0
// Expansion of packed weights to planes of values and to shift lists. Channels
// are independent, so lists are built in two parallel passes: lengths, then
// content.
//===----------------------------------------------------------------------===//
#include "shift/Runtime/WeightLayouts.h"

#include <algorithm>
#include <cmath>

using namespace shift;
using namespace shift::rt;

namespace {

/// Words before a channel's groups and before a group's taps.
constexpr int64_t channelHeader = 2;
constexpr int64_t groupHeader = 3;

constexpr int exponentCount = maxExponent - minExponent + 1;

/// The taps of one channel by exponent and sign.
class ChannelTaps {
public:
  ChannelTaps(const Codebook &codebook, const std::vector<uint32_t> &codes,
              const ShiftListShape &shape, int64_t channel)
      : codebook(codebook), codes(codes), shape(shape), channel(channel) {
    forEachTerm([&](int64_t, const Term &term) { ++counts[slot(term)]; });
  }

  int64_t words() const {
    int64_t total = channelHeader;
    for (int e = 0; e < exponentCount; ++e)
      if (int64_t taps = counts[2 * e] + counts[2 * e + 1])
        total += groupHeader + taps;
    return total;
  }

  void write(int32_t *stream) const {
    std::array<int32_t *, 2 * exponentCount> cursor{};
    int32_t *word = stream + channelHeader;
    int32_t *gap = nullptr;
    int32_t groups = 0;
    int above = 0;
    for (int e = exponentCount - 1; e >= 0; --e) {
      int32_t plus = counts[2 * e], minus = counts[2 * e + 1];
      if (plus + minus == 0)
        continue;
      if (gap)
        *gap = above - e;
      above = e;
      ++groups;
      gap = word;
      word[0] = 0;
      word[1] = plus;
      word[2] = minus;
      cursor[2 * e] = word + groupHeader;
      cursor[2 * e + 1] = cursor[2 * e] + plus;
      word = cursor[2 * e + 1] + minus;
    }
    stream[0] = groups ? above + minExponent : shape.emptyExponent;
    stream[1] = groups;
    forEachTerm([&](int64_t tap, const Term &term) {
      *cursor[slot(term)]++ = static_cast<int32_t>(tap);
    });
  }

private:
  static int slot(const Term &term) {
    return 2 * (term.exponent - minExponent) + (term.sign < 0);
  }

  template <typename Visit>
  void forEachTerm(Visit visit) const {
    // weightIndex(channel, tap) for rising taps, without its divisions.
    const int64_t first = shape.weightIndex(channel, 0);
    for (int64_t tap = 0; tap < shape.tapsPerChannel; tap += shape.window) {
      int64_t input = first + tap / shape.window * shape.strides[2];
      for (int64_t w = 0; w < shape.window; ++w) {
        const int64_t weight = input + w * shape.strides[3];
        for (int t = 0; t < codebook.terms; ++t) {
          const Term term = codebook.term(codes[weight], t, weight);
          if (term.sign != 0)
            visit(tap + w, term);
        }
      }
    }
  }

  const Codebook &codebook;
  const std::vector<uint32_t> &codes;
  const ShiftListShape &shape;
  int64_t channel;
  std::array<int32_t, 2 * exponentCount> counts{};
};

} // namespace

void ShiftListShape::setDenseStrides() {
  strides = {outChannels / groups * tapsPerChannel, tapsPerChannel, window, 1};
}

int64_t ShiftListShape::weightIndex(int64_t channel, int64_t tap) const {
  int64_t perGroup = outChannels / groups;
  return channel / perGroup * strides[0] + channel % perGroup * strides[1] +
         tap / window * strides[2] + tap % window * strides[3];
}

std::string ShiftListShape::check(int64_t count, int terms) const {
  if (outChannels < 1 || tapsPerChannel < 1 ||
      outChannels > count / tapsPerChannel ||
      outChannels * tapsPerChannel != count)
    return "expected out_channels * taps_per_channel = count = " +
           std::to_string(count) + ", got " + std::to_string(outChannels) +
           " * " + std::to_string(tapsPerChannel);
  if (groups < 1 || outChannels % groups != 0)
    return "expected groups that divide out_channels = " +
           std::to_string(outChannels) + ", got " + std::to_string(groups);
  if (window < 1 || tapsPerChannel % window != 0)
    return "expected a window that divides taps_per_channel = " +
           std::to_string(tapsPerChannel) + ", got " + std::to_string(window);
  const int64_t sizes[] = {groups, outChannels / groups,
                           tapsPerChannel / window, window};
  int64_t last = 0;
  for (int i = 0; i < 4; ++i) {
    if (strides[i] < 0 || strides[i] > count)
      return "expected strides in [0, " + std::to_string(count) + "], got " +
             std::to_string(strides[i]);
    last += (sizes[i] - 1) * strides[i];
    if (last >= count)
      return "expected strides that stay within " + std::to_string(count) +
             " weights, got one that reaches number " + std::to_string(last);
  }
  int64_t groupsPerChannel =
      std::min<int64_t>(exponentCount, tapsPerChannel * terms);
  int64_t words =
      2 + outChannels * (1 + channelHeader + groupHeader * groupsPerChannel) +
      count * terms;
  if (words > INT32_MAX)
    return "expected lists of at most 2147483647 words, got up to " +
           std::to_string(words);
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

std::vector<int32_t> shift::rt::buildShiftLists(const PackedView &weights,
                                                const ShiftListShape &shape) {
  std::vector<uint32_t> codes(static_cast<size_t>(weights.count));
  unpackCodes(weights.codes, weights.bits, 0, weights.count, codes.data());

  const int64_t channels = shape.outChannels;
  std::vector<int64_t> words(static_cast<size_t>(channels));
#pragma omp parallel for schedule(static)
  for (int64_t c = 0; c < channels; ++c)
    words[c] = ChannelTaps(*weights.codebook, codes, shape, c).words();

  int64_t offset = channels + 2;
  for (int64_t &length : words) {
    int64_t begin = offset;
    offset += length;
    length = begin;
  }
  std::vector<int32_t> lists(static_cast<size_t>(offset));
  lists[0] = static_cast<int32_t>(channels);
  for (int64_t c = 0; c < channels; ++c)
    lists[1 + c] = static_cast<int32_t>(words[c]);
  lists[1 + channels] = static_cast<int32_t>(offset);
#pragma omp parallel for schedule(static)
  for (int64_t c = 0; c < channels; ++c)
    ChannelTaps(*weights.codebook, codes, shape, c)
        .write(lists.data() + words[c]);
  return lists;
}
