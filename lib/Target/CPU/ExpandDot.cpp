//===- ExpandDot.cpp - Dot product instructions per instruction set -------===//
// SPDX-License-Identifier: Apache-2.0
// Kernels are written once with the dot product instructions of AVX-512 VNNI
// and BW on 512 bits. Here each call becomes what the instruction set at hand
// has: one instruction, the same on parts of the vectors, or plain arithmetic.
// Every form gives the same bits: nothing saturates, because certificates keep
// the sums of vpmaddubsw in range and all others wrap. llvm.vscale becomes the
// number of 128-bit parts of a register, by which kernels choose their tiles.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/KernelCompiler.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;

namespace {
/// Elements [part * n, (part + 1) * n) of a vector, n a part's length.
Value *takePart(IRBuilder<> &b, Value *vector, unsigned part, unsigned parts) {
  unsigned lanes = cast<FixedVectorType>(vector->getType())->getNumElements();
  SmallVector<int> mask;
  for (unsigned i = 0; i < lanes / parts; ++i)
    mask.push_back(part * (lanes / parts) + i);
  return b.CreateShuffleVector(vector, mask);
}

/// Parts of a power of two in number, joined in order.
Value *join(IRBuilder<> &b, SmallVector<Value *> parts) {
  while (parts.size() > 1) {
    SmallVector<Value *> next;
    for (size_t i = 0; i < parts.size(); i += 2) {
      unsigned lanes =
          cast<FixedVectorType>(parts[i]->getType())->getNumElements();
      SmallVector<int> mask;
      for (unsigned k = 0; k < 2 * lanes; ++k)
        mask.push_back(k);
      next.push_back(b.CreateShuffleVector(parts[i], parts[i + 1], mask));
    }
    parts = next;
  }
  return parts[0];
}

/// Intrinsic `id` on 1 / `parts` of two 512-bit operands each.
Value *callParts(IRBuilder<> &b, Intrinsic::ID id, unsigned parts, Value *x,
                 Value *y) {
  SmallVector<Value *> results;
  for (unsigned i = 0; i < parts; ++i)
    results.push_back(b.CreateIntrinsic(
        id, {}, {takePart(b, x, i, parts), takePart(b, y, i, parts)}));
  return join(b, results);
}

/// Sums of the products of two int16 neighbours.
Value *multiplyWords(IRBuilder<> &b, StringRef isa, Value *x, Value *y) {
  if (isa.starts_with("avx512"))
    return b.CreateIntrinsic(Intrinsic::x86_avx512_pmaddw_d_512, {}, {x, y});
  if (isa == "avx2")
    return callParts(b, Intrinsic::x86_avx2_pmadd_wd, 2, x, y);
  return callParts(b, Intrinsic::x86_sse2_pmadd_wd, 4, x, y);
}

/// Sums of the products of two neighbours, of unsigned and of signed bytes.
Value *multiplyBytes(IRBuilder<> &b, StringRef isa, Value *x, Value *y) {
  if (isa.starts_with("avx512"))
    return b.CreateIntrinsic(Intrinsic::x86_avx512_pmaddubs_w_512, {}, {x, y});
  if (isa == "avx2")
    return callParts(b, Intrinsic::x86_avx2_pmadd_ub_sw, 2, x, y);
  // SSE2 has no such instruction: even and odd bytes as int16.
  auto *type = FixedVectorType::get(b.getInt16Ty(), 32);
  Value *eight = ConstantInt::get(type, 8);
  x = b.CreateBitCast(x, type);
  y = b.CreateBitCast(y, type);
  Value *even = b.CreateMul(b.CreateAnd(x, ConstantInt::get(type, 255)),
                            b.CreateAShr(b.CreateShl(y, eight), eight));
  Value *odd = b.CreateMul(b.CreateLShr(x, eight), b.CreateAShr(y, eight));
  return b.CreateAdd(even, odd);
}

/// Appends the calls of vpmaddubsw whose results `sum` adds up to `products`.
/// False if it is anything else.
bool collectProducts(Value *sum, SmallVectorImpl<IntrinsicInst *> &products) {
  if (auto *add = dyn_cast<BinaryOperator>(sum))
    return add->getOpcode() == Instruction::Add &&
           collectProducts(add->getOperand(0), products) &&
           collectProducts(add->getOperand(1), products);
  auto *call = dyn_cast<IntrinsicInst>(sum);
  if (!call || call->getIntrinsicID() != Intrinsic::x86_avx512_pmaddubs_w_512)
    return false;
  products.push_back(call);
  return true;
}

/// A sum of vpmaddubsw that vpdpwssd widens and adds to `total` with VNNI: one
/// vpdpbusd a product, because certified int16 sums do not wrap. Null for any
/// other vpdpwssd.
Value *addProducts(IRBuilder<> &b, Value *total, Value *sum, Value *factors) {
  SmallVector<IntrinsicInst *> products;
  auto *constant = dyn_cast<Constant>(factors);
  Constant *splat = constant ? constant->getSplatValue() : nullptr;
  if (!splat || !splat->isOneValue() || !collectProducts(sum, products))
    return nullptr;
  for (IntrinsicInst *product : products)
    total = b.CreateIntrinsic(
        Intrinsic::x86_avx512_vpdpbusd_512, {},
        {total, product->getArgOperand(0), product->getArgOperand(1)});
  return total;
}

/// Number of 128-bit parts of a vector register.
uint64_t registerParts(StringRef isa) {
  return isa.starts_with("avx512") ? 4 : isa == "avx2" ? 2 : 1;
}

/// What replaces a call, or null where it stays as it is.
Value *expandCall(IRBuilder<> &b, StringRef isa, IntrinsicInst &call) {
  auto arg = [&](unsigned i) { return call.getArgOperand(i); };
  switch (call.getIntrinsicID()) {
  case Intrinsic::x86_avx512_vpdpwssd_512:
    if (isa == "avx512vnni")
      return addProducts(b, arg(0), arg(1), arg(2));
    return b.CreateAdd(arg(0), multiplyWords(b, isa, arg(1), arg(2)));
  case Intrinsic::x86_avx512_pmaddw_d_512:
    return multiplyWords(b, isa, arg(0), arg(1));
  case Intrinsic::x86_avx512_pmaddubs_w_512:
    return multiplyBytes(b, isa, arg(0), arg(1));
  case Intrinsic::vscale:
    return ConstantInt::get(call.getType(), registerParts(isa));
  default:
    return nullptr;
  }
}
} // namespace

void shift::cpu::expandDot(Module &module, StringRef isa) {
  SmallVector<IntrinsicInst *> calls;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
        calls.push_back(call);
  for (IntrinsicInst *call : calls) {
    IRBuilder<> builder(call);
    if (Value *value = expandCall(builder, isa, *call)) {
      call->replaceAllUsesWith(value);
      call->eraseFromParent();
    }
  }
}
