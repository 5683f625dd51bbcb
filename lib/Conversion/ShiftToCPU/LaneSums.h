//===- LaneSums.h - Float64 sums in the stated order ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Sums of floats are 16 partial sums by index mod 16, added 0..15: what
// shift/Support/GroupNorm.h computes, built as IR.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOCPU_LANESUMS_H
#define LIB_CONVERSION_SHIFTTOCPU_LANESUMS_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::cpu {
using namespace kernels;

constexpr int64_t sumLanes = 16;

/// S1 = sum of x and, if asked for, S2 = sum of x * x over the `count` floats
/// from `base` on. `lanes` is a scratch buffer of 16 float64.
struct LaneSums {
  Val sum, squares;
};
LaneSums emitLaneSums(KernelBuilder &kb, Value source, Val base, int64_t count,
                      bool withSquares, Value lanes);

/// The partial sums in `lanes`, added from +0.
Val emitAddLanes(KernelBuilder &kb, Value lanes);

} // namespace mlir::shift::cpu

#endif // LIB_CONVERSION_SHIFTTOCPU_LANESUMS_H
