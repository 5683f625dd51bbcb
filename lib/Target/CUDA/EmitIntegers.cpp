//===- EmitIntegers.cpp - arith and math on integers ----------------------===//
// SPDX-License-Identifier: Apache-2.0
// arith wraps where C++ leaves overflow undefined, so where overflow is
// possible a text computes with unsigned numbers. Left shifts are printed on
// signed ones: every compiler that takes the text shifts modulo 2^n, as C++20
// says. Sums of 128 bits are made only where they fit.
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;
using namespace shift::cuda;

static Expression castTo(Type type, const Expression &x) {
  return makeCall(cppType(elementOf(type)), x);
}

//===----------------------------------------------------------------------===//
// Sums and products
//===----------------------------------------------------------------------===//

/// `a op b` modulo 2^n.
static Expression emitModular(KernelEmitter &e, Operation *op, Operands x,
                              StringRef symbol, Precedence precedence) {
  Type type = elementOf(op->getResult(0).getType());
  unsigned bits = bitsOf(type);
  Expression a = x[0], b = x[1];
  // Not `a + -5`.
  if (precedence == Precedence::Additive && b.literal &&
      b.literal->isNegative() && !b.literal->isMinSignedValue()) {
    b = makeInteger(-*b.literal, type);
    symbol = symbol == "+" ? "-" : "+";
  }
  if (bits < 32) {
    Expression wide = makeBinary(a, symbol, b, precedence);
    return e.cannotOverflow(op) ? wide : castTo(type, wide);
  }
  if (bits > 64 || e.cannotOverflow(op))
    return makeBinary(KernelEmitter::asSigned(a, type), symbol,
                      KernelEmitter::asSigned(b, type), precedence);
  if (b.literal && b.literal->isNegative())
    b = KernelEmitter::asUnsigned(b, type);
  Expression result =
      makeBinary(KernelEmitter::asUnsigned(a, type), symbol, b, precedence);
  result.isUnsigned = true;
  // `a += b` where a is signed is a signed addition.
  result.target.clear();
  return result;
}

static Printed emitAdd(KernelEmitter &e, arith::AddIOp op, Operands x) {
  if (elementOf(op.getType()).isInteger(1))
    return makeBinary(x[0], "!=", x[1], Precedence::Equality);
  return emitModular(e, op, x, "+", Precedence::Additive);
}

static Printed emitSub(KernelEmitter &e, arith::SubIOp op, Operands x) {
  Type type = elementOf(op.getType());
  if (type.isInteger(1))
    return makeBinary(x[0], "!=", x[1], Precedence::Equality);
  bool isNegation = x[0].literal && x[0].literal->isZero();
  if (!isNegation || x[1].literal)
    return emitModular(e, op, x, "-", Precedence::Additive);
  if (bitsOf(type) < 32)
    return castTo(type, makeUnary("-", x[1]));
  if (bitsOf(type) > 64 || e.cannotOverflow(op))
    return makeUnary("-", KernelEmitter::asSigned(x[1], type));
  Expression result = makeUnary("-", KernelEmitter::asUnsigned(x[1], type));
  result.isUnsigned = true;
  return result;
}

