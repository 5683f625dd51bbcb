//===- FixedMath.h - Fixed-point steps as MLIR ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What shift/Support/FixedPoint.h computes on numbers, built as IR: conversion
// from and to float32 and requantization. The integer width follows from the
// largest magnitude that can occur, so no step overflows.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_FIXEDMATH_H
#define LIB_CONVERSION_KERNELS_FIXEDMATH_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

/// An integer value whose magnitude is at most `bound`.
struct Bounded {
  Val value;
  ::shift::int128 bound;
};

/// The smallest of 32, 64 and 128 bits that holds -bound..bound.
unsigned widthFor(::shift::int128 bound);

/// The stored element as a signed integer of at least 32 bits.
Bounded emitWiden(KernelBuilder &kb, Val stored,
                  const ::shift::FixedPoint &format);

/// `value << amount` in a type that holds it. 0 <= amount <= 64.
Bounded emitShiftLeft(KernelBuilder &kb, Bounded value, int amount);

/// Sum in a type that holds it.
Bounded emitAdd(KernelBuilder &kb, Bounded a, Bounded b);

/// The saturation range of a format narrowed by an op's clamp.
struct FixedRange {
  int64_t lo, hi;
};
FixedRange fixedRange(const ::shift::FixedPoint &format,
                      std::optional<float> clampMin,
                      std::optional<float> clampMax);

/// requantize of FixedPoint.h by `shift` with the result limited to `range`,
/// as stored element.
Val emitRequantize(KernelBuilder &kb, Bounded value, int shift,
                   FixedRange range, const ::shift::FixedPoint &format);

/// Limits an integer to a range that its type can hold, then narrows it to the
/// storage of `format`.
Val emitSaturate(KernelBuilder &kb, Val value, FixedRange range,
                 const ::shift::FixedPoint &format);

/// A shift.add: the formats of its operands and result, and its clamp.
struct FixedAdd {
  ::shift::FixedPoint lhs, rhs, out;
  FixedRange range;

  /// What the code depends on.
  std::string key() const;
};
FixedAdd describeAdd(AddOp op);

/// The stored sum of two stored elements: aligned to the finer fraction by an
/// exact left shift, requantized, clamped.
Val emitFixedAdd(KernelBuilder &kb, const FixedAdd &add, Val lhs, Val rhs);

/// toFixed and toFloat of FixedPoint.h.
Val emitToFixed(KernelBuilder &kb, Val value, FixedRange range,
                const ::shift::FixedPoint &format);
Val emitToFloat(KernelBuilder &kb, Val stored,
                const ::shift::FixedPoint &format);

/// float32(acc), rounded once half to even.
Val emitAccumulatorToFloat(KernelBuilder &kb, Val accumulator);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_FIXEDMATH_H
