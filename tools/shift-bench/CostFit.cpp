//===- CostFit.cpp - The cost model's coefficients from times -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "CostFit.h"
#include <algorithm>

using mlir::shift::WorkCounts;
using mlir::shift::workKinds;

namespace shift::bench {

// Minimises sum over samples of (sum_k x[k] * work[k] / time - 1)^2 for x >= 0,
// one coefficient after the other: the problem is convex, so that this
// converges to its least value.
WorkCounts fitCosts(llvm::ArrayRef<CostSample> samples) {
  constexpr int sweeps = 20000;
  std::array<WorkCounts, workKinds> products{};
  WorkCounts sums{}, costs{};
  for (const CostSample &sample : samples) {
    WorkCounts share;
    for (size_t i = 0; i < workKinds; ++i)
      share[i] = sample.work[i] / (sample.seconds * 1e9);
    for (size_t i = 0; i < workKinds; ++i) {
      sums[i] += share[i];
      for (size_t k = 0; k < workKinds; ++k)
        products[i][k] += share[i] * share[k];
    }
  }
  for (int sweep = 0; sweep < sweeps; ++sweep)
    for (size_t i = 0; i < workKinds; ++i) {
      if (products[i][i] == 0)
        continue;
      double rest = sums[i];
      for (size_t k = 0; k < workKinds; ++k)
        if (k != i)
          rest -= products[i][k] * costs[k];
      costs[i] = std::max(0.0, rest / products[i][i]);
    }
  return costs;
}

} // namespace shift::bench
