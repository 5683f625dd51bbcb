//===- CompiledEngine.cpp - Modules compiled in this process --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "RuntimeEngine.h"
#include "shift/Pipelines/CPUPipeline.h"
#include "shift/Pipelines/CommandLine.h"

using namespace llvm;

namespace shift::pipelines {

Expected<std::unique_ptr<Engine>> compileEngine(mlir::ModuleOp module,
                                                int threads, bool observable) {
  cpu::CPUOptions options;
  options.keepAllValues = observable;
  FailureOr<cpu::JitArtifact> artifact = cpu::compileInProcess(module, options);
  if (failed(artifact))
    return makeError("cannot compile the model; --engine=reference runs "
                     "everything that can be imported");
  auto owner = std::make_shared<cpu::JitArtifact>(std::move(*artifact));
  return makeRuntimeEngine(std::shared_ptr<ShiftModel>(owner, owner->model()),
                           threads);
}

} // namespace shift::pipelines
