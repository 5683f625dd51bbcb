//===- ExpandFma.cpp - Fused multiply-add without the instruction ---------===//
// SPDX-License-Identifier: Apache-2.0
// fma(a, b, c) on float32 in float64: the product of two float32 is exact
// there; the sum with c is rounded to odd (if it is inexact, to the neighbour
// whose last bit is set), and then rounding it to float32 rounds as if it had
// been exact, because float64 has more than two bits more than float32. Neither
// overflows nor is subnormal in float64. No call of a math library remains. The
// operations are one function for each vector type: inlined into a tile of sums
// they would be thousands of instructions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/KernelCompiler.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

/// `type` with another element type.
static Type *withElement(Type *type, Type *element) {
  if (auto *vector = dyn_cast<VectorType>(type))
    return VectorType::get(element, vector->getElementCount());
  return element;
}

/// fma on `type` in float64.
static Value *expand(IRBuilder<> &b, Type *type, Value *x, Value *y, Value *z) {
  Type *wide = withElement(type, b.getDoubleTy());
  Type *bits = withElement(type, b.getInt64Ty());
  x = b.CreateFPExt(x, wide);
  y = b.CreateFPExt(y, wide);
  z = b.CreateFPExt(z, wide);
  Value *product = b.CreateFMul(x, y);
  Value *sum = b.CreateFAdd(product, z);
  // Knuth's two-sum: sum + error is the exact sum.
  Value *zPart = b.CreateFSub(sum, product);
  Value *productPart = b.CreateFSub(sum, zPart);
  Value *error =
      b.CreateFAdd(b.CreateFSub(product, productPart), b.CreateFSub(z, zPart));
  // False for exact sums, and for NaN: sums of infinities stay as they are.
  Value *inexact = b.CreateFCmpONE(error, ConstantFP::get(wide, 0.0));
  Value *pattern = b.CreateBitCast(sum, bits);
  Value *one = ConstantInt::get(bits, 1);
  Value *even =
      b.CreateICmpEQ(b.CreateAnd(pattern, one), ConstantInt::get(bits, 0));
  // Rounded towards zero, the odd neighbour is the next one up in magnitude;
  // rounded away from zero, the next one down.
  Value *signs = b.CreateXor(pattern, b.CreateBitCast(error, bits));
  Value *towards = b.CreateICmpSGE(signs, ConstantInt::get(bits, 0));
  Value *step = b.CreateSelect(towards, one, ConstantInt::getSigned(bits, -1));
  Value *odd = b.CreateAdd(pattern, step);
  Value *adjust = b.CreateAnd(inexact, even);
  Value *result = b.CreateSelect(adjust, odd, pattern);
  return b.CreateFPTrunc(b.CreateBitCast(result, wide), type);
}

static Function *createFunction(Module &module, Type *type) {
  auto *function =
      Function::Create(FunctionType::get(type, {type, type, type}, false),
                       GlobalValue::InternalLinkage, "fma", module);
  function->addFnAttr(Attribute::NoInline);
  function->setDoesNotAccessMemory();
  function->setDoesNotThrow();
  function->setWillReturn();
  IRBuilder<> b(BasicBlock::Create(module.getContext(), "", function));
  b.CreateRet(expand(b, type, function->getArg(0), function->getArg(1),
                     function->getArg(2)));
  return function;
}

void shift::cpu::expandFma(Module &module) {
  SmallVector<IntrinsicInst *> calls;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
        if (call->getIntrinsicID() == Intrinsic::fma &&
            call->getType()->getScalarType()->isFloatTy())
          calls.push_back(call);
  DenseMap<Type *, Function *> functions;
  for (IntrinsicInst *call : calls) {
    Function *&function = functions[call->getType()];
    if (!function)
      function = createFunction(module, call->getType());
    IRBuilder<> builder(call);
    SmallVector<Value *> args(call->args());
    call->replaceAllUsesWith(builder.CreateCall(function, args));
    call->eraseFromParent();
  }
}
