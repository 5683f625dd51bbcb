//===- EmitConversions.cpp - Between types of numbers ---------------------===//
// SPDX-License-Identifier: Apache-2.0
// C++ promotes integers of less than 32 bits by itself, so widening them needs
// no text. From float, CUDA's conversions saturate where a cast is undefined.
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/KernelEmitter.h"

using namespace mlir;
using namespace shift::cuda;

static Type from(Operation *op) {
  return elementOf(op->getOperand(0).getType());
}
static Type to(Operation *op) { return elementOf(op->getResult(0).getType()); }

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// A signed integer in a type of at least its width.
static Expression widen(const Expression &x, Type from, Type to) {
  if (x.literal)
    return makeInteger(x.literal->sextOrTrunc(bitsOf(to)), to);
  if (from.isInteger(1))
    return makeUnary("-", makeCall("int", x));
  return bitsOf(to) > 32 && bitsOf(to) > bitsOf(from) ? makeCall(cppType(to), x)
                                                      : x;
}

/// The same without the sign.
static Expression widenUnsigned(KernelEmitter &e, Operation *op,
                                const Expression &x) {
  Type source = from(op), target = to(op);
  if (x.literal)
    return makeInteger(
        x.literal->zextOrTrunc(bitsOf(source)).zextOrTrunc(bitsOf(target)),
        target);
  if (source.isInteger(1))
    return makeCall(bitsOf(target) > 32 ? cppType(target) : "int", x);
  if (e.isNonNegative(op->getOperand(0)) || bitsOf(target) == bitsOf(source))
    return widen(x, source, target);
  Expression wide = KernelEmitter::asUnsigned(x, source);
  wide.isUnsigned = false;
  return bitsOf(target) > 32 ? makeCall(cppType(target), wide) : wide;
}

/// The low bits of an integer.
static Expression narrow(KernelEmitter &e, Operation *op, const Expression &x) {
  Type source = from(op), target = to(op);
  if (target.isInteger(1))
    return makeBinary(makeBinary(x, "&", makeInteger(1), Precedence::BitAnd),
                      "!=", makeInteger(0), Precedence::Equality);
  if (x.literal)
    return makeInteger(x.literal->sextOrTrunc(bitsOf(target)), target);
  bool isSame = bitsOf(source) <= 32 && !x.isUnsigned &&
                e.fitsSigned(op->getOperand(0), bitsOf(target));
  return isSame ? x : makeCall(cppType(target), x);
}

static Printed emitExtS(KernelEmitter &, arith::ExtSIOp op, Operands x) {
  return widen(x[0], from(op), to(op));
}

static Printed emitExtU(KernelEmitter &e, arith::ExtUIOp op, Operands x) {
  return widenUnsigned(e, op, x[0]);
}

static Printed emitTrunc(KernelEmitter &e, arith::TruncIOp op, Operands x) {
  return narrow(e, op, x[0]);
}

static Printed emitIndexCast(KernelEmitter &e, arith::IndexCastOp op,
                             Operands x) {
  if (bitsOf(to(op)) >= bitsOf(from(op)))
    return widen(x[0], from(op), to(op));
  return narrow(e, op, x[0]);
}

static Printed emitIndexCastU(KernelEmitter &e, arith::IndexCastUIOp op,
                              Operands x) {
  if (bitsOf(to(op)) >= bitsOf(from(op)))
    return widenUnsigned(e, op, x[0]);
  return narrow(e, op, x[0]);
}

//===----------------------------------------------------------------------===//
// Integers and floats
//===----------------------------------------------------------------------===//

