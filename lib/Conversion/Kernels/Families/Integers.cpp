//===- Integers.cpp - Integer arithmetic and casts ------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Arithmetic is modulo 2^bits. Casts from float32 and float64 truncate and
// saturate, NaN gives 0; anything but 0 is true.
//===----------------------------------------------------------------------===//
#include "dialects/ONNX/IR/ONNXOps.h"
#include "lib/Conversion/Kernels/ElementMap.h"
#include "lib/Conversion/Kernels/MLIRFloatOps.h"
#include "mlir/IR/Matchers.h"
#include "shift/Support/FloatMath.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::shift::kernels;
using ::shift::int128;

namespace {
//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

Val emitFloatToInteger(KernelBuilder &kb, Val x, Type to) {
  int bits = int(to.getIntOrFloatBitWidth());
  bool isSigned = isSignedInteger(to);
  int128 one = 1, span = one << bits;
  int128 least = isSigned ? -span / 2 : 0, most = least + span - 1;
  // The upper limit is exact or rounds to a power of two that does not fit.
  Val lo = kb.constantFloat(x.type(), double(least));
  Val hi = kb.constantFloat(x.type(), double(most));
  Val isInside = kb.bitAnd(kb.compare(arith::CmpFPredicate::OGT, x, lo),
                           kb.compare(arith::CmpFPredicate::OLT, x, hi));
  Val safe = kb.select(isInside, x, kb.constantFloat(x.type(), 0.0));
  // Only 64 bits need an unsigned conversion, which takes several steps.
  bool isWide = bits == 64 || (bits == 32 && !isSigned);
  Val whole = kb.convert(safe, kb.i(isWide ? 64 : 32), bits < 64 || isSigned);
  whole = kb.convert(whole, kb.i(bits));
  Type type = whole.type();
  Val isBelow = kb.compare(arith::CmpFPredicate::OLE, x, lo);
  Val isAbove = kb.compare(arith::CmpFPredicate::OGE, x, hi);
  whole = kb.select(isBelow, kb.constantWide(type, least), whole);
  return kb.select(isAbove, kb.constantWide(type, most), whole);
}

Val emitCast(KernelBuilder &kb, Val x, Type from, Type to) {
  Type storage = storageType(to);
  if (from == to)
    return x;
  if (to.isInteger(1)) {
    Val zero = kb.constant(x.type(), 0);
    Val isTrue = x.isFloat() ? kb.compare(arith::CmpFPredicate::UNE, x, zero)
                             : kb.compare(arith::CmpIPredicate::ne, x, zero);
    return kb.convert(isTrue, storage, /*isSigned=*/false);
  }
  if (isa<FloatType>(from) && isa<IntegerType>(to))
    return emitFloatToInteger(kb, x, to);
  return kb.convert(x, storage, isSignedInteger(from));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// An integer that is no bool.
bool isNumber(Type element) {
  return isa<IntegerType>(element) && !element.isInteger(1);
}

bool isUnary(Operation *op) {
  return isa<onnx::ReluOp, onnx::AbsOp, onnx::NegOp>(op);
}

bool isNary(Operation *op) {
  return isa<onnx::AddOp, onnx::SubOp, onnx::MulOp, onnx::DivOp, onnx::PReluOp,
             onnx::MinOp, onnx::MaxOp>(op);
}

/// Integer ops on elements of one type.
class Arithmetic {
public:
  Arithmetic(KernelBuilder &kb, Type element)
      : kb(kb), isSigned(isSignedInteger(element)) {}

  Val unary(Operation *op, Val x) {
    Val negative = -x;
    if (isa<onnx::NegOp>(op))
      return negative;
    Val zero = kb.constant(x.type(), 0);
    return kb.select(less(x, zero), isa<onnx::AbsOp>(op) ? negative : zero, x);
  }

  Val binary(Operation *op, Val a, Val b) {
    return llvm::TypeSwitch<Operation *, Val>(op)
        .Case([&](onnx::AddOp) { return a + b; })
        .Case([&](onnx::SubOp) { return a - b; })
        .Case([&](onnx::MulOp) { return a * b; })
        .Case([&](onnx::DivOp) { return divide(a, b); })
        .Case([&](onnx::PReluOp) {
          return kb.select(less(a, kb.constant(a.type(), 0)), b * a, a);
        })
        .Case([&](onnx::MinOp) { return kb.select(less(b, a), b, a); })
        .Case([&](onnx::MaxOp) { return kb.select(less(a, b), b, a); })
        .Default([](Operation *) { return Val(); });
  }

  Val clip(Val x, IntegerAttr min, IntegerAttr max) {
    auto bound = [&](IntegerAttr attr) {
      return kb.constantWide(x.type(), attr.getValue().getSExtValue());
    };
    if (min)
      x = kb.select(less(x, bound(min)), bound(min), x);
    if (max)
      x = kb.select(less(bound(max), x), bound(max), x);
    return x;
  }

private:
  Val less(Val a, Val b) {
    return kb.compare(
        isSigned ? arith::CmpIPredicate::slt : arith::CmpIPredicate::ult, a, b);
  }

  /// Truncates; b is not 0.
  Val divide(Val a, Val b) {
    if (!isSigned)
      return kb.wrap(arith::DivUIOp::create(kb.b, kb.loc, a.value, b.value));
    // The least number over -1 would trap.
    Val isMinusOne =
        kb.compare(arith::CmpIPredicate::eq, b, kb.constant(b.type(), -1));
    Val safe = kb.select(isMinusOne, kb.constant(b.type(), 1), b);
    return kb.select(isMinusOne, -a, a / safe);
  }

  KernelBuilder &kb;
  bool isSigned;
};

/// The base to the power of an integer, modulo 2^bits; negative exponents give
/// 1, -1 or 0 as truncation does.
Val emitIntegerPower(KernelBuilder &kb, Val base, Type type, Val exponent,
                     Type exponentType) {
  Type wide = kb.i(64);
  exponent = kb.convert(exponent, wide, isSignedInteger(exponentType));
  Val one = kb.constant(base.type(), 1), zero = kb.constant(base.type(), 0);
  Val oneBit = kb.constant(exponent.type(), 1);
  Val none = kb.constant(exponent.type(), 0);
  auto isOdd = [&](Val number) {
    return kb.compare(arith::CmpIPredicate::ne, kb.bitAnd(number, oneBit),
                      none);
  };
  // Bit by bit; 63 are there where the exponent is not negative.
  Val power = kb.loopCarried(
      kb.index(0), kb.index(63), 1, {one, base, exponent},
      [&](Val, ArrayRef<Val> carried) {
        auto [result, factor, rest] =
            std::make_tuple(carried[0], carried[1], carried[2]);
        result = kb.select(isOdd(rest), result * factor, result);
        return SmallVector<Val>{result, factor * factor, kb.shr(rest, oneBit)};
      })[0];
  Val inverse =
      kb.select(kb.compare(arith::CmpIPredicate::eq, base, one), one, zero);
  if (isSignedInteger(type)) {
    Val isMinusOne = kb.compare(arith::CmpIPredicate::eq, base, -one);
    inverse =
        kb.select(isMinusOne, kb.select(isOdd(exponent), base, one), inverse);
  }
  Val isNegative = kb.compare(arith::CmpIPredicate::slt, exponent, none);
  return kb.select(isNegative, inverse, power);
}

/// Powers of which base or exponent is an integer; a float exponent of an
/// integer goes by float32 and back.
Val emitPower(KernelBuilder &kb, onnx::PowOp op, Val base, Val exponent,
              int64_t lanes) {
  Type type = elementOf(op.getA()), exponentType = elementOf(op.getB());
  if (isa<IntegerType>(type) && isa<IntegerType>(exponentType))
    return emitIntegerPower(kb, base, type, exponent, exponentType);
  MLIRFloatOps ops(kb, lanes);
  Val power =
      ::shift::math::pow(ops, emitCast(kb, base, type, kb.f32()),
                         emitCast(kb, exponent, exponentType, kb.f32()));
  return emitCast(kb, power, kb.f32(), type);
}

IntegerAttr bound(std::optional<Attribute> attr) {
  return attr ? cast<IntegerAttr>(*attr) : IntegerAttr();
}

/// Bounds of Clip as a key.
std::string boundsKey(onnx::ClipOp clip) {
  std::string key;
  llvm::raw_string_ostream os(key);
  for (std::optional<Attribute> attr : {clip.getMin(), clip.getMax()})
    os << (attr ? llvm::toString(bound(attr).getValue(), 10, true) : "none")
       << ' ';
  return key;
}

Val emit(Operation *op, KernelBuilder &kb, ArrayRef<Val> x) {
  Arithmetic arithmetic(kb, elementOf(op->getResult(0)));
  if (isUnary(op))
    return arithmetic.unary(op, x[0]);
  if (auto clip = dyn_cast<onnx::ClipOp>(op))
    return arithmetic.clip(x[0], bound(clip.getMin()), bound(clip.getMax()));
  Val result = x[0];
  for (Val next : x.drop_front())
    result = arithmetic.binary(op, result, next);
  return result;
}

bool hasZero(Value divisor) {
  DenseIntElementsAttr attr;
  return !matchPattern(divisor, m_Constant(&attr)) ||
         llvm::any_of(attr.getValues<APInt>(),
                      [](const APInt &value) { return value.isZero(); });
}

class IntegerFamily : public KernelFamily {
public:
  StringRef getStrategy() const override { return "map"; }

  bool canTake(Operation *op, std::string &) const override {
    if (isa<onnx::CastOp>(op))
      return true;
    if (isa<onnx::PowOp>(op))
      return llvm::all_of(op->getOperands(), [](Value operand) {
        return isFloatTensor(operand) || isNumber(elementOf(operand));
      });
    if (!isUnary(op) && !isNary(op) && !isa<onnx::ClipOp>(op))
      return false;
    return isNumber(elementOf(op->getResult(0)));
  }

  LogicalResult lower(Operation *op, Lowering &lowering) const override {
    if (isa<onnx::CastOp>(op)) {
      Type from = elementOf(op->getOperand(0));
      Type to = elementOf(op->getResult(0));
      lowerElementMap(op, op->getOperands(), "", lowering,
                      [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                        return emitCast(kb, x[0], from, to);
                      });
      return success();
    }
    if (auto power = dyn_cast<onnx::PowOp>(op)) {
      lowerElementMap(op, op->getOperands(), "", lowering,
                      [=](KernelBuilder &kb, ArrayRef<Val> x, int64_t lanes) {
                        return emitPower(kb, power, x[0], x[1], lanes);
                      });
      return success();
    }
    if (auto divide = dyn_cast<onnx::DivOp>(op))
      if (hasZero(divide.getB()))
        lowerCheck(op, divide.getB(), lowering,
                   "expected a divisor that is not 0", "not zero",
                   [](KernelBuilder &kb, Val divisor) {
                     return kb.compare(arith::CmpIPredicate::eq, divisor,
                                       kb.constant(divisor.type(), 0));
                   });
    auto clip = dyn_cast<onnx::ClipOp>(op);
    lowerElementMap(op, op->getOperands(), clip ? boundsKey(clip) : "",
                    lowering,
                    [op](KernelBuilder &kb, ArrayRef<Val> x, int64_t) {
                      return emit(op, kb, x);
                    });
    return success();
  }
};
} // namespace

std::unique_ptr<KernelFamily> mlir::shift::kernels::createIntegerFamily() {
  return std::make_unique<IntegerFamily>();
}
