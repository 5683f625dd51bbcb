//===- FixedMath.cpp - Fixed-point steps as MLIR --------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/FixedMath.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift::kernels;
using ::shift::FixedPoint;
using ::shift::int128;

unsigned mlir::shift::kernels::widthFor(int128 bound) {
  if (bound < (int128(1) << 31))
    return 32;
  return bound < (int128(1) << 63) ? 64 : 128;
}

/// Sign-extends to at least `width` bits.
static Val widenTo(KernelBuilder &kb, Val value, unsigned width) {
  Type element = KernelBuilder::elementOf(value.type());
  if (element.getIntOrFloatBitWidth() >= width)
    return value;
  return kb.convert(value, kb.i(width));
}

/// Brings two integers to one type.
static unsigned unify(KernelBuilder &kb, Val &a, Val &b, unsigned atLeast) {
  unsigned width = atLeast;
  for (Val value : {a, b})
    width = std::max(
        width, KernelBuilder::elementOf(value.type()).getIntOrFloatBitWidth());
  a = widenTo(kb, a, width);
  b = widenTo(kb, b, width);
  return width;
}

Bounded mlir::shift::kernels::emitWiden(KernelBuilder &kb, Val stored,
                                        const FixedPoint &format) {
  Val wide = stored;
  if (format.storageBits < 32)
    wide = kb.convert(stored, kb.i(32), format.isSigned);
  return {wide, format.maxAbsQ()};
}

Bounded mlir::shift::kernels::emitShiftLeft(KernelBuilder &kb, Bounded value,
                                            int amount) {
  if (amount == 0)
    return value;
  int128 bound = value.bound << amount;
  Val wide = widenTo(kb, value.value, widthFor(bound));
  return {kb.shl(wide, kb.constant(wide.type(), amount)), bound};
}

Bounded mlir::shift::kernels::emitAdd(KernelBuilder &kb, Bounded a, Bounded b) {
  int128 bound = a.bound + b.bound;
  unify(kb, a.value, b.value, widthFor(bound));
  return {a.value + b.value, bound};
}

FixedRange mlir::shift::kernels::fixedRange(const FixedPoint &format,
                                            std::optional<float> clampMin,
                                            std::optional<float> clampMax) {
  FixedRange range{format.qMin(), format.qMax()};
  if (clampMin)
    range.lo = ::shift::toFixed(*clampMin, format);
  if (clampMax)
    range.hi = ::shift::toFixed(*clampMax, format);
  return range;
}

Val mlir::shift::kernels::emitSaturate(KernelBuilder &kb, Val value,
                                       FixedRange range,
                                       const FixedPoint &format) {
  Val lo = kb.constantWide(value.type(), range.lo);
  Val hi = kb.constantWide(value.type(), range.hi);
  Val limited = kb.minSigned(kb.maxSigned(value, lo), hi);
  return kb.convert(limited, kb.i(format.storageBits));
}

Val mlir::shift::kernels::emitRequantize(KernelBuilder &kb, Bounded value,
                                         int shift, FixedRange range,
                                         const FixedPoint &format) {
  Val v = value.value;
  if (shift > 0) {
    // Beyond this shift every value of the bound rounds to 0 (or, a negative
    // one that ties, to 0 by rounding half up).
    int128 half = int128(1) << std::min(shift - 1, 120);
    v = widenTo(kb, v, widthFor(value.bound + half));
    v = v + kb.constantWide(v.type(), half);
    v = kb.shr(v, kb.constant(v.type(), std::min(shift, 121)));
  } else if (shift < 0) {
    // A result of 33 bits saturates whatever it is, so larger magnitudes and
    // longer shifts need not be computed.
    int128 limit = int128(1) << 33;
    if (value.bound > limit) {
      v = kb.minSigned(kb.maxSigned(v, kb.constantWide(v.type(), -limit)),
                       kb.constantWide(v.type(), limit));
      value.bound = limit;
    }
    v = emitShiftLeft(kb, {v, value.bound}, std::min(-shift, 34)).value;
  }
  return emitSaturate(kb, widenTo(kb, v, 32), range, format);
}

FixedAdd mlir::shift::kernels::describeAdd(AddOp op) {
  auto formatOf = [](Value tensor) {
    return *getFixedPoint(elementOf(tensor));
  };
  FixedAdd add{formatOf(op.getLhs()),
               formatOf(op.getRhs()),
               formatOf(op.getResult()),
               {}};
  add.range =
      fixedRange(add.out, toFloat(op.getClampMin()), toFloat(op.getClampMax()));
  return add;
}

std::string FixedAdd::key() const {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (const FixedPoint &format : {lhs, rhs, out})
    os << (format.isSigned ? 'i' : 'u') << format.storageBits << 'b'
       << format.bits << 'f' << format.fraction << '_';
  os << range.lo << '_' << range.hi;
  return key;
}

