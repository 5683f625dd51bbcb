//===- ShiftWeights.h - Reading and making shift.weight ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTWEIGHTS_H
#define DIALECTS_SHIFT_IR_SHIFTWEIGHTS_H

#include "dialects/Common/ElementBytes.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "shift/Support/PackedWeights.h"

namespace mlir::shift {

/// The codebook of a weight op.
::shift::Codebook getCodebook(WeightOp op);

/// Terms of every weight in row order: element k has terms
/// [k * terms, (k + 1) * terms), absent ones with sign 0.
std::vector<::shift::Term> getTerms(WeightOp op);

/// float32 values of every weight in row order, exact.
std::vector<float> getValues(WeightOp op);

/// Packs `terms` (as getTerms returns them) into a new shift.weight.
WeightOp createWeight(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                      Pow2Type element, ArrayRef<::shift::Term> terms,
                      ArrayRef<int8_t> windowTops, StringAttr name);

/// How far packed weights are from those that they were rounded from, kept as
/// the attribute `shift.rounding` of the weight op for reports.
struct RoundingError {
  /// Signal to rounding noise in dB; none where rounding changed nothing.
  std::optional<double> sqnr;
  /// Weights above the range, and those that became zero or 2^lo.
  int64_t saturated = 0, underflowed = 0;

  /// "14.0 dB, 0 saturated, 2 underflowed".
  std::string show() const;
};
void setRoundingError(WeightOp op, const RoundingError &error);
/// None if the op does not say.
std::optional<RoundingError> getRoundingError(WeightOp op);

/// The weight op that makes a conv2d's or linear's weights operand, or null
/// when it comes from elsewhere (a function argument).
inline WeightOp getWeightOp(Value weights) {
  return weights.getDefiningOp<WeightOp>();
}

} // namespace mlir::shift

#endif // DIALECTS_SHIFT_IR_SHIFTWEIGHTS_H