static Printed emitMul(KernelEmitter &e, arith::MulIOp op, Operands x) {
  if (elementOf(op.getType()).isInteger(1))
    return makeBinary(x[0], "&&", x[1], Precedence::LogicalAnd);
  return emitModular(e, op, x, "*", Precedence::Multiplicative);
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

/// A literal as people write masks.
static Expression asMask(const Expression &x) {
  if (!x.literal || x.literal->abs().ult(10) || x.literal->getBitWidth() > 64)
    return x;
  Expression result = x;
  unsigned bits = x.literal->getBitWidth();
  auto hex = [](const APInt &value) {
    return "0x" + llvm::utohexstr(value.getZExtValue(), /*LowerCase=*/true);
  };
  StringRef suffix = bits == 64 ? "L" : "";
  result.precedence = Precedence::Primary;
  if (x.literal->isNonNegative()) {
    result.text = hex(*x.literal) + suffix.str();
  } else if (bits == 32 && x.literal->slt(-0x10000)) {
    result.text = hex(*x.literal);
    result.isUnsigned = true;
  } else {
    result.text = "~" + hex(~*x.literal) + suffix.str();
    result.precedence = Precedence::Unary;
  }
  return result;
}

/// `a op b` for each bit; `logical` is the operator of bool.
static Expression emitBits(Operation *op, Operands x, StringRef symbol,
                           Precedence precedence, StringRef logical,
                           Precedence logicalPrecedence) {
  if (elementOf(op->getResult(0).getType()).isInteger(1))
    return makeBinary(x[0], logical, x[1], logicalPrecedence);
  Expression a = asMask(x[0]), b = asMask(x[1]);
  Expression result = makeBinary(a, symbol, b, precedence);
  result.isUnsigned = a.isUnsigned || b.isUnsigned;
  return result;
}

static Printed emitAnd(KernelEmitter &, arith::AndIOp op, Operands x) {
  return emitBits(op, x, "&", Precedence::BitAnd, "&&", Precedence::LogicalAnd);
}

static Printed emitOr(KernelEmitter &, arith::OrIOp op, Operands x) {
  return emitBits(op, x, "|", Precedence::BitOr, "||", Precedence::LogicalOr);
}

static Printed emitXOr(KernelEmitter &, arith::XOrIOp op, Operands x) {
  bool isBool = elementOf(op.getType()).isInteger(1);
  if (isBool && x[1].literal && !x[1].literal->isZero())
    return makeUnary("!", x[0]);
  return emitBits(op, x, "^", Precedence::BitXor, "!=", Precedence::Equality);
}

/// A shift amount: a literal has no suffix.
static Expression asAmount(const Expression &x) {
  if (!x.literal || x.literal->getActiveBits() > 31)
    return x;
  return makeInteger(int64_t(x.literal->getZExtValue()));
}

static Printed emitShl(KernelEmitter &e, arith::ShLIOp op, Operands x) {
  Type type = elementOf(op.getType());
  Expression amount = KernelEmitter::asSigned(x[1], type);
  Expression result =
      makeBinary(x[0], "<<", asAmount(amount), Precedence::Shift);
  result.isUnsigned = x[0].isUnsigned;
  return bitsOf(type) < 32 ? castTo(type, result) : result;
}

static Printed emitShrS(KernelEmitter &e, arith::ShRSIOp op, Operands x) {
  return makeBinary(x[0], ">>", asAmount(x[1]), Precedence::Shift);
}

/// An unsigned operator: on signed texts where no operand is negative.
template <typename Make>
static Expression emitUnsigned(KernelEmitter &e, Operation *op, Operands x,
                               ValueRange checked, Make make) {
  if (llvm::all_of(checked, [&](Value v) { return e.isNonNegative(v); }))
    return make(x[0], x[1]);
  Type type = elementOf(op->getOperand(0).getType());
  bool isBoth = checked.size() == 2;
  Expression result =
      make(KernelEmitter::asUnsigned(x[0], type),
           isBoth ? KernelEmitter::asUnsigned(x[1], type) : x[1]);
  if (bitsOf(type) < 32)
    return castTo(type, result);
  result.isUnsigned = true;
  return result;
}

static Printed emitShrU(KernelEmitter &e, arith::ShRUIOp op, Operands x) {
  return emitUnsigned(
      e, op, x, op.getLhs(), [](const Expression &a, const Expression &b) {
        return makeBinary(a, ">>", asAmount(b), Precedence::Shift);
      });
}

//===----------------------------------------------------------------------===//
// Quotients
//===----------------------------------------------------------------------===//

static Printed emitDivS(KernelEmitter &, arith::DivSIOp op, Operands x) {
  return makeBinary(x[0], "/", x[1], Precedence::Multiplicative);
}

static Printed emitRemS(KernelEmitter &, arith::RemSIOp op, Operands x) {
  return makeBinary(x[0], "%", x[1], Precedence::Multiplicative);
}

static Printed emitDivU(KernelEmitter &e, arith::DivUIOp op, Operands x) {
  return emitUnsigned(e, op, x, op->getOperands(),
                      [](const Expression &a, const Expression &b) {
                        return makeBinary(a, "/", b,
                                          Precedence::Multiplicative);
                      });
}

static Printed emitRemU(KernelEmitter &e, arith::RemUIOp op, Operands x) {
  return emitUnsigned(e, op, x, op->getOperands(),
                      [](const Expression &a, const Expression &b) {
                        return makeBinary(a, "%", b,
                                          Precedence::Multiplicative);
                      });
}

static Printed emitFloorDiv(KernelEmitter &e, arith::FloorDivSIOp op,
                            Operands x) {
  bool isPositive = x[1].literal && x[1].literal->isStrictlyPositive();
  if (isPositive && e.isNonNegative(op.getLhs()))
    return makeBinary(x[0], "/", x[1], Precedence::Multiplicative);
  Expression a = e.makeAtom(x[0], op.getType(), "dividend");
  Expression b = e.makeAtom(x[1], op.getType(), "divisor");
  Expression quotient = makeBinary(a, "/", b, Precedence::Multiplicative);
  Expression rest = makeBinary(a, "%", b, Precedence::Multiplicative);
  // C++ rounds up where the rest has the other sign.
  Expression isBelow =
      makeBinary(rest, "<", makeInteger(0), Precedence::Relational);
  if (!isPositive) {
    rest = e.makeAtom(rest, op.getType(), "rest");
    isBelow = makeBinary(
        makeBinary(rest, "!=", makeInteger(0), Precedence::Equality), "&&",
        makeBinary(makeBinary(rest, "^", b, Precedence::BitXor), "<",
                   makeInteger(0), Precedence::Relational),
        Precedence::LogicalAnd);
  }
  return makeBinary(quotient, "-", makeCall("int", isBelow),
                    Precedence::Additive);
}

template <typename Op>
static Printed emitCeilDiv(KernelEmitter &e, Op op, Operands x) {
  if (!x[1].literal || !x[1].literal->isStrictlyPositive() ||
      !e.isNonNegative(op.getLhs()))
    return e.refuse(op, "expected a positive constant as divisor and a "
                        "dividend that is not negative");
  Expression more =
      makeBinary(x[0], "+", makeInteger(*x[1].literal - 1, op.getType()),
                 Precedence::Additive);
  return makeBinary(more, "/", x[1], Precedence::Multiplicative);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

static Printed emitCmp(KernelEmitter &e, arith::CmpIOp op, Operands x) {
  using Predicate = arith::CmpIPredicate;
  auto compare = [&](StringRef symbol, bool isUnsigned) {
    bool isKnown = e.isNonNegative(op.getLhs()) && e.isNonNegative(op.getRhs());
    Type type = elementOf(op.getLhs().getType());
    bool converts = isUnsigned && !isKnown && !type.isInteger(1);
    auto operand = [&](const Expression &a) {
      return converts ? KernelEmitter::asUnsigned(a, type) : a;
    };
    return makeBinary(operand(x[0]), symbol, operand(x[1]),
                      symbol == "==" || symbol == "!="
                          ? Precedence::Equality
                          : Precedence::Relational);
  };
  switch (op.getPredicate()) {
  case Predicate::eq:
    return compare("==", false);
  case Predicate::ne:
    return compare("!=", false);
  case Predicate::slt:
    return compare("<", false);
  case Predicate::sle:
    return compare("<=", false);
  case Predicate::sgt:
    return compare(">", false);
  case Predicate::sge:
    return compare(">=", false);
  case Predicate::ult:
    return compare("<", true);
  case Predicate::ule:
    return compare("<=", true);
  case Predicate::ugt:
    return compare(">", true);
  case Predicate::uge:
    return compare(">=", true);
  }
  llvm_unreachable("unknown predicate");
}

static Printed emitSelect(KernelEmitter &, arith::SelectOp op, Operands x) {
  return makeTernary(x[0], x[1], x[2]);
}

/// min or max; CUDA has them for 32 and 64 bits.
static Expression emitExtremum(KernelEmitter &e, Operation *op,
                               const Expression &a, const Expression &b,
                               StringRef name) {
  Type type = elementOf(op->getResult(0).getType());
  if (bitsOf(type) <= 64)
    return makeCall(name, {a, b});
  Expression x = e.makeAtom(a, type, "left"), y = e.makeAtom(b, type, "right");
  return makeTernary(
      makeBinary(x, name == "min" ? "<" : ">", y, Precedence::Relational), x,
      y);
}

template <typename Op>
static Printed emitMinMaxS(KernelEmitter &e, Op op, Operands x) {
  return emitExtremum(e, op, x[0], x[1],
                      isa<arith::MinSIOp>(op.getOperation()) ? "min" : "max");
}

template <typename Op>
static Printed emitMinMaxU(KernelEmitter &e, Op op, Operands x) {
  StringRef name = isa<arith::MinUIOp>(op.getOperation()) ? "min" : "max";
  if (bitsOf(elementOf(op.getType())) > 64)
    return e.refuse(op, "expected at most 64 bits");
  return emitUnsigned(e, op, x, op->getOperands(),
                      [&](const Expression &a, const Expression &b) {
                        return makeCall(name, {a, b});
                      });
}

//===----------------------------------------------------------------------===//
// Constants and counts
//===----------------------------------------------------------------------===//

static Printed emitConstant(KernelEmitter &e, arith::ConstantOp op, Operands) {
  Attribute value = op.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    if (op.getType().isIndex() && !integer.getValue().isSignedIntN(32))
      return e.refuse(op, "expected an index of 32 bits, got " +
                              llvm::to_string(integer.getInt()));
    APInt number = integer.getValue();
    return makeInteger(op.getType().isIndex() ? number.trunc(32) : number,
                       op.getType());
  }
  if (auto number = dyn_cast<FloatAttr>(value))
    return makeFloat(number.getValue());
  auto type = dyn_cast<VectorType>(op.getType());
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!type || !elements)
    return e.refuse(op, "expected a number or a vector of numbers");
  SmallVector<Expression> lanes;
  for (Attribute element : elements.getValues<Attribute>()) {
    if (auto integer = dyn_cast<IntegerAttr>(element))
      lanes.push_back(makeInteger(integer.getValue(), type.getElementType()));
    else
      lanes.push_back(makeFloat(cast<FloatAttr>(element).getValue()));
  }
  return assembleLanes(e, type, lanes);
}

