//===- CostModel.h - What strategies take on GPUs ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A prediction from counted instructions and the data sheets' numbers
// (GPUTable.inc). shift_frontend.cuda_report predicts with the same numbers
// from the instructions of compiled kernels.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_SHIFTTOGPU_COSTMODEL_H
#define LIB_CONVERSION_SHIFTTOGPU_COSTMODEL_H

#include "lib/Conversion/Kernels/FixedLayer.h"

namespace mlir::shift::cuda {
using namespace kernels;

/// A GPU that strategies are chosen for.
struct GPUModel {
  StringRef name;
  int architecture;
  double multiprocessors, megahertz, gigabytes;
  /// Of a multiprocessor: threads that it holds; results a cycle of shifts and
  /// additions and of dp4a; multiply-accumulates a cycle of tensor cores.
  double threads, integer, multiply, mma;
};

/// The newest GPU of the table that is not newer than `architecture`, or the
/// oldest.
const GPUModel &findGPU(int architecture);

/// What a launch of a layer's kernel takes.
double predictSeconds(const FixedLayer &fixed, StringRef strategy,
                      const GPUModel &gpu);

} // namespace mlir::shift::cuda

#endif // LIB_CONVERSION_SHIFTTOGPU_COSTMODEL_H
