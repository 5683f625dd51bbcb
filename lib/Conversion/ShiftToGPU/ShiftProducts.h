//===- ShiftProducts.h - Products without multiplications -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// An activation times a term of a weight: shifted by the exponent relative to
// e_c, and inverted where the term is negative. -t is ~t + 1; the ones are a
// constant of the channel, since every term of it is added exactly once for
// each output. Activations are doubled, so that the largest shift leaves
// nothing of them: that is the term that is not there.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_SHIFTPRODUCTS_H
#define LIB_CONVERSION_SHIFTTOGPU_SHIFTPRODUCTS_H

#include "lib/Conversion/Kernels/FixedLayer.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// Adds `value` to every sum of a channel, as a constant of its epilogue.
void addToSums(SumCertificate &certificate, int64_t channel,
               ::shift::int128 value);

/// Adds the ones that inverted products lack to the certificate's constants.
/// The result is what emitShiftWord takes of each channel.
std::vector<int32_t> correctInversions(const FixedLayer &fixed,
                                       SumCertificate &certificate);

/// Bits of sums of products of doubled activations; the largest shift is no
/// term's.
int doubledWidth(const SumCertificate &certificate);
/// Whether there are such sums; `reason` says why not.
bool canDouble(const SumCertificate &certificate, std::string &reason);

/// From a word of PackedCodes (CodeMeaning::Shift) and the channel's base: the
/// amount of the shift, below `width`, in the low bits; the sign stays.
Val emitShiftWord(KernelBuilder &kb, Val word, Val base, int64_t width);

/// What a word says of products of `width` bits.
struct ShiftFactor {
  Val amount, inverted;
};
ShiftFactor emitShiftFactor(KernelBuilder &kb, Val word, int64_t width);

/// What products take of an activation.
Val emitDoubled(KernelBuilder &kb, Val x);
/// The product with a doubled activation, but for the one that it lacks.
Val emitShiftProduct(KernelBuilder &kb, Val doubled, const ShiftFactor &factor);
/// The sum of products of whole activations.
Val emitHalved(KernelBuilder &kb, Val sum);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_SHIFTPRODUCTS_H
