//===- Expression.cpp - C++ expressions as text ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/Expression.h"
#include "llvm/ADT/STLExtras.h"

using namespace shift::cuda;
using llvm::ArrayRef;
using llvm::StringRef;

bool Expression::mentions(unsigned variable) const {
  return llvm::is_contained(variables, variable);
}

/// Lets `to` depend on what `from` depends on.
static void inherit(Expression &to, const Expression &from) {
  to.readsMemory |= from.readsMemory;
  for (unsigned variable : from.variables)
    if (!to.mentions(variable))
      to.variables.push_back(variable);
}

Expression shift::cuda::makeName(StringRef name) {
  Expression result;
  result.text = name.str();
  result.isAtom = true;
  return result;
}

Expression shift::cuda::makeCall(StringRef function,
                                 ArrayRef<Expression> operands) {
  Expression result;
  result.text = function.str() + "(";
  for (const Expression &operand : operands) {
    if (&operand != operands.begin())
      result.text += ", ";
    result.text += operand.text;
    inherit(result, operand);
  }
  result.text += ")";
  return result;
}

static bool isBitwise(Precedence precedence) {
  return precedence == Precedence::BitOr || precedence == Precedence::BitXor ||
         precedence == Precedence::BitAnd;
}

/// Whether people, and the warnings of compilers, want parentheses that the
/// language does not.
static bool isConfusing(Precedence inner, Precedence outer) {
  if (inner >= Precedence::Unary || inner == outer)
    return false;
  if (isBitwise(outer) || outer == Precedence::Shift)
    return true;
  return outer == Precedence::LogicalOr && inner == Precedence::LogicalAnd;
}

/// Whether (a op b) op c and a op (b op c) are the same whatever they are.
static bool isAssociative(StringRef op) {
  return op == "&&" || op == "||" || op == "&" || op == "|" || op == "^";
}

std::string shift::cuda::parenthesize(const Expression &a,
                                      Precedence precedence) {
  if (a.precedence < precedence || isConfusing(a.precedence, precedence))
    return "(" + a.text + ")";
  return a.text;
}

Expression shift::cuda::makeBinary(const Expression &a, StringRef op,
                                   const Expression &b, Precedence precedence) {
  Expression result;
  std::string left = parenthesize(a, precedence);
  bool joins = b.precedence != precedence || isAssociative(op);
  std::string right = joins ? parenthesize(b, precedence) : "(" + b.text + ")";
  result.text = left + " " + op.str() + " " + right;
  result.precedence = precedence;
  bool isTest = precedence == Precedence::Relational ||
                precedence == Precedence::Equality ||
                precedence == Precedence::LogicalAnd ||
                precedence == Precedence::LogicalOr;
  if (a.isAtom && !a.literal && !isTest) {
    result.target = a.text;
    result.update = (op + "= " + b.text).str();
  }
  inherit(result, a);
  inherit(result, b);
  return result;
}

Expression shift::cuda::makeUnary(StringRef op, const Expression &a) {
  Expression result;
  std::string operand = parenthesize(a, Precedence::Unary);
  // Not `--a`.
  if (StringRef(operand).starts_with(op))
    operand = "(" + operand + ")";
  result.text = op.str() + operand;
  result.precedence = Precedence::Unary;
  inherit(result, a);
  return result;
}

Expression shift::cuda::makeTernary(const Expression &condition,
                                    const Expression &a, const Expression &b) {
  Expression result;
  auto operand = [](const Expression &x) {
    return x.precedence == Precedence::Ternary ? "(" + x.text + ")" : x.text;
  };
  result.text = operand(condition) + " ? " + operand(a) + " : " + operand(b);
  result.precedence = Precedence::Ternary;
  for (const Expression *part : {&condition, &a, &b})
    inherit(result, *part);
  return result;
}

Expression shift::cuda::makeMember(const Expression &a, StringRef member) {
  Expression result;
  result.text = parenthesize(a, Precedence::Primary) + "." + member.str();
  result.isAtom = a.isAtom;
  inherit(result, a);
  return result;
}

Expression shift::cuda::makeElement(const Expression &a,
                                    ArrayRef<Expression> indices) {
  Expression result;
  result.text = parenthesize(a, Precedence::Primary);
  inherit(result, a);
  for (const Expression &index : indices) {
    result.text += "[" + index.text + "]";
    inherit(result, index);
  }
  result.readsMemory = true;
  return result;
}