/// Any value will do: 0.
static Printed emitPoison(KernelEmitter &e, ub::PoisonOp op, Operands) {
  auto zero = Builder(op.getContext()).getZeroAttr(op.getType());
  Type element = elementOf(op.getType());
  if (!zero)
    return e.refuse(op, "");
  Expression lane = isa<FloatType>(element)
                        ? makeFloat(APFloat::getZero(
                              cast<FloatType>(element).getFloatSemantics()))
                        : makeInteger(APInt(bitsOf(element), 0), element);
  auto type = dyn_cast<VectorType>(op.getType());
  if (!type)
    return lane;
  SmallVector<Expression> lanes(type.getNumElements(), lane);
  return assembleLanes(e, type, lanes);
}

static Printed emitClz(KernelEmitter &e, math::CountLeadingZerosOp op,
                       Operands x) {
  Type type = elementOf(op.getType());
  unsigned bits = bitsOf(type);
  if (bits == 32)
    return makeCall("__clz", x[0]);
  if (bits == 64)
    return makeCall("int64_t", makeCall("__clzll", x[0]));
  if (bits < 32)
    return makeBinary(makeCall("__clz", KernelEmitter::asUnsigned(x[0], type)),
                      "-", makeInteger(int64_t(32 - bits)),
                      Precedence::Additive);
  Expression whole = e.makeAtom(x[0], type, "whole");
  Expression high =
      e.makeAtom(makeCall("int64_t", makeBinary(whole, ">>", makeInteger(64),
                                                Precedence::Shift)),
                 IntegerType::get(op.getContext(), 64), "high");
  Expression low = makeCall("__clzll", makeCall("int64_t", whole));
  return makeTernary(
      makeBinary(high, "!=", makeInteger(0), Precedence::Equality),
      makeCall("__clzll", high),
      makeBinary(makeInteger(64), "+", low, Precedence::Additive));
}

