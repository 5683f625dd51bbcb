//===- ExpandMultiplications.cpp - Products as shifts and additions -------===//
// SPDX-License-Identifier: Apache-2.0
// The kernels of strategy `shift` multiply nothing, but the addresses of a
// tensor's rows are products with constants. A constant is a sum of signed
// powers of two, no two of them neighbours. Each part is frozen: a sum of plain
// shifts would be found and made a product again.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/KernelCompiler.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;

/// x * factor.
static Value *expand(IRBuilder<> &b, Value *x, APInt factor) {
  Value *sum = nullptr;
  auto add = [&](unsigned bit, bool isNegative) {
    Value *part = b.CreateFreeze(b.CreateShl(x, bit));
    if (!sum)
      sum = isNegative ? b.CreateNeg(part) : part;
    else
      sum = isNegative ? b.CreateSub(sum, part) : b.CreateAdd(sum, part);
  };
  unsigned width = factor.getBitWidth();
  for (unsigned bit = 0; bit < width && !factor.isZero(); ++bit) {
    if (factor[0]) {
      // A run of ones is one power minus another.
      bool isNegative = width - bit > 1 && factor[1];
      add(bit, isNegative);
      factor += isNegative ? 1 : -1;
    }
    factor.lshrInPlace(1);
  }
  return sum ? sum : Constant::getNullValue(x->getType());
}

void shift::cpu::expandMultiplications(Module &module) {
  using namespace llvm::PatternMatch;
  SmallVector<Instruction *> products;
  const APInt *factor;
  Value *x;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (match(&instruction, m_Mul(m_Value(x), m_APInt(factor))))
        products.push_back(&instruction);
  for (Instruction *product : products) {
    IRBuilder<> b(product);
    if (!match(product, m_Mul(m_Value(x), m_APInt(factor))))
      continue;
    product->replaceAllUsesWith(expand(b, x, *factor));
    product->eraseFromParent();
  }
}
