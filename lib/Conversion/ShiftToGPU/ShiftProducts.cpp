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
    int64_t ones =
        llvm::count_if(ArrayRef(terms).slice(c * perChannel, perChannel),
                       [](const Term &term) { return term.sign < 0; });
    // Half of 2 * sum - ones, rounded down, lacks so many.
    addToSums(certificate, c, llvm::divideCeil(ones, 2));
  }
  return bases;
}

/// For what is doubled, and for the ones that are lacking.
static constexpr int moreBits = 2;

int mlir::shift::cuda::doubledWidth(const SumCertificate &certificate) {
  return sumWidth(certificate.boundBits + moreBits);
}

bool mlir::shift::cuda::canDouble(const SumCertificate &certificate,
                                  std::string &reason) {
  if (certificate.boundBits + moreBits <= 128)
    return true;
  reason = "sums of doubled activations take more than 128 bits";
  return false;
}

Val mlir::shift::cuda::emitShiftWord(KernelBuilder &kb, Val word, Val base,
                                     int64_t width) {
  auto constant = [&](int64_t value) { return kb.constant(kb.i(32), value); };
  Val isThere = kb.compare(arith::CmpIPredicate::ne, word, constant(0));
  Val amount =
      kb.bitAnd(kb.bitAnd(word, constant(255)) - base, constant(width - 1));
  return kb.bitOr(kb.bitAnd(word, constant(-(int64_t(1) << 31))),
                  kb.select(isThere, amount, constant(width - 1)));
}

ShiftFactor mlir::shift::cuda::emitShiftFactor(KernelBuilder &kb, Val word,
                                               int64_t width) {
  Type wide = kb.i(width);
  auto constant = [&](int64_t value) { return kb.constant(kb.i(32), value); };
  ShiftFactor factor;
  factor.amount = kb.convert(kb.bitAnd(word, constant(width - 1)), wide, false);
  // The sign, spread over all bits.
  factor.inverted = kb.convert(kb.shr(word, constant(31)), wide);
  return factor;
}

Val mlir::shift::cuda::emitDoubled(KernelBuilder &kb, Val x) {
  return kb.shl(x, kb.constant(x.type(), 1));
}

Val mlir::shift::cuda::emitShiftProduct(KernelBuilder &kb, Val doubled,
                                        const ShiftFactor &factor) {
  Val shifted = kb.shl(doubled, factor.amount);
  return kb.wrap(arith::XOrIOp::create(kb.b, kb.loc, shifted.value,
                                       factor.inverted.value));
}

Val mlir::shift::cuda::emitHalved(KernelBuilder &kb, Val sum) {
  return kb.shr(sum, kb.constant(sum.type(), 1));
}
