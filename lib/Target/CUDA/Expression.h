//===- Expression.h - C++ expressions as text -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_TARGET_CUDA_EXPRESSION_H
#define LIB_TARGET_CUDA_EXPRESSION_H

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace shift::cuda {

/// How tightly the outermost operator binds, loosest first.
enum class Precedence {
  Ternary,
  LogicalOr,
  LogicalAnd,
  BitOr,
  BitXor,
  BitAnd,
  Equality,
  Relational,
  Shift,
  Additive,
  Multiplicative,
  Unary,
  Primary
};

/// The text of a C++ expression and what must be known to use it in another.
///
/// An integer of up to 32 bits may have a C++ type that is not its own: int8_t
/// is promoted to int, and min() of two int8_t is an int. Its value is that of
/// the signed integer in any case, except where `isUnsigned`.
struct Expression {
  std::string text;
  Precedence precedence = Precedence::Primary;
  /// A name or a literal, which may be repeated at no cost.
  bool isAtom = false;
  /// Computed modulo 2^n; the value is what conversion to the signed type of n
  /// bits gives.
  bool isUnsigned = false;
  /// Reads memory, so it must not move over a write.
  bool readsMemory = false;
  /// The value, if it is an integer literal.
  std::optional<llvm::APInt> literal;
  /// Variables in the text that are assigned to more than once.
  llvm::SmallVector<unsigned, 2> variables;
  /// The elements of a vector that is made of names and literals; it may be
  /// repeated like them.
  std::vector<Expression> lanes;
  /// Of `x + y` the texts "x" and "+= y", for an assignment to x.
  std::string target, update;

  bool mentions(unsigned variable) const;
};

/// A name.
Expression makeName(llvm::StringRef name);
/// A call or anything else of the form `f(x, ...)`, of these operands.
Expression makeCall(llvm::StringRef function,
                    llvm::ArrayRef<Expression> operands);
/// `a op b`. Parentheses are left out where the language and compilers'
/// warnings permit.
Expression makeBinary(const Expression &a, llvm::StringRef op,
                      const Expression &b, Precedence precedence);
/// `op a`
Expression makeUnary(llvm::StringRef op, const Expression &a);
/// `condition ? a : b`
Expression makeTernary(const Expression &condition, const Expression &a,
                       const Expression &b);
/// `a.member`
Expression makeMember(const Expression &a, llvm::StringRef member);
/// `a[index]...`, a read of memory.
Expression makeElement(const Expression &a, llvm::ArrayRef<Expression> indices);

/// The same value in a text that can be an operand of an operator of
/// `precedence`.
std::string parenthesize(const Expression &a, Precedence precedence);

} // namespace shift::cuda

#endif // LIB_TARGET_CUDA_EXPRESSION_H
