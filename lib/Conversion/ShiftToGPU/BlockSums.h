//===- BlockSums.h - Sums by the threads of a block -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_BLOCKSUMS_H
#define LIB_CONVERSION_SHIFTTOGPU_BLOCKSUMS_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// Results that a block of threads sums as emitLaneSums does.
int64_t laneResults(int64_t threads);

/// What shift/Support/GroupNorm.h states of sums of floats: 16 partial sums in
/// float64 by index mod 16, added 0..15. 16 threads sum the `count` elements
/// source[place(result, i)] of a result, then the first of them calls
/// store(result, {sum} or, with squares, {sum, sum of squares}).
void emitLaneSums(KernelBuilder &kb, Val block, int64_t results, int64_t count,
                  bool withSquares, Value source,
                  function_ref<Val(Val, Val)> place,
                  function_ref<void(Val, ArrayRef<Val>)> store);

/// Exact sums of 64-bit integers: all threads have `partial`, the first one
/// calls store(total).
void emitBlockSum(KernelBuilder &kb, ArrayRef<Val> partial,
                  function_ref<void(ArrayRef<Val>)> store);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_BLOCKSUMS_H
