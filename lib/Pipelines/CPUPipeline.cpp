//===- CPUPipeline.cpp - From a module to CPU code ------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Pipelines/CPUPipeline.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "lib/Runtime/Core/Cpu.h"
#include "mlir/Pass/PassManager.h"
#include "shift/Conversion/ShiftToCPU/Passes.h"
#include <cstdlib>

using namespace mlir;

namespace shift::cpu {

/// Of instruction sets that code is made for, worst first, the best one that
/// SHIFT_CPU's machine has, else this one.
static std::string findBestForHost(ArrayRef<std::string> isas) {
  rt::Isa limit = rt::detectIsa();
  if (const char *most = std::getenv("SHIFT_CPU"))
    if (std::optional<rt::Isa> wanted = rt::findIsa(most))
      limit = *wanted;
  std::string best = "baseline";
  for (const std::string &isa : isas)
    if (std::optional<rt::Isa> known = rt::findIsa(isa);
        known && *known <= limit)
      best = isa;
  return best;
}

/// A name in SHIFT_CPU that the runtime would refuse is refused early.
static LogicalResult checkRestriction(ModuleOp module) {
  const char *most = std::getenv("SHIFT_CPU");
  if (!most || !*most || rt::findIsa(most))
    return success();
  return mlir::emitError(module.getLoc(),
                         "SHIFT_CPU: expected baseline, avx2, avx512 or "
                         "avx512vnni, got '")
         << most << "'";
}

void buildShiftToCPUPipeline(OpPassManager &pm, const CPUOptions &options) {
  pm.addPass(mlir::shift::createCertifyAccumulatorsPass());
  // A fused value cannot be observed.
  if (!options.keepAllValues)
    pm.addPass(mlir::shift::createFuseAddsPass());
  mlir::shift::SelectKernelsPassOptions select;
  select.strategies.assign(options.strategies.begin(),
                           options.strategies.end());
  select.isa =
      options.isa.empty() ? findBestForHost(options.isas) : options.isa;
  pm.addPass(mlir::shift::createSelectKernelsPass(select));
  mlir::shift::ConvertShiftToCPUPassOptions convert;
  convert.keepAllValues = options.keepAllValues;
  pm.addPass(mlir::shift::createConvertShiftToCPUPass(convert));
}

namespace {
/// The options of the named pipeline.
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  ListOption<std::string> strategies{
      *this, "strategies",
      llvm::cl::desc("Strategies for nodes, pattern=strategy, of "
                     "select-kernels")};
  Option<std::string> isa{
      *this, "isa",
      llvm::cl::desc("Instruction set that strategies are chosen for (default: "
                     "the best of this machine, or SHIFT_CPU's)")};
  Option<bool> keepAllValues{
      *this, "keep-all-values",
      llvm::cl::desc("Keep every op's result observable"),
      llvm::cl::init(false)};
};
} // namespace

void registerShiftToCPUPipeline() {
  PassPipelineRegistration<PipelineOptions>(
      "shift-to-cpu-pipeline",
      "Turn a network of onnx and shift ops into CPU kernels and a plan",
      [](OpPassManager &pm, const PipelineOptions &given) {
        CPUOptions options;
        options.strategies.assign(given.strategies.begin(),
                                  given.strategies.end());
        options.isa = given.isa;
        options.keepAllValues = given.keepAllValues;
        buildShiftToCPUPipeline(pm, options);
      });
}

namespace {
/// A converted copy of a module and what belongs to it.
struct Converted {
  OwningOpRef<ModuleOp> module;
  LibraryContent content;
  mlir::shift::MemoryReport memory;
};
} // namespace

static FailureOr<Converted> convert(ModuleOp module, const CPUOptions &options,
                                    LayerReports *reports) {
  if (failed(checkRestriction(module)))
    return failure();
  for (const std::string &isa : options.isas)
    if (!llvm::is_contained(allInstructionSets(), isa))
      return mlir::emitError(module.getLoc(),
                             "expected an instruction set of baseline, avx2, "
                             "avx512, avx512vnni, got '")
             << isa << "'";
  // Large weights are resources, so the copy is small.
  Converted result{OwningOpRef<ModuleOp>(module.clone()), {}, {}};
  PassManager pm(module.getContext());
  buildShiftToCPUPipeline(pm, options);
  if (failed(pm.run(*result.module)))
    return failure();
  FailureOr<mlir::shift::KernelPlan> plan =
      mlir::shift::extractPlan(*result.module, options.isas);
  if (failed(plan))
    return failure();
  result.content = {std::move(plan->json), std::move(plan->constants),
                    options.isas};
  result.memory = plan->memory;
  if (reports)
    *reports = std::move(plan->layers);
  return result;
}

LogicalResult compileToSharedLibrary(ModuleOp module, StringRef path,
                                     const CPUOptions &options,
                                     LayerReports *reports,
                                     mlir::shift::MemoryReport *memory) {
  FailureOr<Converted> converted = convert(module, options, reports);
  if (failed(converted))
    return failure();
  if (memory)
    *memory = converted->memory;
  if (llvm::Error error =
          emitSharedLibrary(*converted->module, converted->content, path,
                            options.threads, options.progress))
    return mlir::emitError(module.getLoc()) << llvm::toString(std::move(error));
  return success();
}

FailureOr<JitArtifact> compileInProcess(ModuleOp module,
                                        const CPUOptions &options,
                                        LayerReports *reports) {
  CPUOptions chosen = options;
  // SHIFT_CPU may ask for any of them when the code is loaded.
  std::string best = findBestForHost(options.isas);
  if (!std::getenv("SHIFT_CPU") && llvm::is_contained(options.isas, best))
    chosen.isas = {best};
  FailureOr<Converted> converted = convert(module, chosen, reports);
  if (failed(converted))
    return failure();
  llvm::Expected<JitArtifact> artifact =
      compileAndLoad(*converted->module, converted->content, options.threads);
  if (!artifact) {
    mlir::emitError(module.getLoc()) << llvm::toString(artifact.takeError());
    return failure();
  }
  return std::move(*artifact);
}

} // namespace shift::cpu
