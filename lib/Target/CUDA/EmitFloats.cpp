//===- EmitFloats.cpp - arith and math on floats --------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Intrinsics that round to nearest are never contracted or flushed to zero,
// whatever flags the text is compiled with.
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace shift::cuda;

/// A call of `single` or, on double, `wide`.
template <typename Op>
static Printed emitCall(Op op, Operands x, StringRef single, StringRef wide) {
  return makeCall(elementOf(op.getType()).isF64() ? wide : single, x);
}

static Printed emitAdd(KernelEmitter &, arith::AddFOp op, Operands x) {
  return emitCall(op, x, "__fadd_rn", "__dadd_rn");
}
static Printed emitSub(KernelEmitter &, arith::SubFOp op, Operands x) {
  return emitCall(op, x, "__fsub_rn", "__dsub_rn");
}
static Printed emitMul(KernelEmitter &, arith::MulFOp op, Operands x) {
  return emitCall(op, x, "__fmul_rn", "__dmul_rn");
}
static Printed emitDiv(KernelEmitter &, arith::DivFOp op, Operands x) {
  return emitCall(op, x, "__fdiv_rn", "__ddiv_rn");
}
static Printed emitRem(KernelEmitter &, arith::RemFOp op, Operands x) {
  return emitCall(op, x, "fmodf", "fmod");
}
static Printed emitNeg(KernelEmitter &, arith::NegFOp op, Operands x) {
  return makeUnary("-", x[0]);
}
static Printed emitFma(KernelEmitter &, math::FmaOp op, Operands x) {
  return emitCall(op, x, "__fmaf_rn", "__fma_rn");
}
static Printed emitSqrt(KernelEmitter &, math::SqrtOp op, Operands x) {
  return emitCall(op, x, "__fsqrt_rn", "__dsqrt_rn");
}
static Printed emitAbs(KernelEmitter &, math::AbsFOp op, Operands x) {
  return emitCall(op, x, "fabsf", "fabs");
}
static Printed emitFloor(KernelEmitter &, math::FloorOp op, Operands x) {
  return emitCall(op, x, "floorf", "floor");
}
static Printed emitCeil(KernelEmitter &, math::CeilOp op, Operands x) {
  return emitCall(op, x, "ceilf", "ceil");
}
static Printed emitTrunc(KernelEmitter &, math::TruncOp op, Operands x) {
  return emitCall(op, x, "truncf", "trunc");
}
static Printed emitRoundEven(KernelEmitter &, math::RoundEvenOp op,
                             Operands x) {
  return emitCall(op, x, "rintf", "rint");
}

/// C++'s comparisons are ordered, except !=; the unordered ones are negations
/// of the opposite.
static Printed emitCmp(KernelEmitter &e, arith::CmpFOp op, Operands x) {
  using Predicate = arith::CmpFPredicate;
  Expression a = x[0], b = x[1];
  auto compare = [&](StringRef symbol) {
    return makeBinary(a, symbol, b,
                      symbol == "==" || symbol == "!="
                          ? Precedence::Equality
                          : Precedence::Relational);
  };
  auto negated = [&](StringRef symbol) {
    return makeUnary("!", compare(symbol));
  };
  auto pair = [&](StringRef symbol, StringRef joint, Precedence precedence) {
    Type type = elementOf(op.getLhs().getType());
    a = e.makeAtom(a, type, "number");
    Expression left = makeBinary(a, symbol, a, Precedence::Equality);
    if (op.getLhs() == op.getRhs())
      return left;
    b = e.makeAtom(b, type, "number");
    return makeBinary(left, joint,
                      makeBinary(b, symbol, b, Precedence::Equality),
                      precedence);
  };
  auto isApart = [&] {
    Type type = elementOf(op.getLhs().getType());
    a = e.makeAtom(a, type, "number");
    b = e.makeAtom(b, type, "number");
    return makeBinary(compare("<"), "||", compare(">"), Precedence::LogicalOr);
  };
  switch (op.getPredicate()) {
  case Predicate::AlwaysFalse:
    return makeName("false");
  case Predicate::AlwaysTrue:
    return makeName("true");
  case Predicate::OEQ:
    return compare("==");
  case Predicate::OGT:
    return compare(">");
  case Predicate::OGE:
    return compare(">=");
  case Predicate::OLT:
    return compare("<");
  case Predicate::OLE:
    return compare("<=");
  case Predicate::ONE:
    return isApart();
  case Predicate::ORD:
    return pair("==", "&&", Precedence::LogicalAnd);
  case Predicate::UEQ:
    return makeUnary("!", isApart());
  case Predicate::UGT:
    return negated("<=");
  case Predicate::UGE:
    return negated("<");
  case Predicate::ULT:
    return negated(">=");
  case Predicate::ULE:
    return negated(">");
  case Predicate::UNE:
    return compare("!=");
  case Predicate::UNO:
    return pair("!=", "||", Precedence::LogicalOr);
  }
  llvm_unreachable("unknown predicate");
}

void shift::cuda::registerFloatEmitters(EmitterTable &table) {
  table.pure<arith::AddFOp>(emitAdd);
  table.pure<arith::SubFOp>(emitSub);
  table.pure<arith::MulFOp>(emitMul);
  table.pure<arith::DivFOp>(emitDiv);
  table.pure<arith::RemFOp>(emitRem);
  table.pure<arith::NegFOp>(emitNeg);
  table.pure<arith::CmpFOp>(emitCmp);
  table.pure<math::FmaOp>(emitFma);
  table.pure<math::SqrtOp>(emitSqrt);
  table.pure<math::AbsFOp>(emitAbs);
  table.pure<math::FloorOp>(emitFloor);
  table.pure<math::CeilOp>(emitCeil);
  table.pure<math::TruncOp>(emitTrunc);
  table.pure<math::RoundEvenOp>(emitRoundEven);
}
