//===- Resample.h - Resize and Upsample by tables ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Kernels follow the tables of shift/Support/ResizeTable.h: nearest ones are
// copies by index, others are weighted sums along one axis after the other.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_KERNELS_RESAMPLE_H
#define LIB_CONVERSION_KERNELS_RESAMPLE_H

#include "lib/Conversion/Kernels/Lowering.h"
#include "shift/Support/ResizeTable.h"

namespace mlir::shift::kernels {

/// A resampling of a tensor, one table a dimension.
struct Resampling {
  bool isNearest = true;
  float extrapolation = 0;
  std::vector<::shift::ResizeTable> tables;
};

/// What onnx.Resize or onnx.Upsample computes, or failure where no kernel does.
FailureOr<Resampling> describeResampling(Operation *op);

/// Adds the steps of a resampling by weighted sums: one for each axis that
/// changes, the last one first.
void lowerResampling(Operation *op, const Resampling &plan, Lowering &lowering);

} // namespace mlir::shift::kernels

#endif // LIB_CONVERSION_KERNELS_RESAMPLE_H
