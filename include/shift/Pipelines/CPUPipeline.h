//===- CPUPipeline.h - From a module to CPU code ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_CPUPIPELINE_H
#define SHIFT_PIPELINES_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "shift/Conversion/Kernels/Plan.h"
#include "shift/Target/CPU/ObjectEmitter.h"

namespace shift::cpu {

/// How CPU code is made.
struct CPUOptions {
  /// `pattern=strategy` for nodes by name; the first match that can take a
  /// layer wins over the cost model's choice, which strategy `auto` is.
  std::vector<std::string> strategies;
  /// Instruction sets that code is made for; the runtime takes the best one
  /// that the machine has.
  std::vector<std::string> isas{"baseline", "avx2", "avx512", "avx512vnni"};
  /// The one that layers' strategies are chosen for; empty: the best of `isas`
  /// that this machine, or SHIFT_CPU, has.
  std::string isa;
  /// Every op result stays observable, for calibration.
  bool keepAllValues = false;
  /// Threads of the compiler, 0: all cores.
  unsigned threads = 0;
  /// Hears how far compileToSharedLibrary is; may be empty.
  CompileProgress progress;
};

/// The pass pipeline from onnx and shift ops to kernels, which
/// compileToSharedLibrary then compiles.
void buildShiftToCPUPipeline(mlir::OpPassManager &pm,
                             const CPUOptions &options);

/// Registers it as `shift-to-cpu-pipeline`.
void registerShiftToCPUPipeline();

/// What compilation found out about each layer, in order.
using LayerReports = std::vector<mlir::shift::LayerReport>;

/// Compiles `module`, which stays as it is, to the file `path`. Errors are
/// diagnostics on the module or the op at fault. `reports`
/// and `memory` may be null.
///
/// Linking resets every command line option (cl::opt) of the process.
llvm::LogicalResult
compileToSharedLibrary(mlir::ModuleOp module, llvm::StringRef path,
                       const CPUOptions &options,
                       LayerReports *reports = nullptr,
                       mlir::shift::MemoryReport *memory = nullptr);

/// Compiles `module`, which stays as it is, and loads it in this process; only
/// for the best of the instruction sets that the machine has.
llvm::FailureOr<JitArtifact> compileInProcess(mlir::ModuleOp module,
                                              const CPUOptions &options,
                                              LayerReports *reports = nullptr);

} // namespace shift::cpu

#endif // SHIFT_PIPELINES_CPUPIPELINE_H
