//===- MeasureCosts.h - Measures the cost model's coefficients --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef TOOLS_SHIFT_BENCH_MEASURECOSTS_H
#define TOOLS_SHIFT_BENCH_MEASURECOSTS_H

#include "Contenders.h"

namespace shift::bench {

/// Times the layers on one thread, fits the cost model and prints its table as
/// source text to `outputPath`; to stderr, how well the fit chooses among the
/// forms. All counts and times go to the file `jsonPath` unless that is empty.
llvm::Error measureCosts(llvm::ArrayRef<ConvShape> shapes, int rounds,
                         const std::string &outputPath,
                         const std::string &jsonPath,
                         mlir::MLIRContext &context);

} // namespace shift::bench

#endif // TOOLS_SHIFT_BENCH_MEASURECOSTS_H
