//===- ActivationFormats.h - Which values become fixed point ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Calibration and quantize-activations must agree on the format of every value,
// so both ask here.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_ONNXTOSHIFT_ACTIVATIONFORMATS_H
#define SHIFT_CONVERSION_ONNXTOSHIFT_ACTIVATIONFORMATS_H

#include "mlir/IR/BuiltinOps.h"
#include "shift/Support/FixedPoint.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::shift {

/// The attribute of an op with a calibrated fraction for each result, and that
/// of an argument of @main.
inline constexpr StringLiteral fractionsAttr = "shift.fractions";
inline constexpr StringLiteral fractionAttr = "shift.fraction";

/// Whether `op` can compute in integers once its operands are fixed point.
bool isFixedPointCapable(Operation *op);

/// Whether `op` only moves elements, so that its result keeps q and f.
bool isDataMovement(Operation *op);

/// Whether `use` reads a tensor that may become fixed point: weights, biases
/// and norm parameters do not.
bool isActivation(OpOperand &use);

/// Answers questions about the values of one calibrated module.
class ActivationFormats {
public:
  /// Reads the bits of activations from the module's `shift.quantization`.
  explicit ActivationFormats(ModuleOp module);

  /// Bits of q as the module says, not yet checked.
  int64_t getBits() const { return bits; }

  /// Whether an op that computes in integers uses `value`, maybe through data
  /// movement.
  bool isWantedAsFixedPoint(Value value);

  /// The format of `value` without its fraction.
  ::shift::FixedPoint getFormat(Value value);

  /// The format of `value` with the fraction that calibration found, or an
  /// error that names its node.
  FailureOr<::shift::FixedPoint> getCalibratedFormat(Value value);

private:
  bool cannotBeNegative(Value value);
  Value getConcatOf(Value value);

  int64_t bits = 16;
  llvm::DenseMap<Value, bool> wanted, nonNegative;
};

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_ONNXTOSHIFT_ACTIVATIONFORMATS_H
