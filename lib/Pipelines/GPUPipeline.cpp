//===- GPUPipeline.cpp - From a module to GPU kernels ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/GPUPipeline.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "shift/Conversion/ShiftToGPU/Passes.h"

using namespace mlir;

namespace shift::cuda {

void buildShiftToGPUPipeline(OpPassManager &pm, const GPUOptions &options) {
  if (options.decodes)
    pm.addPass(mlir::shift::createAppendDecodePass());
  pm.addPass(mlir::shift::createCertifyAccumulatorsPass());
  pm.addPass(mlir::shift::createFuseAddsPass());
  mlir::shift::SelectGPUKernelsPassOptions select;
  select.strategies.assign(options.strategies.begin(),
                           options.strategies.end());
  select.arch = options.arch;
  pm.addPass(mlir::shift::createSelectGPUKernelsPass(select));
  mlir::shift::ConvertShiftToGPUPassOptions convert;
  convert.arch = options.arch;
  pm.addPass(mlir::shift::createConvertShiftToGPUPass(convert));
  // Index arithmetic of constants and of what loops do not change.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createCSEPass());
}

namespace {
/// The options of the named pipeline.
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  ListOption<std::string> strategies{
      *this, "strategies",
      llvm::cl::desc("Strategies for nodes, pattern=strategy, of "
                     "select-gpu-kernels")};
  Option<std::string> arch{
      *this, "arch",
      llvm::cl::desc("Oldest architecture that the code must run on, sm_NN"),
      llvm::cl::init("sm_75")};
  Option<bool> decodes{*this, "decode",
                       llvm::cl::desc("Make the boxes of a detector outputs"),
                       llvm::cl::init(true)};
};
} // namespace

void registerShiftToGPUPipeline() {
  PassPipelineRegistration<PipelineOptions>(
      "shift-to-gpu-pipeline",
      "Turn a network of onnx and shift ops into GPU kernels and launches",
      [](OpPassManager &pm, const PipelineOptions &given) {
        GPUOptions options;
        options.strategies.assign(given.strategies.begin(),
                                  given.strategies.end());
        options.arch = given.arch;
        options.decodes = given.decodes;
        buildShiftToGPUPipeline(pm, options);
      });
}

} // namespace shift::cuda
