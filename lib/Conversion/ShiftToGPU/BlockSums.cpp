//===- BlockSums.cpp - Sums by the threads of a block ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToGPU/BlockSums.h"
#include "shift/Support/GroupNorm.h"

using namespace mlir;
using namespace mlir::shift::cuda;

constexpr int64_t lanes = ::shift::floatSumLanes;

int64_t mlir::shift::cuda::laneResults(int64_t threads) {
  return threads / lanes;
}

void mlir::shift::cuda::emitLaneSums(
    KernelBuilder &kb, Val block, int64_t results, int64_t count,
    bool withSquares, Value source, function_ref<Val(Val, Val)> place,
    function_ref<void(Val, ArrayRef<Val>)> store) {
  Val lane = kb.thread() % lanes;
  Val own = block * laneResults(kb.threads) + kb.thread() / lanes;
  Val isThere = kb.compare(arith::CmpIPredicate::ult, own, kb.index(results));
  // Threads without a result sum the last one, since all meet at the barrier.
  Val result = kb.min(own, kb.index(results - 1));
  SmallVector<Val> sums(withSquares ? 2 : 1, kb.constantFloat(kb.f64(), 0.0));
  sums = kb.loopCarried(
      lane, kb.index(count), lanes, sums, [&](Val i, ArrayRef<Val> carried) {
        Val x = kb.convert(kb.load(source, place(result, i)), kb.f64());
        SmallVector<Val> next{carried[0] + x};
        if (withSquares)
          next.push_back(carried[1] + x * x);
        return next;
      });
  Value partial =
      kb.shared(kb.f64(), int64_t(sums.size()) * kb.threads, "partial");
  for (auto [k, sum] : llvm::enumerate(sums))
    kb.store(sum, partial, kb.thread() + int64_t(k) * kb.threads);
  kb.barrier();
  Val isFirst = kb.compare(arith::CmpIPredicate::eq, lane, kb.index(0));
  kb.ifThen(kb.bitAnd(isFirst, isThere), [&] {
    SmallVector<Val> zeros(sums.size(), kb.constantFloat(kb.f64(), 0.0));
    store(result,
          kb.loopCarried(kb.index(0), kb.index(lanes), 1, zeros,
                         [&](Val i, ArrayRef<Val> carried) {
                           SmallVector<Val> next;
                           for (size_t k = 0; k < carried.size(); ++k)
                             next.push_back(
                                 carried[k] +
                                 kb.load(partial, kb.thread() + i +
                                                      int64_t(k) * kb.threads));
                           return next;
                         }));
  });
}

void mlir::shift::cuda::emitBlockSum(KernelBuilder &kb, ArrayRef<Val> partial,
                                     function_ref<void(ArrayRef<Val>)> store) {
  Value all = kb.shared(kb.i(64), int64_t(partial.size()) * kb.threads, "all");
  auto at = [&](size_t k, Val thread) {
    return thread + int64_t(k) * kb.threads;
  };
  for (auto [k, sum] : llvm::enumerate(partial))
    kb.store(sum, all, at(k, kb.thread()));
  // Half as many threads add in each round.
  for (int64_t half = kb.threads / 2; half > 0; half /= 2) {
    kb.barrier();
    Val isAdding =
        kb.compare(arith::CmpIPredicate::ult, kb.thread(), kb.index(half));
    kb.ifThen(isAdding, [&] {
      for (size_t k = 0; k < partial.size(); ++k) {
        Val own = at(k, kb.thread());
        kb.store(kb.load(all, own) + kb.load(all, own + half), all, own);
      }
    });
  }
  Val isFirst = kb.compare(arith::CmpIPredicate::eq, kb.thread(), kb.index(0));
  kb.ifThen(isFirst, [&] {
    SmallVector<Val> totals;
    for (size_t k = 0; k < partial.size(); ++k)
      totals.push_back(kb.load(all, kb.index(int64_t(k) * kb.threads)));
    store(totals);
  });
}
