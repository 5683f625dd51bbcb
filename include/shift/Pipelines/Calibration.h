//===- Calibration.h - Fractions from observed values -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_CALIBRATION_H
#define SHIFT_PIPELINES_CALIBRATION_H

#include "mlir/IR/BuiltinOps.h"
#include "shift/Pipelines/Engine.h"

namespace shift::pipelines {

/// How a value's fraction follows from what was observed (design of the number
/// system: the largest f with v * 2^f < q_max + 1/2, or least squared error).
struct CalibrationOptions {
  enum class Method { Maximum, Percentile, LeastSquares };
  Method method = Method::Percentile;
  /// Nearest-rank percentile of |x|, in (0, 100].
  double percentile = 99.99;
};

/// "max", "percentile" or "least-squares".
llvm::Expected<CalibrationOptions::Method>
parseCalibrationMethod(llvm::StringRef name);

/// Runs `module` on every input that `readInput` gives for `files` and writes
/// the fraction of each float32 value to it, as the attributes that
/// quantize-activations reads. Shows progress on stderr.
llvm::Error calibrate(mlir::ModuleOp module, const CalibrationOptions &options,
                      llvm::ArrayRef<std::string> files,
                      llvm::function_ref<llvm::Expected<std::vector<NpyArray>>(
                          const std::string &file, const Engine &engine)>
                          readInput);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_CALIBRATION_H
