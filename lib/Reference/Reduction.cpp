//===- Reduction.cpp - Sums and means over axes ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"
#include "shift/Support/GroupNorm.h"

using namespace shift;
using namespace shift::reference;

/// The sum of float64 values as floatPlaneSum forms it.
static double laneSum(const double *values, int64_t count) {
  double lanes[floatSumLanes] = {};
  for (int64_t i = 0; i < count; ++i)
    lanes[i % floatSumLanes] += values[i];
  double sum = 0;
  for (double lane : lanes)
    sum += lane;
  return sum;
}

template <typename T>
static T reduceOne(const T *values, int64_t count, bool isMean) {
  if constexpr (std::is_same_v<T, float>) {
    return isMean ? floatPlaneMean(values, count)
                  : static_cast<float>(floatPlaneSum(values, count));
  } else if constexpr (std::is_same_v<T, double>) {
    double sum = laneSum(values, count);
    return isMean ? sum / static_cast<double>(count) : sum;
  } else {
    uint64_t sum = 0;
    for (int64_t i = 0; i < count; ++i)
      sum += static_cast<uint64_t>(values[i]);
    if (isMean && count > 0)
      return static_cast<T>(static_cast<int64_t>(sum) / count);
    return static_cast<T>(sum);
  }
}

Tensor shift::reference::reduce(const Tensor &x, const Shape &axes, bool isMean,
                                const Shape &shape) {
  if (axes.empty())
    return reshape(x, shape);
  // With the reduced dimensions last, each result's elements lie in row order.
  Shape perm, isReduced(x.rank(), 0);
  for (int64_t axis : axes)
    isReduced[axis] = 1;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (!isReduced[i])
      perm.push_back(i);
  int64_t count = 1;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (isReduced[i]) {
      perm.push_back(i);
      count *= x.shape[i];
    }
  Tensor sorted = transpose(x, perm), y(x.dtype, shape);
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < y.size(); ++i)
      y.data<T>()[i] = reduceOne(sorted.data<T>() + i * count, count, isMean);
  });
  return y;
}
