//===- CudaProgram.h - The program of a CUDA artefact -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A library whose plan has the instruction set "cuda" runs the whole network
// itself, on a device (KernelABI.h).
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_CUDAPROGRAM_H
#define LIB_RUNTIME_CORE_CUDAPROGRAM_H

#include "shift/Runtime/KernelABI.h"

#include <functional>
#include <mutex>
#include <string>

namespace shift::rt {

/// Gives the address of a symbol, or null.
using SymbolLookup = std::function<void *(const char *)>;

/// A network on a device with the memory of one run.
class CudaProgram {
public:
  /// Copies the weights to the device. `source` starts messages. Throws Error.
  CudaProgram(const SymbolLookup &lookup, const std::string &source);
  ~CudaProgram();
  CudaProgram(const CudaProgram &) = delete;
  CudaProgram &operator=(const CudaProgram &) = delete;

  /// Runs on tensors in host memory, in the plan's order; calls wait for each
  /// other. Throws Error.
  void run(const void *const *inputs, void *const *outputs) const;

private:
  std::string source;
  ShiftCudaRunHost *runHost = nullptr;
  ShiftCudaDestroy *destroy = nullptr;
  ShiftCudaModel *model = nullptr;
  mutable std::mutex mutex;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_CUDAPROGRAM_H
