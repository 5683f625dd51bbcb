//===- Session.h - Running a model ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A session owns the memory of one run: the arena and a scratch block a thread.
//===----------------------------------------------------------------------===//
#ifndef LIB_RUNTIME_CORE_SESSION_H
#define LIB_RUNTIME_CORE_SESSION_H

#include "lib/Runtime/Core/Model.h"
#include "shift/Runtime/ShiftRuntime.h"

#include <atomic>

namespace shift::rt {

/// The most threads that a session may have.
constexpr int maxThreads = 1024;

/// Memory and threads to run a model.
class Session {
public:
  /// numThreads in 0..maxThreads; 0 takes OpenMP's default. Throws Error or
  /// std::bad_alloc.
  Session(std::shared_ptr<const Model> model, int numThreads);

  /// Runs the model. The arguments may be anything: they are checked. Throws
  /// Error.
  void run(const ShiftTensor *inputs, int64_t inputCount,
           const ShiftTensor *outputs, int64_t outputCount);

  /// Throws Error where a device runs the steps.
  void setObserver(ShiftObserver function, void *userData);
  const std::vector<int64_t> &getProfile() const;
  int getThreadCount() const { return numThreads; }
  ShiftMemoryUse getMemoryUse() const;

private:
  void runOnDevice(const ShiftTensor *inputs, const ShiftTensor *outputs);
  void runStep(size_t index);
  void observe(size_t index) const;
  /// Throws Error if the kernel of a step has reported bad data.
  void checkFault(const StepSpec &step) const;

  std::shared_ptr<const Model> model;
  int numThreads;
  AlignedBuffer arena;
  std::vector<AlignedBuffer> scratch;
  std::vector<int64_t> nanoseconds;
  ShiftObserver observer = nullptr;
  void *observerData = nullptr;
  std::atomic<bool> isRunning{false};
  /// The buffers of each step; those of inputs and outputs are set by run().
  std::vector<std::vector<void *>> buffers;
};

/// Checks the tensors of a run against the model. Throws an Error that names
/// the tensor.
void checkTensors(const Plan &plan, const ShiftTensor *inputs,
                  int64_t inputCount, const ShiftTensor *outputs,
                  int64_t outputCount);

} // namespace shift::rt

#endif // LIB_RUNTIME_CORE_SESSION_H
