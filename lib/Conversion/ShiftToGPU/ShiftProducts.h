//===- ShiftProducts.h - Products without multiplications -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// An activation times a term of a weight: shifted by the exponent relative to
// e_c, inverted where the term is negative and cleared where there is none. -t
// is ~t + 1; the ones are a constant of the channel, since every term of it is
// added exactly once for each output.
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

/// From a word of PackedCodes (CodeMeaning::Shift) and the channel's base: the
/// amount of the shift, below `width`, in the low bits; sign and presence stay.
Val emitShiftWord(KernelBuilder &kb, Val word, Val base, int64_t width);

/// What a word says of products of `width` bits.
struct ShiftFactor {
  Val amount, inverted, kept;
};
ShiftFactor emitShiftFactor(KernelBuilder &kb, Val word, int64_t width);

/// The product with `x`, but for the one that it lacks.
Val emitShiftProduct(KernelBuilder &kb, Val x, const ShiftFactor &factor);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_SHIFTPRODUCTS_H
