//===- CUDALibrary.h - From a module to a CUDA library ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_CUDALIBRARY_H
#define SHIFT_PIPELINES_CUDALIBRARY_H

#include "shift/Conversion/Kernels/Plan.h"
#include "shift/Pipelines/GPUPipeline.h"
#include "shift/Target/CUDA/CUDAEmitter.h"

namespace shift::cuda {

/// What a library is built for.
enum class Backend {
  /// GPUs, by nvcc.
  Device,
  /// The CPU, by the host shim (shift/Target/CUDA/HostShim.h).
  HostShim,
  /// The same, and the shim looks at every memory access of the kernels.
  CheckedHostShim
};

/// Prints `module`, which stays as it is; one that has no kernels yet goes
/// through the GPU pipeline first. Errors are diagnostics. `reports` may be
/// null.
llvm::FailureOr<CUDAProgram>
makeCUDAProgram(mlir::ModuleOp module, const GPUOptions &gpu,
                const CUDAOptions &options,
                std::vector<mlir::shift::LayerReport> *reports = nullptr);

/// Compiles a program and links its weights in: a library for libShiftRuntime
/// (shift/Runtime/KernelABI.h). `arch` is the architecture for nvcc, as
/// sm_80; `shimFlags` are more options for the host shim's compiler. `path`
/// appears complete or not at all.
llvm::Error buildCUDALibrary(const CUDAProgram &program, Backend backend,
                             llvm::StringRef arch, llvm::StringRef path,
                             std::vector<std::string> shimFlags = {});

} // namespace shift::cuda

#endif // SHIFT_PIPELINES_CUDALIBRARY_H
