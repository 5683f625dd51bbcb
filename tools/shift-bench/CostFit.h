//===- CostFit.h - The cost model's coefficients from times -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_COSTFIT_H
#define TOOLS_SHIFT_BENCH_COSTFIT_H

#include "shift/Conversion/ShiftToCPU/CostModel.h"

namespace shift::bench {

/// A layer that one form of kernel ran.
struct CostSample {
  mlir::shift::WorkCounts work;
  double seconds;
};

/// Nanoseconds of each kind of work, none negative, with the least sum of
/// squared relative errors.
mlir::shift::WorkCounts fitCosts(llvm::ArrayRef<CostSample> samples);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_COSTFIT_H
