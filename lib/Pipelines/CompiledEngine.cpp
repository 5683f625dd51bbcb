//===- CompiledEngine.cpp - Modules compiled in this process --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "RuntimeEngine.h"
#include "shift/Conversion/ShiftToCPU/CostModel.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/CommandLine.h"
#include "shift/Pipelines/Diagnostics.h"

using namespace llvm;

namespace shift::pipelines {

Expected<std::unique_ptr<Engine>>
compileEngine(mlir::ModuleOp module, const CompileEngineOptions &given) {
  cpu::CPUOptions options;
  options.keepAllValues = given.isObservable;
  auto strategies =
      parseStrategies(given.strategy, mlir::shift::getLayerStrategies());
  if (!strategies)
    return strategies.takeError();
  options.strategies = std::move(*strategies);
  ErrorCollector errors(module.getContext());
  FailureOr<cpu::JitArtifact> artifact = cpu::compileInProcess(module, options);
  if (failed(artifact))
    return errors.take("cannot compile the model");
  auto owner = std::make_shared<cpu::JitArtifact>(std::move(*artifact));
  return makeRuntimeEngine(std::shared_ptr<ShiftModel>(owner, owner->model()),
                           given.threads);
}

} // namespace shift::pipelines
