//===- PackedCodes.cpp - Weights as codes in kernels ----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"
#include "lib/Conversion/Kernels/FloatLayer.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;
using ::shift::Term;

/// Stored number of weight `tap` (in order of accumulation) of a channel.
static int64_t storedTap(const ConvLayer &layer, int64_t tap) {
  int64_t windows = windowCount(layer);
  int64_t channels = layer.panel.taps / windows;
  return tap % channels * windows + tap / channels;
}

std::vector<Term> mlir::shift::cuda::getOrderedTerms(WeightOp weights,
                                                     const ConvLayer &layer) {
  std::vector<Term> stored = getTerms(weights), ordered;
  int64_t taps = layer.panel.taps, channels = layer.groups * layer.channels;
  int64_t terms = stored.size() / std::max<int64_t>(channels * taps, 1);
  ordered.reserve(stored.size());
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t tap = 0; tap < taps; ++tap)
      for (int64_t t = 0; t < terms; ++t)
        ordered.push_back(
            stored[(c * taps + storedTap(layer, tap)) * terms + t]);
  return ordered;
}

/// The word of a term whose exponent is relative to a window's top.
static int32_t wordOf(const Term &term, CodeMeaning meaning) {
  if (term.sign == 0)
    return 0;
  uint32_t sign = term.sign < 0 ? 0x80000000u : 0;
  if (meaning == CodeMeaning::Float)
    return int32_t(sign | uint32_t(term.exponent + 127) << 23);
  return int32_t(sign | 0x40000000u | uint32_t(term.exponent + 128));
}

PackedCodes::PackedCodes(WeightOp weights, const ConvLayer &layer,
                         CodeMeaning meaning)
    : codebook(getCodebook(weights)), bits(int(weights.getBits())),
      taps(layer.panel.taps),
      count(layer.groups * layer.channels * layer.panel.taps) {
  std::vector<uint8_t> bytes = getRawBytes(weights.getCodes());
  std::vector<uint32_t> stored(count), ordered;
  ::shift::unpackCodes(bytes.data(), bits, 0, count, stored.data());
  ordered.reserve(count);
  for (int64_t first = 0; first < count; first += taps)
    for (int64_t tap = 0; tap < taps; ++tap)
      ordered.push_back(stored[first + storedTap(layer, tap)]);
  codes = ::shift::packCodes(ordered.data(), count, bits);
  // Kernels read whole bytes up to two past a code's first one.
  codes.resize(codes.size() + 4);
  for (const Term &term : codebook.entries)
    table.push_back(wordOf(term, meaning));
  for (int8_t top : codebook.windowTops)
    tops.push_back(meaning == CodeMeaning::Float ? int32_t(top) * (1 << 23)
                                                 : int32_t(top));
}

void PackedCodes::addTo(SmallVectorImpl<Value> &args,
                        Lowering &lowering) const {
  Builder b(lowering.getModule().getContext());
  args.push_back(
      lowering.constant(ArrayRef<uint8_t>(codes), b.getIntegerType(8)));
  args.push_back(
      lowering.constant(ArrayRef<int32_t>(table), b.getIntegerType(32)));
  if (!tops.empty())
    args.push_back(
        lowering.constant(ArrayRef<int32_t>(tops), b.getIntegerType(32)));
}

std::string PackedCodes::key() const {
  return "codes" + std::to_string(bits) + "x" + std::to_string(table.size()) +
         "t" + std::to_string(codebook.terms) + (tops.empty() ? "" : "w");
}

PackedCodes::Reader PackedCodes::emitReader(KernelBuilder &kb,
                                            ArrayRef<Value> buffers) const {
  Reader reader{buffers[0], buffers[1], Value()};
  kb.named(reader.codes, "codes");
  kb.named(reader.table, "codebook");
  if (!tops.empty()) {
    reader.tops = buffers[2];
    kb.named(reader.tops, "tops");
  }
  // A large table stays where it is.
  constexpr int64_t largest = 1024;
  int64_t size = table.size();
  if (size > largest)
    return reader;
  reader.table = kb.shared(kb.i(32), size, "table");
  kb.loop(kb.thread(), kb.index(size), kb.threads,
          [&](Val i) { kb.store(kb.load(buffers[1], i), reader.table, i); });
  return reader;
}

SmallVector<Val> PackedCodes::emitLoad(KernelBuilder &kb, const Reader &reader,
                                       Val channel, Val tap) const {
  Val bit = kb.named((channel * taps + tap) * bits, "bit");
  Val first = kb.named(bit / 8, "byte");
  Val code = kb.convert(kb.load(reader.codes, first), kb.i(32), false);
  // A code lies in one byte where its bits divide 8.
  for (int byte = 1; byte * 8 < bits + (8 % std::max(bits, 1) ? 7 : 0);
       ++byte) {
    Val next = kb.convert(kb.load(reader.codes, first + byte), kb.i(32), false);
    code = kb.bitOr(code, kb.shl(next, kb.constant(kb.i(32), 8 * byte)));
  }
  Val offset = kb.wrap(
      arith::IndexCastOp::create(kb.b, kb.loc, kb.i(32), (bit % 8).value));
  code = kb.bitAnd(kb.shrUnsigned(code, offset),
                   kb.constant(kb.i(32), (int64_t(1) << bits) - 1));
  kb.named(code, "code");
  Val entry = kb.toIndex(code) * codebook.terms;
  SmallVector<Val> words;
  for (int t = 0; t < codebook.terms; ++t) {
    Val word = kb.named(kb.load(reader.table, entry + t), "word");
    if (reader.tops) {
      Val zero = kb.constant(kb.i(32), 0);
      Val isThere = kb.compare(arith::CmpIPredicate::ne, word, zero);
      Val top = kb.load(reader.tops, channel);
      word = word + kb.select(isThere, top, zero);
    }
    words.push_back(word);
  }
  return words;
}
