//===- Model.h - A loaded model ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// Plan, kernels of the chosen instruction set and constants ready to be read.
// Immutable once made, so any number of sessions share it.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_MODEL_H
#define LIB_RUNTIME_CORE_MODEL_H

#include "lib/Runtime/Core/AlignedBuffer.h"
#include "lib/Runtime/Core/CudaProgram.h"
#include "lib/Runtime/Core/Plan.h"
#include "lib/Runtime/Core/SharedLibrary.h"
#include "shift/Runtime/KernelABI.h"

#include <memory>

namespace shift::rt {

/// A model that can be run.
class Model {
public:
  /// Loads a compiled model. Throws Error or std::bad_alloc.
  static std::shared_ptr<const Model> load(const std::string &path);
  /// Makes a model of symbols that outlive it; `source` starts messages.
  static std::shared_ptr<const Model> create(const SymbolLookup &lookup,
                                             const std::string &source);

  const Plan &getPlan() const { return plan; }
  const std::string &getPlanText() const { return planText; }
  /// "avx2", ..., or "cuda".
  const char *getIsaName() const;
  /// What runs the network on a device; null for models of kernels.
  const CudaProgram *getCudaProgram() const { return program.get(); }
  /// The kernel of step `step`.
  ShiftKernel getKernel(size_t step) const { return kernels[step]; }
  /// The data of constant `index` in the form that kernels read.
  const void *getConstant(size_t index) const { return constants[index]; }
  /// Bytes that kernels may read of constant `index`, without padding.
  int64_t getConstantSize(size_t index) const;
  /// Bytes of all expanded constants.
  int64_t getConstantBytes() const;

private:
  Model() = default;
  void initialize(const SymbolLookup &lookup, const std::string &source);
  void readPlan(const SymbolLookup &lookup, const std::string &source);
  void readConstants(const SymbolLookup &lookup, const std::string &source);
  /// Expands packed constants, one a thread at a time; `base` is where all
  /// constants lie.
  void expandConstants(const uint8_t *base);
  void readKernels(const SymbolLookup &lookup, const std::string &source);

  /// Declared first: unloaded after everything that points into it.
  std::unique_ptr<SharedLibrary> library;
  std::string planText;
  Plan plan;
  Isa isa = Isa::Baseline;
  std::vector<ShiftKernel> kernels;
  std::vector<const void *> constants;
  std::vector<AlignedBuffer> expanded;
  std::unique_ptr<CudaProgram> program;
};

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_MODEL_H