static Printed emitPopulation(KernelEmitter &e, math::CtPopOp op, Operands x) {
  Type type = elementOf(op.getType());
  if (bitsOf(type) == 64)
    return makeCall("int64_t", makeCall("__popcll", x[0]));
  if (bitsOf(type) > 64)
    return e.refuse(op, "expected at most 64 bits");
  return makeCall("__popc", KernelEmitter::asUnsigned(x[0], type));
}

void shift::cuda::registerIntegerEmitters(EmitterTable &table) {
  table.modular<arith::AddIOp>(emitAdd);
  table.modular<arith::SubIOp>(emitSub);
  table.modular<arith::MulIOp>(emitMul);
  table.modular<arith::AndIOp>(emitAnd);
  table.modular<arith::OrIOp>(emitOr);
  table.modular<arith::XOrIOp>(emitXOr);
  table.modular<arith::ShLIOp>(emitShl);
  table.pure<arith::ShRSIOp>(emitShrS);
  table.pure<arith::ShRUIOp>(emitShrU);
  table.pure<arith::DivSIOp>(emitDivS);
  table.pure<arith::RemSIOp>(emitRemS);
  table.pure<arith::DivUIOp>(emitDivU);
  table.pure<arith::RemUIOp>(emitRemU);
  table.pure<arith::FloorDivSIOp>(emitFloorDiv);
  table.pure<arith::CeilDivSIOp>(emitCeilDiv<arith::CeilDivSIOp>);
  table.pure<arith::CeilDivUIOp>(emitCeilDiv<arith::CeilDivUIOp>);
  table.pure<arith::CmpIOp>(emitCmp);
  table.pure<arith::SelectOp>(emitSelect);
  table.pure<arith::MinSIOp>(emitMinMaxS<arith::MinSIOp>);
  table.pure<arith::MaxSIOp>(emitMinMaxS<arith::MaxSIOp>);
  table.pure<arith::MinUIOp>(emitMinMaxU<arith::MinUIOp>);
  table.pure<arith::MaxUIOp>(emitMinMaxU<arith::MaxUIOp>);
  table.pure<arith::ConstantOp>(emitConstant);
  table.pure<ub::PoisonOp>(emitPoison);
  table.pure<math::CountLeadingZerosOp>(emitClz);
  table.pure<math::CtPopOp>(emitPopulation);
}
