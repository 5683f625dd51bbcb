//===- CompareDriver.h - shift-run --compare --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef LIB_PIPELINES_COMPAREDRIVER_H
#define LIB_PIPELINES_COMPAREDRIVER_H

#include "shift/Pipelines/RunDriver.h"

namespace shift::pipelines {

/// Runs the model beside `options.compare` on one set of inputs and prints a
/// row a layer (SQNR in dB, largest absolute error) as layers are computed, and
/// the first one that differs. A usage error where there is nothing to compare
/// with.
llvm::Error compareModel(const RunOptions &options);

} // namespace shift::pipelines

#endif // LIB_PIPELINES_COMPAREDRIVER_H
