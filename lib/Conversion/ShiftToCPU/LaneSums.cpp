//===- LaneSums.cpp - Float64 sums in the stated order --------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/ShiftToCPU/LaneSums.h"

using namespace mlir;
using namespace mlir::shift::cpu;

Val mlir::shift::cpu::emitAddLanes(KernelBuilder &kb, Value lanes) {
  Val zero = kb.constantFloat(kb.f64(), 0.0);
  return kb.loopCarried(kb.index(0), kb.index(sumLanes), 1, {zero},
                        [&](Val i, ArrayRef<Val> carried) {
                          return SmallVector<Val>{carried[0] +
                                                  kb.load(lanes, i)};
                        })[0];
}

LaneSums mlir::shift::cpu::emitLaneSums(KernelBuilder &kb, Value source,
                                        Val base, int64_t count,
                                        bool withSquares, Value lanes) {
  int64_t whole = count / sumLanes * sumLanes;
  Val zero = kb.constantFloat(kb.vec(kb.f64(), sumLanes), 0.0);
  SmallVector<Val> sums(withSquares ? 2 : 1, zero);
  auto term = [&](Val at, bool squared, int64_t width) {
    Val x = kb.convert(kb.load(source, at, width), kb.f64());
    return squared ? x * x : x;
  };
  sums = kb.loopCarried(kb.index(0), kb.index(whole), sumLanes, sums,
                        [&](Val i, ArrayRef<Val> carried) {
                          SmallVector<Val> next(carried);
                          for (size_t k = 0; k < next.size(); ++k)
                            next[k] =
                                next[k] + term(base + i, k == 1, sumLanes);
                          return next;
                        });
  auto finish = [&](size_t k) {
    kb.store(sums[k], lanes, kb.index(0));
    kb.loop(kb.index(whole), kb.index(count), 1, [&](Val i) {
      Val lane = i - whole;
      kb.store(kb.load(lanes, lane) + term(base + i, k == 1, 1), lanes, lane);
    });
    return emitAddLanes(kb, lanes);
  };
  LaneSums result;
  result.sum = finish(0);
  if (withSquares)
    result.squares = finish(1);
  return result;
}