Val mlir::shift::kernels::emitFixedAdd(KernelBuilder &kb, const FixedAdd &add,
                                       Val lhs, Val rhs) {
  int fraction = std::max(add.lhs.fraction, add.rhs.fraction);
  Bounded a = emitShiftLeft(kb, emitWiden(kb, lhs, add.lhs),
                            fraction - add.lhs.fraction);
  Bounded b = emitShiftLeft(kb, emitWiden(kb, rhs, add.rhs),
                            fraction - add.rhs.fraction);
  return emitRequantize(kb, emitAdd(kb, a, b), fraction - add.out.fraction,
                        add.range, add.out);
}

Val mlir::shift::kernels::emitToFixed(KernelBuilder &kb, Val value,
                                      FixedRange range,
                                      const FixedPoint &format) {
  // Adding 1.5 * 2^52 to a float64 rounds half to even and leaves the integer
  // in the low bits; up to 16 bits 1.5 * 2^23 does so to a float32. The product
  // is exact but for magnitudes that round to 0 or saturate in any case.
  bool isNarrow = format.storageBits <= 16 &&
                  format.rounding != ::shift::FixedRounding::Floor;
  double magic = isNarrow ? 12582912.0 : 6755399441055744.0;
  Val wide = isNarrow ? value : kb.convert(value, kb.f64());
  Type type = wide.type();
  Val isNumber = kb.compare(arith::CmpFPredicate::ORD, wide, wide);
  Val number = kb.select(isNumber, wide, kb.constantFloat(type, 0.0));
  Val scaled =
      number * kb.constantFloat(type, std::ldexp(1.0, format.fraction));
  Val lo = kb.constantFloat(type, double(format.qMin()));
  Val hi = kb.constantFloat(type, double(format.qMax()));
  scaled =
      kb.select(kb.compare(arith::CmpFPredicate::OLT, scaled, lo), lo, scaled);
  scaled =
      kb.select(kb.compare(arith::CmpFPredicate::OGT, scaled, hi), hi, scaled);
  Val rounded = scaled + kb.constantFloat(type, magic);
  if (format.rounding == ::shift::FixedRounding::Floor) {
    Val whole = rounded - kb.constantFloat(type, magic);
    Val isAbove = kb.compare(arith::CmpFPredicate::OGT, whole, scaled);
    rounded =
        kb.select(isAbove, rounded - kb.constantFloat(type, 1.0), rounded);
  }
  Val bits = kb.bitcast(rounded, kb.i(isNarrow ? 32 : 64));
  Val q = kb.convert(bits, kb.i(32));
  if (isNarrow)
    q = q - kb.constant(q.type(), llvm::bit_cast<int32_t>(float(magic)));
  if (range.lo == format.qMin() && range.hi == format.qMax())
    return kb.convert(q, kb.i(format.storageBits));
  return emitSaturate(kb, q, range, format);
}

Val mlir::shift::kernels::emitToFloat(KernelBuilder &kb, Val stored,
                                      const FixedPoint &format) {
  Val number = kb.convert(emitWiden(kb, stored, format).value, kb.f32());
  return number *
         kb.constantFloat(number.type(), std::ldexp(1.0, -format.fraction));
}

Val mlir::shift::kernels::emitAccumulatorToFloat(KernelBuilder &kb,
                                                 Val accumulator) {
  Type element = KernelBuilder::elementOf(accumulator.type());
  if (element.getIntOrFloatBitWidth() <= 64)
    return kb.convert(accumulator, kb.f32());
  // 128 bits: keep the top 62 bits and whether any lower one was set, convert
  // these (which rounds once) and scale back, which is exact.
  Type type = accumulator.type();
  Val zero = kb.constant(type, 0);
  Val isNegative = kb.compare(arith::CmpIPredicate::slt, accumulator, zero);
  Val magnitude = kb.select(isNegative, zero - accumulator, accumulator);
  Val leading =
      kb.wrap(math::CountLeadingZerosOp::create(kb.b, kb.loc, magnitude.value));
  Val excess = kb.maxSigned(kb.constant(type, 66) - leading, zero);
  Val top = kb.shrUnsigned(magnitude, excess);
  Val isInexact =
      kb.compare(arith::CmpIPredicate::ne, kb.shl(top, excess), magnitude);
  Val sticky = kb.select(isInexact, kb.constant(type, 1), zero);
  Val number =
      kb.convert(kb.convert(kb.bitOr(top, sticky), kb.i(64)), kb.f32());
  // Times 2^excess; where that is not 1 the number is not zero.
  Val bits = kb.bitcast(number, kb.i(32));
  Val exponent = kb.convert(excess, kb.i(32));
  bits = bits + kb.shl(exponent, kb.constant(exponent.type(), 23));
  Val scaled = kb.bitcast(bits, kb.f32());
  return kb.select(isNegative, -scaled, scaled);
}
