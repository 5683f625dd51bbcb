//===- IndexedCopy.h - Moving elements by index -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// One generator for ops that move elements: every dimension of the region that
// is written reads the source at a linear function of its index or at a table's
// entry, and the element may be converted on the way.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_INDEXEDCOPY_H
#define LIB_CONVERSION_KERNELS_INDEXEDCOPY_H

#include "lib/Conversion/Kernels/Lowering.h"

namespace mlir::shift::kernels {

/// One dimension of the region that is written.
struct CopyDimension {
  int64_t size = 1;
  int64_t targetStride = 1;
  int64_t sourceStride = 1;
  /// Offsets in the source, one an index, instead of sourceStride; negative
  /// ones are outside and give the fill value.
  std::vector<int64_t> table;
};

/// target[targetBase + ...] = convert(source[sourceBase + ...]).
struct IndexedCopy {
  SmallVector<CopyDimension> dimensions;
  int64_t sourceBase = 0, targetBase = 0;
  /// What is written for positions outside, as the target's element.
  TypedAttr fill;
  /// Conversion of an element (of some lanes); `convertKey` names it.
  std::function<Val(KernelBuilder &, Val)> convert;
  std::string convertKey;
};

/// Strides of a row-major tensor.
SmallVector<int64_t> rowStrides(ArrayRef<int64_t> shape);

/// A copy to the whole of a tensor of `shape`, source strides to be set.
IndexedCopy wholeCopy(ArrayRef<int64_t> shape);

/// Adds the step that performs `copy` for `op`.
void lowerCopy(Operation *op, Value source, Value target, IndexedCopy copy,
               Lowering &lowering);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_INDEXEDCOPY_H