static Printed emitToFloat(KernelEmitter &e, Operation *op, const Expression &x,
                           bool isUnsigned) {
  Type source = from(op);
  unsigned bits = bitsOf(source);
  if (bits > 64)
    return e.refuse(op, "expected at most 64 bits");
  std::string target = to(op).isF64() ? "double" : "float";
  if (bits == 1)
    return isUnsigned ? makeCall(target, x)
                      : makeUnary("-", makeCall(target, x));
  bool converts = isUnsigned && !e.isNonNegative(op->getOperand(0));
  std::string name = bits == 64 ? "ll" : "int";
  if (converts && bits >= 32)
    name = bits == 64 ? "ull" : "uint";
  return makeCall("__" + name + "2" + target + "_rn",
                  converts ? KernelEmitter::asUnsigned(x, source) : x);
}

static Printed emitSIToFP(KernelEmitter &e, arith::SIToFPOp op, Operands x) {
  return emitToFloat(e, op, x[0], /*isUnsigned=*/false);
}

static Printed emitUIToFP(KernelEmitter &e, arith::UIToFPOp op, Operands x) {
  return emitToFloat(e, op, x[0], /*isUnsigned=*/true);
}

static Printed emitToInteger(KernelEmitter &e, Operation *op,
                             const Expression &x, bool isUnsigned) {
  Type target = to(op);
  unsigned bits = bitsOf(target);
  if (bits > 64 || bits == 1)
    return e.refuse(op, "expected 8 to 64 bits");
  std::string name = from(op).isF64() ? "__double2" : "__float2";
  // A narrow unsigned number lies in the range of int.
  if (isUnsigned && bits >= 32)
    name += "u";
  if (bits == 64)
    name += "ll";
  else
    name += "int";
  Expression result = makeCall(name + "_rz", x);
  if (isUnsigned && bits >= 32)
    result.isUnsigned = true;
  else if (bits != 32)
    result = makeCall(cppType(target), result);
  return result;
}

static Printed emitFPToSI(KernelEmitter &e, arith::FPToSIOp op, Operands x) {
  return emitToInteger(e, op, x[0], /*isUnsigned=*/false);
}

static Printed emitFPToUI(KernelEmitter &e, arith::FPToUIOp op, Operands x) {
  return emitToInteger(e, op, x[0], /*isUnsigned=*/true);
}

static Printed emitExtF(KernelEmitter &, arith::ExtFOp op, Operands x) {
  return makeCall("double", x[0]);
}

static Printed emitTruncF(KernelEmitter &, arith::TruncFOp op, Operands x) {
  return makeCall("__double2float_rn", x[0]);
}

/// The bits of a number as one of another type of its width; empty where the
/// types are the same in C++.
static Printed reinterpret(KernelEmitter &e, Operation *op, Type source,
                           Type target, const Expression &x) {
  if (source == target)
    return x;
  if (source.isF32() && target.isInteger(32))
    return makeCall("__float_as_int", x);
  if (source.isInteger(32) && target.isF32())
    return makeCall("__int_as_float", x);
  if (source.isF64() && target.isInteger(64))
    return makeCall("int64_t", makeCall("__double_as_longlong", x));
  if (source.isInteger(64) && target.isF64())
    return makeCall("__longlong_as_double", x);
  return e.refuse(op, "expected types of 32 or 64 bits");
}

static Printed emitBitcast(KernelEmitter &e, arith::BitcastOp op, Operands x) {
  return reinterpret(e, op, from(op), to(op), x[0]);
}

void shift::cuda::registerConversionEmitters(EmitterTable &table) {
  table.pure<arith::ExtSIOp>(emitExtS);
  table.pure<arith::ExtUIOp>(emitExtU);
  table.modular<arith::TruncIOp>(emitTrunc);
  table.pure<arith::IndexCastOp>(emitIndexCast);
  table.pure<arith::IndexCastUIOp>(emitIndexCastU);
  table.pure<arith::SIToFPOp>(emitSIToFP);
  table.pure<arith::UIToFPOp>(emitUIToFP);
  table.pure<arith::FPToSIOp>(emitFPToSI);
  table.pure<arith::FPToUIOp>(emitFPToUI);
  table.pure<arith::ExtFOp>(emitExtF);
  table.pure<arith::TruncFOp>(emitTruncF);
  table.pure<arith::BitcastOp>(emitBitcast);
}
