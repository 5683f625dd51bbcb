//===- ByteWeights.cpp - Weights as bytes ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ByteKernels.h"
#include "lib/Conversion/ShiftToGPU/PackedCodes.h"
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;
using ::shift::Term;

namespace {
/// The sum of each channel's weights relative to e_c, and the largest sum of
/// magnitudes.
struct WeightSums {
  std::vector<int64_t> sums;
  int64_t largest = 0;
};
} // namespace

/// None where a weight is no signed byte.
static std::optional<WeightSums> sumWeights(const FixedLayer &fixed,
                                            ArrayRef<int> exponents) {
  std::vector<Term> terms = getTerms(getWeightOp(fixed.weights));
  int64_t taps = fixed.layer.panel.taps, channels = exponents.size();
  int64_t perWeight = terms.size() / std::max<int64_t>(channels * taps, 1);
  WeightSums result;
  for (int64_t c = 0; c < channels; ++c) {
    int64_t sum = 0, magnitude = 0;
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t weight = 0;
      for (int64_t t = 0; t < perWeight; ++t) {
        const Term &term = terms[(c * taps + tap) * perWeight + t];
        int amount = term.exponent - exponents[c];
        if (term.sign && amount > 7)
          return std::nullopt;
        weight += term.sign ? term.sign * (int64_t(1) << amount) : 0;
      }
      if (weight < -128 || weight > 127)
        return std::nullopt;
      sum += weight;
      magnitude += std::abs(weight);
    }
    result.sums.push_back(sum);
    result.largest = std::max(result.largest, magnitude);
  }
  return result;
}

bool mlir::shift::cuda::hasByteProducts(const FixedLayer &fixed,
                                        const SumCertificate &certificate,
                                        std::string &reason) {
  if (fixed.inputFormat().storageBits > 16) {
    reason = "activations are of more than 16 bits";
    return false;
  }
  std::optional<WeightSums> sums = sumWeights(fixed, certificate.exponent);
  if (!sums)
    reason = "a channel has weights that are no bytes relative to its smallest "
             "one";
  else if (sums->largest * 128 > INT32_MAX || certificate.boundBits > 64)
    reason = "sums of bytes take more than 32 bits";
  return reason.empty();
}

/// Fills a buffer with weights relative to e_c, [group][row][tap] of `rows` and
/// `taps` that are padded with zeros to whole tiles. `buffers`: of the codes,
/// the channels' bases, the result.
static void emitExpansion(KernelBuilder &kb, const ConvLayer &layer,
                          const PackedCodes &codes, const PackedBytes &packed,
                          int64_t rows, int64_t taps, int64_t itemSize,
                          ArrayRef<Value> buffers, Val block) {
  PackedCodes::Reader reader = codes.emitReader(kb, buffers);
  kb.barrier();
  Value bases = buffers[codes.bufferCount()];
  forEachElement(kb, block, layer.groups * rows * taps, itemSize, [&](Val i) {
    Val row = kb.named(i / taps % rows, "row"), group = i / (taps * rows);
    Val window = kb.named(i % taps / packed.allChannels, "window");
    Val input = kb.named(i % taps % packed.allChannels, "inputChannel");
    auto isBelow = [&](Val value, int64_t size) {
      return kb.compare(arith::CmpIPredicate::ult, value, kb.index(size));
    };
    Val isThere = kb.named(
        kb.all({isBelow(window, layer.panel.window()),
                isBelow(input, packed.channels), isBelow(row, layer.channels)}),
        "isThere");
    Val channel = kb.select(isThere, group * layer.channels + row, kb.index(0));
    Val tap = kb.select(isThere, window * packed.channels + input, kb.index(0));
    kb.named(channel, "channel");
    kb.named(tap, "tap");
    Val base = kb.load(bases, channel), sum = kb.constant(kb.i(32), 0);
    for (Val word : codes.emitLoad(kb, reader, channel, tap)) {
      ShiftFactor factor =
          emitShiftFactor(kb, emitShiftWord(kb, word, base, 32), 32);
      Val product = emitShiftProduct(kb, kb.constant(kb.i(32), 1), factor);
      // The one that an inverted product lacks.
      sum = sum + product - kb.bitAnd(factor.inverted, factor.kept);
    }
    Val byte = kb.convert(sum, kb.i(8));
    kb.store(kb.select(isThere, byte, kb.constant(byte.type(), 0)),
             buffers.back(), i);
  });
}

Value mlir::shift::cuda::addByteWeights(const FixedLayer &fixed,
                                        const GemmTiling &tiling,
                                        SumCertificate &certificate,
                                        Lowering &lowering) {
  const ConvLayer &layer = fixed.layer;
  ::shift::FixedPoint format = fixed.inputFormat();
  // Lower bytes of 16 bits have no sign.
  int64_t offset = 0;
  if (!format.isSigned || format.storageBits == 16)
    offset += 128;
  if (!format.isSigned && format.storageBits == 16)
    offset += 128 * 256;
  WeightSums known = *sumWeights(fixed, certificate.exponent);
  for (auto [c, sum] : llvm::enumerate(known.sums))
    addToSums(certificate, c, offset * sum);
  WeightOp weights = getWeightOp(fixed.weights);
  PackedCodes codes(weights, layer, CodeMeaning::Shift);
  int64_t rows = llvm::alignTo(layer.channels, tiling.rows);
  PackedBytes packed(fixed);
  int64_t taps = llvm::alignTo(packed.taps, tiling.depth);
  int64_t count = layer.groups * rows * taps, itemSize = lowering.itemSize();
  Builder b(lowering.getModule().getContext());
  std::vector<int32_t> bases;
  for (int exponent : certificate.exponent)
    bases.push_back(exponent + 128);
  SmallVector<Value> constants;
  codes.addTo(constants, lowering);
  constants.push_back(
      lowering.constant(ArrayRef<int32_t>(bases), b.getI32Type()));
  StepInfo info;
  info.extent = llvm::divideCeil(count, itemSize);
  info.reason = "Weights relative to each channel's smallest one, as bytes";
  std::string layout = "bytes " +
                       shapeKey({layer.groups, layer.channels, layer.panel.taps,
                                 packed.allChannels, rows, taps}) +
                       " " + codes.key();
  return lowering.setUp(
      weights, layout, constants, b.getI8Type(), count, info,
      [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val block, Val) {
        emitExpansion(kb, layer, codes, packed, rows, taps, itemSize, buffers,
                      block);
      });
}
