//===- Reduction.h - Sums, means, softmax -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_REDUCTION_H
#define LIB_CONVERSION_KERNELS_REDUCTION_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

/// A reduction as offsets: results start at bases, their elements lie at
/// base + offsets in row order. Both empty where the elements of result i are
/// the `count` ones from i * count on.
struct Reduction {
  int64_t results = 1, count = 1;
  bool isMean = false;
  std::vector<int64_t> bases, offsets;

  std::string key() const;
};

/// Whether `op` is a reduction or a softmax; if it is one of others, `reason`
/// says so.
bool isReduction(Operation *op, std::string &reason);

/// Whether a reduction leaves its elements as they are.
bool isOverNoAxes(Operation *op);

/// The reduction of an op that is no softmax.
Reduction describeReduction(Operation *op);

/// Input, bases and offsets if there are any, result.
SmallVector<Value> listBuffers(Operation *op, const Reduction &plan,
                               Lowering &lowering);

/// `largest < x ? x : largest` over the elements from `at` on.
Val emitLargest(KernelBuilder &kb, Value in, Val at, int64_t count,
                int64_t stride, int64_t lanes);

/// Softmax along rows that lie side by side: `lanes` of them at once.
void emitSoftmaxColumns(KernelBuilder &kb, Value in, Value out, Val at,
                        int64_t count, int64_t stride, int64_t lanes);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_REDUCTION_H
