//===- MLIRFloatOps.h - The operations of FloatMath.h as IR -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// With this class the templates of shift/Support/FloatMath.h build the ops that
// compute what they compute, on float32 or on vectors of it.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_MLIRFLOATOPS_H
#define LIB_CONVERSION_KERNELS_MLIRFLOATOPS_H

#include "lib/Conversion/Kernels/KernelBuilder.h"

namespace mlir::shift::kernels {

/// See FloatOps in shift/Support/FloatOps.h.
class MLIRFloatOps {
public:
  using Float = Val;
  using Int = Val;
  using Bool = Val;

  /// Values have `lanes` lanes.
  MLIRFloatOps(KernelBuilder &kb, int64_t lanes) : kb(kb), lanes(lanes) {}

  Val constant(float value) {
    return kb.constantFloat(kb.vec(kb.f32(), lanes), value);
  }
  Val integer(int32_t value) {
    return kb.constant(kb.vec(kb.i(32), lanes), value);
  }
  Val add(Val a, Val b) { return a + b; }
  Val sub(Val a, Val b) { return a - b; }
  Val mul(Val a, Val b) { return a * b; }
  Val div(Val a, Val b) { return a / b; }
  Val sqrt(Val a) { return kb.sqrt(a); }
  Val less(Val a, Val b) { return kb.compare(arith::CmpFPredicate::OLT, a, b); }
  Val equal(Val a, Val b) {
    return kb.compare(arith::CmpFPredicate::OEQ, a, b);
  }
  Val isNan(Val a) { return kb.compare(arith::CmpFPredicate::UNO, a, a); }
  Val both(Val a, Val b) { return kb.bitAnd(a, b); }
  Val either(Val a, Val b) { return kb.bitOr(a, b); }
  Val negate(Val a) { return kb.bitXor(a, kb.constant(a.type(), 1)); }
  Val select(Val condition, Val a, Val b) { return kb.select(condition, a, b); }
  Val selectInt(Val condition, Val a, Val b) {
    return kb.select(condition, a, b);
  }
  Val bits(Val a) { return kb.bitcast(a, kb.i(32)); }
  Val fromBits(Val a) { return kb.bitcast(a, kb.f32()); }
  Val truncate(Val a) { return kb.convert(a, kb.i(32)); }
  Val toFloat(Val a) { return kb.convert(a, kb.f32()); }
  Val addInt(Val a, Val b) { return a + b; }
  Val subInt(Val a, Val b) { return a - b; }
  Val andInt(Val a, Val b) { return kb.bitAnd(a, b); }
  Val orInt(Val a, Val b) { return kb.bitOr(a, b); }
  Val shiftLeft(Val a, int amount) {
    return kb.shl(a, kb.constant(a.type(), amount));
  }
  Val shiftRight(Val a, int amount) {
    return kb.shr(a, kb.constant(a.type(), amount));
  }
  Val equalInt(Val a, Val b) {
    return kb.compare(arith::CmpIPredicate::eq, a, b);
  }

private:
  KernelBuilder &kb;
  int64_t lanes;
};

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_MLIRFLOATOPS_H
