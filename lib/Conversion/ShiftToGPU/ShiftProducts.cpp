//===- ShiftProducts.cpp - Products without multiplications ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/ShiftProducts.h"
#include "dialects/Shift/IR/ShiftWeights.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::cuda;
using ::shift::Term;

void mlir::shift::cuda::addToSums(SumCertificate &certificate, int64_t channel,
                                  ::shift::int128 value) {
  certificate.add[channel] += value << certificate.left[channel];
}

std::vector<int32_t>
mlir::shift::cuda::correctInversions(const FixedLayer &fixed,
                                     SumCertificate &certificate) {
  std::vector<Term> terms = getTerms(getWeightOp(fixed.weights));
  int64_t channels = certificate.exponent.size();
  int64_t perChannel = terms.size() / std::max<int64_t>(channels, 1);
  std::vector<int32_t> bases;
  for (int64_t c = 0; c < channels; ++c) {
    bases.push_back(certificate.exponent[c] + 128);
    addToSums(certificate, c,
              llvm::count_if(ArrayRef(terms).slice(c * perChannel, perChannel),
                             [](const Term &term) { return term.sign < 0; }));
  }
  return bases;
}

Val mlir::shift::cuda::emitShiftWord(KernelBuilder &kb, Val word, Val base,
                                     int64_t width) {
  auto constant = [&](int64_t value) { return kb.constant(kb.i(32), value); };
  Val amount = kb.named(kb.bitAnd(word, constant(255)) - base, "amount");
  return kb.bitOr(kb.bitAnd(word, constant(-(int64_t(1) << 30))),
                  kb.bitAnd(amount, constant(width - 1)));
}

ShiftFactor mlir::shift::cuda::emitShiftFactor(KernelBuilder &kb, Val word,
                                               int64_t width) {
  Type wide = kb.i(width);
  auto constant = [&](int64_t value) { return kb.constant(kb.i(32), value); };
  ShiftFactor factor;
  factor.amount = kb.convert(kb.bitAnd(word, constant(width - 1)), wide, false);
  // The highest bits, sign and presence, spread over all.
  factor.inverted = kb.convert(kb.shr(word, constant(31)), wide);
  factor.kept =
      kb.convert(kb.shr(kb.shl(word, constant(1)), constant(31)), wide);
  kb.named(factor.amount, "amount");
  kb.named(factor.inverted, "inverted");
  kb.named(factor.kept, "kept");
  return factor;
}

Val mlir::shift::cuda::emitShiftProduct(KernelBuilder &kb, Val x,
                                        const ShiftFactor &factor) {
  Val shifted = kb.shl(x, factor.amount);
  return kb.bitAnd(kb.bitXor(shifted, factor.inverted), factor.kept);
}
