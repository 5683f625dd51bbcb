//===- Plan.h - What a compiled model computes, step by step ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The plan of KernelABI.h as C++ structures. Parsing checks everything that the
// runtime relies on, so that a corrupt plan is an error and never a crash.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_PLAN_H
#define LIB_RUNTIME_CORE_PLAN_H

#include "lib/Runtime/Core/Cpu.h"
#include "shift/Runtime/Common.h"
#include "shift/Runtime/WeightLayouts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shift::rt {

/// An input or output.
struct TensorSpec {
  std::string name;
  ShiftDType dtype = SHIFT_DTYPE_F32;
  std::vector<int64_t> dims;
  int64_t elements = 0;
  int64_t bytes = 0;
};

/// How packed weights become what a kernel reads.
struct ExpandSpec {
  enum class Layout { Values, ShiftLists, Dot16, Dot8 };
  Layout layout = Layout::Values;
  int bits = 0;
  int64_t count = 0;
  Codebook codebook;
  /// For ShiftLists only.
  ShiftListShape lists;
  /// For Dot16 and Dot8.
  DotLayoutShape dot;
};

/// A part of the constants.
struct ConstantSpec {
  int64_t offset = 0;
  int64_t bytes = 0;
  std::optional<ExpandSpec> expand;
};

/// A buffer that a step passes to its kernel.
struct BufferRef {
  enum class Kind { Arena, Constant, Input, Output };
  Kind kind = Kind::Arena;
  /// The arena's byte offset, or the number of the constant, input, output.
  int64_t index = 0;
  /// Bytes into the input or output.
  int64_t offset = 0;
};

/// Where the value that a step completes lies.
struct ResultSpec {
  int64_t arg = 0;
  ShiftDType dtype = SHIFT_DTYPE_F32;
  int64_t count = 0;
};

/// A kernel call.
struct StepSpec {
  std::string name, op, strategy, kernel;
  std::vector<BufferRef> args;
  int64_t extent = 0, grain = 1, scratchBytes = 0, macs = 0, value = -1;
  std::optional<ResultSpec> result;
  /// What a report of bad data means; empty where the kernel reports none.
  std::string fault;
};

/// A checked plan.
struct Plan {
  /// Whether the library runs the network on a device by itself.
  bool isCuda = false;
  std::vector<Isa> isas;
  int64_t arenaBytes = 0;
  std::vector<TensorSpec> inputs, outputs;
  std::vector<ConstantSpec> constants;
  std::vector<StepSpec> steps;
  /// {"detector": ..., "image_input": ...}
  std::string description;

  /// The largest scratch_bytes.
  int64_t maxScratchBytes() const;
};

/// Parses and checks a plan. Throws an Error that starts with `source` and
/// names the field.
Plan parsePlan(const std::string &text, const std::string &source);

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_PLAN_H
