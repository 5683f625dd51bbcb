//===- PackedWeights.cpp - Bit-packed power-of-two weights ----------------===//
// SPDX-License-Identifier: Apache-2.0
// Building codebooks, canonical terms and the bit stream.
//===----------------------------------------------------------------------===//
#include "shift/Support/PackedWeights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

namespace shift {
namespace {

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// Key of a weight's value that is cheap for one term: the position in a table
/// of 2 * 256 entries.
constexpr int singleTermKeys = 512;
int singleTermKey(Term term) {
  if (term.sign == 0)
    return 0;
  return (term.sign > 0 ? 256 : 0) + term.exponent + 128;
}

/// Rounds by `nearest` and says whether that reproduces the value.
bool reproduces(float value, ExponentRange range, int count, Term *terms) {
  roundTerms(value, range, Rounding::Nearest, Underflow::Zero, 0, count, terms);
  return termsValue(terms, count) == value;
}

/// The codebook of ascending different `values`.
Codebook makeCodebook(const std::vector<float> &values, int termsPerWeight,
                      ExponentRange range) {
  Codebook codebook;
  codebook.terms = termsPerWeight;
  codebook.entries.resize(values.size() * termsPerWeight);
  for (size_t i = 0; i < values.size(); ++i)
    canonicalTerms(values[i], range, termsPerWeight,
                   codebook.entries.data() + i * termsPerWeight);
  return codebook;
}

/// Position of a value in the ascending `values`, which contain it.
uint32_t codeOf(const std::vector<float> &values, float value) {
  return std::lower_bound(values.begin(), values.end(), value) - values.begin();
}

/// Codes of weights of one term each: a table of all terms does the lookup.
std::vector<uint32_t> codeSingleTerms(const Term *terms, int64_t count,
                                      std::vector<float> &values) {
  std::vector<uint32_t> codeOfKey(singleTermKeys, 0);
  std::vector<bool> isUsed(singleTermKeys, false);
  for (int64_t i = 0; i < count; ++i) {
    int key = singleTermKey(terms[i]);
    if (isUsed[key])
      continue;
    isUsed[key] = true;
    values.push_back(termValue(terms[i]));
  }
  std::sort(values.begin(), values.end());
  for (int key = 0; key < singleTermKeys; ++key) {
    if (!isUsed[key])
      continue;
    Term term;
    if (key != 0)
      term = {static_cast<int8_t>(key >= 256 ? 1 : -1),
              static_cast<int8_t>((key & 255) - 128)};
    codeOfKey[key] = codeOf(values, termValue(term));
  }
  std::vector<uint32_t> codes(count);
  for (int64_t i = 0; i < count; ++i)
    codes[i] = codeOfKey[singleTermKey(terms[i])];
  return codes;
}

/// Codes of weights of several terms: numbered as they come by a hash table
/// over the values' bits, then renumbered in ascending order.
std::vector<uint32_t> codeSums(const Term *terms, int64_t count,
                               int termsPerWeight, std::vector<float> &values) {
  std::unordered_map<uint32_t, uint32_t> numberOfBits;
  std::vector<uint32_t> codes(count);
  for (int64_t i = 0; i < count; ++i) {
    float value = termsValue(terms + i * termsPerWeight, termsPerWeight);
    auto [entry, isNew] = numberOfBits.emplace(
        bitsOf(value), static_cast<uint32_t>(values.size()));
    if (isNew)
      values.push_back(value);
    codes[i] = entry->second;
  }
  std::vector<float> unsorted = values;
  std::sort(values.begin(), values.end());
  std::vector<uint32_t> codeOfNumber;
  for (float value : unsorted)
    codeOfNumber.push_back(codeOf(values, value));
  for (uint32_t &code : codes)
    code = codeOfNumber[code];
  return codes;
}

/// Returns an empty string, or what is wrong with one entry of a codebook.
std::string checkEntry(const Term *entry, int terms, ExponentRange range) {
  for (int i = 0; i < terms; ++i) {
    if (entry[i].sign == 0) {
      if (entry[i].exponent != 0)
        return "expected exponent 0 of an absent term, got " +
               std::to_string(entry[i].exponent);
      continue;
    }
    if (entry[i].sign != 1 && entry[i].sign != -1)
      return "expected sign -1, 0 or 1, got " + std::to_string(entry[i].sign);
    if (entry[i].exponent < range.lo || entry[i].exponent > range.hi)
      return "expected exponent in [" + std::to_string(range.lo) + ", " +
             std::to_string(range.hi) + "], got " +
             std::to_string(entry[i].exponent);
    if (i > 0 && entry[i - 1].sign == 0)
      return "expected absent terms last";
    if (i > 0 && entry[i].exponent >= entry[i - 1].exponent)
      return "expected falling exponents, got " +
             std::to_string(entry[i - 1].exponent) + " before " +
             std::to_string(entry[i].exponent);
    if (entry[0].exponent - entry[i].exponent > maxTermSpan)
      return "expected exponents of a weight to span at most 23, got " +
             std::to_string(entry[0].exponent - entry[i].exponent);
  }
  return {};
}

/// Every exponent of every channel lies in the range.
std::string checkTops(const Codebook &codebook, ExponentRange range,
                      int64_t count) {
  const int64_t channels = static_cast<int64_t>(codebook.windowTops.size());
  if (count % channels != 0 || codebook.perChannel != count / channels)
    return "expected window tops for channels of equally many weights, got " +
           std::to_string(channels) + " for " + std::to_string(count);
  int lowest = 0;
  for (const Term &term : codebook.entries)
    lowest = std::min<int>(lowest, term.exponent);
  for (int top : codebook.windowTops)
    if (top > range.hi || top + lowest < range.lo)
      return "expected window tops in [" + std::to_string(range.lo - lowest) +
             ", " + std::to_string(range.hi) + "], got " + std::to_string(top);
  return {};
}

} // namespace

int codeBits(int64_t size) {
  int bits = 0;
  while (bits < 62 && (int64_t{1} << bits) < size)
    ++bits;
  return bits;
}

int64_t packedBytes(int64_t count, int bits) { return (count * bits + 7) / 8; }

bool canonicalTerms(float value, ExponentRange range, int count, Term *terms) {
  if (reproduces(value, range, count, terms))
    return true;
  // floor(log2 |value|), by nearest rounding of the value cut to its top bit.
  uint32_t topBit = bitsOf(value) & 0x7F800000u;
  int top = static_cast<int>(topBit >> 23) - 127;
  return top >= range.lo && top <= range.hi &&
         reproduces(value, {range.lo, top}, count, terms);
}

PackedWeights packWeights(const Term *terms, int64_t count, int termsPerWeight,
                          ExponentRange range, const ChannelWindows &windows) {
  Codebook tops;
  tops.windowTops = windows.tops;
  std::vector<Term> relative;
  if (!windows.tops.empty()) {
    tops.perChannel = count / static_cast<int64_t>(windows.tops.size());
    relative.assign(terms, terms + count * termsPerWeight);
    for (int64_t i = 0; i < count * termsPerWeight; ++i)
      if (relative[i].sign != 0)
        relative[i].exponent = static_cast<int8_t>(
            relative[i].exponent - tops.top(i / termsPerWeight));
    terms = relative.data();
    range = {std::max(1 - windows.size, range.lo - range.hi), 0};
  }
  std::vector<float> values;
  std::vector<uint32_t> codes =
      termsPerWeight == 1 ? codeSingleTerms(terms, count, values)
                          : codeSums(terms, count, termsPerWeight, values);
  PackedWeights packed;
  packed.codebook = makeCodebook(values, termsPerWeight, range);
  packed.codebook.windowTops = std::move(tops.windowTops);
  packed.codebook.perChannel = tops.perChannel;
  packed.count = count;
  packed.bits = codeBits(packed.codebook.size());
  packed.codes = packCodes(codes.data(), count, packed.bits);
  return packed;
}

std::vector<uint8_t> packCodes(const uint32_t *codes, int64_t count, int bits) {
  std::vector<uint8_t> bytes(packedBytes(count, bits), 0);
  uint64_t pending = 0;
  int pendingBits = 0;
  size_t next = 0;
  for (int64_t i = 0; i < count; ++i) {
    pending |= uint64_t{codes[i]} << pendingBits;
    pendingBits += bits;
    for (; pendingBits >= 8; pendingBits -= 8, pending >>= 8)
      bytes[next++] = static_cast<uint8_t>(pending);
  }
  if (pendingBits > 0)
    bytes[next] = static_cast<uint8_t>(pending);
  return bytes;
}

void unpackCodes(const uint8_t *bytes, int bits, int64_t first, int64_t count,
                 uint32_t *codes) {
  if (bits == 0) {
    std::fill(codes, codes + count, 0u);
    return;
  }
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  int64_t position = first * bits;
  bytes += position / 8;
  int skipped = static_cast<int>(position % 8);
  uint64_t pending = 0;
  int pendingBits = 0;
  for (int64_t i = 0; i < count; ++i) {
    while (pendingBits < bits + skipped) {
      pending |= uint64_t{*bytes++} << pendingBits;
      pendingBits += 8;
    }
    pending >>= skipped;
    codes[i] = static_cast<uint32_t>(pending & mask);
    pending >>= bits;
    pendingBits -= bits + skipped;
    skipped = 0;
  }
}

/// Calls use(from, to, top) for the runs of the weights [first, first + count)
/// whose exponents are relative to the same top.
template <typename Use>
static void forEachRun(const Codebook &codebook, int64_t first, int64_t count,
                       Use use) {
  const int64_t end = first + count;
  while (first < end) {
    int64_t next = end;
    if (!codebook.windowTops.empty())
      next = std::min(end,
                      (first / codebook.perChannel + 1) * codebook.perChannel);
    use(first, next, codebook.top(first));
    first = next;
  }
}

void unpackTerms(const Codebook &codebook, const uint8_t *bytes, int bits,
                 int64_t first, int64_t count, Term *terms) {
  std::vector<uint32_t> codes(count);
  unpackCodes(bytes, bits, first, count, codes.data());
  const uint32_t *code = codes.data();
  std::vector<Term> table;
  forEachRun(codebook, first, count, [&](int64_t from, int64_t to, int top) {
    table = codebook.entries;
    for (Term &term : table)
      if (term.sign != 0)
        term.exponent = static_cast<int8_t>(term.exponent + top);
    for (int64_t i = from; i < to; ++i, ++code)
      for (int t = 0; t < codebook.terms; ++t)
        *terms++ = table[int64_t{*code} * codebook.terms + t];
  });
}

void unpackValues(const Codebook &codebook, const uint8_t *bytes, int bits,
                  int64_t first, int64_t count, float *values) {
  std::vector<uint32_t> codes(count);
  unpackCodes(bytes, bits, first, count, codes.data());
  const uint32_t *code = codes.data();
  std::vector<float> table(codebook.size());
  forEachRun(codebook, first, count, [&](int64_t from, int64_t to, int top) {
    for (size_t i = 0; i < table.size(); ++i)
      table[i] = std::ldexp(codebook.value(i), top);
    for (int64_t i = from; i < to; ++i)
      *values++ = table[*code++];
  });
}

std::string checkPacked(const Codebook &codebook, ExponentRange range,
                        const uint8_t *bytes, int64_t byteCount, int bits,
                        int64_t count) {
  if (codebook.terms < 1 || codebook.terms > maxTerms)
    return "expected terms in [1, 3], got " + std::to_string(codebook.terms);
  if (codebook.entries.size() % codebook.terms != 0)
    return "expected a multiple of " + std::to_string(codebook.terms) +
           " codebook terms, got " + std::to_string(codebook.entries.size());
  if (!codebook.windowTops.empty()) {
    std::string problem = checkTops(codebook, range, count);
    if (!problem.empty())
      return problem;
    range = {range.lo - range.hi, 0};
  }
  for (int64_t i = 0; i < codebook.size(); ++i) {
    std::string problem = checkEntry(codebook.entry(i), codebook.terms, range);
    if (!problem.empty())
      return problem + " in codebook entry " + std::to_string(i);
    if (i > 0 && codebook.value(i - 1) >= codebook.value(i))
      return "expected ascending codebook values, got entry " +
             std::to_string(i) + " out of order";
  }
  if (bits != codeBits(codebook.size()))
    return "expected " + std::to_string(codeBits(codebook.size())) +
           " bits a weight for " + std::to_string(codebook.size()) +
           " values, got " + std::to_string(bits);
  if (count > 0 && codebook.size() == 0)
    return "expected a codebook with values, got an empty one";
  if (byteCount != packedBytes(count, bits))
    return "expected " + std::to_string(packedBytes(count, bits)) +
           " bytes of codes, got " + std::to_string(byteCount);
  // Codes of no bits are all 0.
  if (bits == 0)
    return {};
  constexpr int64_t block = 4096;
  std::vector<uint32_t> codes(block);
  for (int64_t first = 0; first < count; first += block) {
    int64_t size = std::min(block, count - first);
    unpackCodes(bytes, bits, first, size, codes.data());
    for (int64_t i = 0; i < size; ++i)
      if (codes[i] >= codebook.size())
        return "expected codes below " + std::to_string(codebook.size()) +
               ", got " + std::to_string(codes[i]) + " for weight " +
               std::to_string(first + i);
  }
  return {};
}

} // namespace shift
