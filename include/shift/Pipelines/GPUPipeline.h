//===- GPUPipeline.h - From a module to GPU kernels -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_GPUPIPELINE_H
#define SHIFT_PIPELINES_GPUPIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace shift::cuda {

/// How GPU kernels are made.
struct GPUOptions {
  /// `pattern=strategy` for nodes by name; the first match that can take a
  /// layer is used, else what select-gpu-kernels chooses.
  std::vector<std::string> strategies;
  /// The oldest architecture that the code must run on.
  std::string arch = "sm_75";
  /// Whether a detector's boxes become outputs (`append-decode`).
  bool decodes = true;
};

/// The pass pipeline from onnx and shift ops to launches of GPU kernels.
void buildShiftToGPUPipeline(mlir::OpPassManager &pm,
                             const GPUOptions &options);

/// Registers it as `shift-to-gpu-pipeline`.
void registerShiftToGPUPipeline();

} // namespace shift::cuda

#endif // SHIFT_PIPELINES_GPUPIPELINE_H
