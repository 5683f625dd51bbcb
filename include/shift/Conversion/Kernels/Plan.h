//===- Plan.h - The plan of a converted module ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// What convert-shift-to-cpu or -gpu made, in the form that the runtime reads
// (shift/Runtime/KernelABI.h): the plan as JSON text, the constants as bytes.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_KERNELS_PLAN_H
#define SHIFT_CONVERSION_KERNELS_PLAN_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::shift {

/// How one layer (a step of the plan) is computed, for --explain.
struct LayerReport {
  std::string name, op, strategy, reason;
  /// What rounding weights and bias has cost; empty where nothing was rounded.
  std::string error;
  /// Width of the accumulator and the bits that its worst case takes (the
  /// overflow certificate); 0 where nothing is certified.
  int64_t accumulatorBits = 0, boundBits = 0;
  /// Of `chunk` products, how many fit 16 and 32 bits, whichever they are, in
  /// every chunk of every channel; chunk is 0 without a certificate.
  int64_t chunk = 0, fits16 = 0, fits32 = 0;
  /// Packed bits a weight; -1 without packed weights.
  int64_t weightBits = -1;
  /// Multiply-accumulate steps of the plain formula.
  int64_t macs = 0;
};

/// Bytes of a model that are known before it is loaded.
struct MemoryReport {
  /// Intermediate tensors at their peak; scratch of each thread.
  int64_t arena = 0, scratch = 0;
  /// Constants as stored: weights are packed.
  int64_t stored = 0;
};

/// Where an argument of a step lies.
struct PlanBuffer {
  enum Area {
    Arena,    ///< intermediate tensors
    Constant, ///< KernelPlan::constants
    Expanded, ///< filled by steps of @setup, once
    Input,    ///< number `index` of the inputs
    Output,
    Number ///< no memory: a constant of @main
  };
  Area area = Number;
  int64_t index = 0;
  /// Bytes from the start of the area, input or output; size.
  int64_t offset = 0, bytes = 0;
};

/// A func.call or gpu.launch_func and its arguments, but for those that the
/// runtime adds to a call.
struct PlanStep {
  Operation *op = nullptr;
  std::vector<PlanBuffer> args;
};

/// Where a launch that checks data reports: two 64-bit integers in the arena, a
/// place that nothing else has. The first is all ones before the run, and then
/// the least index of a bad element, if there is one; the second its value.
struct PlanFault {
  int64_t offset = 0;
  /// What the error says before the value.
  std::string text;
};

/// A converted module's plan and constants.
struct KernelPlan {
  /// In order; those of @setup, if there is one, fill the expanded constants.
  std::vector<PlanStep> steps, setup;
  /// In the order of their steps, at the arena's end, one behind the other.
  std::vector<PlanFault> faults;
  int64_t expandedBytes = 0;
  std::string json;
  std::vector<char> constants;
  std::vector<LayerReport> layers;
  MemoryReport memory;
};

/// Reads the plan off `module`, a result of convert-shift-to-cpu or
/// convert-shift-to-gpu, laying intermediate tensors out in one arena. `isas`
/// are the instruction sets that kernels will be compiled for. Where launches
/// that do not depend on each other may be `concurrent`, the memory of one is
/// not used again by another. Fails with a message on a module of another form.
FailureOr<KernelPlan> extractPlan(ModuleOp module, ArrayRef<std::string> isas,
                                  bool concurrent = false);

/// Whether a kernel writes to `buffer`, an argument of it, or a part of it.
bool isWritten(Value buffer);

} // namespace mlir::shift

#endif // SHIFT_CONVERSION_KERNELS_PLAN_H
