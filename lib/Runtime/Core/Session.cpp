//===- Session.cpp - Running a model --------------------------------------===//
// SPDX-License-Identifier: Apache-2.0
// Steps run one after the other; OpenMP threads take the work items of a step
// in contiguous parts. Which thread computes what cannot change a bit.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Core/Session.h"

#include "lib/Runtime/Core/Error.h"
#include "lib/Runtime/Core/FloatEnvironment.h"
#include "shift/Support/FaultText.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <omp.h>

using namespace shift::rt;

/// Number of grains of a step.
static int64_t grainCount(const StepSpec &step) {
  return step.extent / step.grain + (step.extent % step.grain != 0);
}

static int chooseThreadCount(int wanted) {
  if (wanted < 0 || wanted > maxThreads)
    throw Error(SHIFT_ERROR_ARGUMENT, "expected numThreads in [0, " +
                                          std::to_string(maxThreads) +
                                          "], got " + std::to_string(wanted));
  return wanted ? wanted : std::min(omp_get_max_threads(), maxThreads);
}

Session::Session(std::shared_ptr<const Model> loaded, int wantedThreads)
    : model(std::move(loaded)), numThreads(chooseThreadCount(wantedThreads)),
      arena(model->getPlan().isCuda ? 0 : model->getPlan().arenaBytes),
      nanoseconds(model->getPlan().steps.size(), 0) {
  const Plan &plan = model->getPlan();
  if (int64_t bytes = plan.maxScratchBytes())
    for (int i = 0; i < numThreads; ++i)
      scratch.emplace_back(bytes);
  for (const StepSpec &step : plan.steps) {
    std::vector<void *> &list = buffers.emplace_back();
    for (const BufferRef &ref : step.args) {
      void *pointer = nullptr;
      if (ref.kind == BufferRef::Kind::Arena)
        pointer = arena.data() + ref.index;
      else if (ref.kind == BufferRef::Kind::Constant)
        pointer = const_cast<void *>(model->getConstant(ref.index));
      list.push_back(pointer);
    }
  }
}

void Session::run(const ShiftTensor *inputs, int64_t inputCount,
                  const ShiftTensor *outputs, int64_t outputCount) {
  const Plan &plan = model->getPlan();
  if (isRunning.exchange(true))
    throw Error(SHIFT_ERROR_ARGUMENT,
                "expected a session that one thread uses, got a second run "
                "while one is going on; make a session for each thread");
  struct Release {
    std::atomic<bool> &flag;
    ~Release() { flag = false; }
  } release{isRunning};

  checkTensors(plan, inputs, inputCount, outputs, outputCount);
  if (plan.isCuda)
    return runOnDevice(inputs, outputs);
  for (size_t i = 0; i < plan.steps.size(); ++i)
    for (size_t k = 0; k < plan.steps[i].args.size(); ++k) {
      const BufferRef &ref = plan.steps[i].args[k];
      if (ref.kind == BufferRef::Kind::Input)
        buffers[i][k] =
            static_cast<char *>(inputs[ref.index].data) + ref.offset;
      else if (ref.kind == BufferRef::Kind::Output)
        buffers[i][k] =
            static_cast<char *>(outputs[ref.index].data) + ref.offset;
    }

  for (size_t i = 0; i < plan.steps.size(); ++i) {
    auto start = std::chrono::steady_clock::now();
    if (!plan.steps[i].fault.empty())
      std::memset(scratch.front().data(), 0, SHIFT_FAULT_BYTES);
    runStep(i);
    checkFault(plan.steps[i]);
    auto end = std::chrono::steady_clock::now();
    nanoseconds[i] =
        std::chrono::duration_cast<std::chrono::nanoseconds>(end - start)
            .count();
    if (observer)
      observe(i);
  }
}

void Session::runOnDevice(const ShiftTensor *inputs,
                          const ShiftTensor *outputs) {
  const Plan &plan = model->getPlan();
  std::vector<const void *> from;
  std::vector<void *> to;
  for (size_t i = 0; i < plan.inputs.size(); ++i)
    from.push_back(inputs[i].data);
  for (size_t i = 0; i < plan.outputs.size(); ++i)
    to.push_back(outputs[i].data);
  model->getCudaProgram()->run(from.data(), to.data());
}

/// Steps of a device cannot be looked into.
static void requireKernels(const Model &model, const std::string &what) {
  if (model.getCudaProgram())
    throw Error(SHIFT_ERROR_ARGUMENT,
                what + ": expected a model for the CPU, got one for CUDA");
}

void Session::setObserver(ShiftObserver function, void *userData) {
  requireKernels(*model, "observer");
  observer = function;
  observerData = userData;
}

const std::vector<int64_t> &Session::getProfile() const {
  requireKernels(*model, "profile");
  return nanoseconds;
}

void Session::runStep(size_t index) {
  const StepSpec &step = model->getPlan().steps[index];
  ShiftKernel kernel = model->getKernel(index);
  void *const *pointers = buffers[index].data();
  const int64_t grains = grainCount(step);
  if (grains == 0)
    return;

  // A step that checks data runs on one thread: it reports the first that is
  // bad.
  int threads = step.fault.empty()
                    ? static_cast<int>(std::min<int64_t>(numThreads, grains))
                    : 1;
  // Threads take part after part, so that one whose core is busy with something
  // else does not hold up the others.
  const int64_t parts =
      std::min<int64_t>(grains, threads == 1 ? 1 : threads * 16);
  auto runPart = [&](int64_t part, void *memory) {
    // Shares of grains differ by one at most; no product can overflow.
    int64_t share = grains / parts, rest = grains % parts;
    int64_t first = part * share + std::min(part, rest);
    int64_t last = first + share + (part < rest);
    int64_t end = last == grains ? step.extent : last * step.grain;
    kernel(pointers, memory, first * step.grain, end);
  };
  std::atomic<int64_t> next{0};
  auto runParts = [&](int thread) {
    FloatEnvironment environment;
    void *memory = step.scratchBytes ? scratch[thread].data() : nullptr;
    for (int64_t part = next++; part < parts; part = next++)
      runPart(part, memory);
  };
  if (threads == 1) {
    runParts(0);
    return;
  }
#pragma omp parallel num_threads(threads)
  runParts(omp_get_thread_num());
}

void Session::checkFault(const StepSpec &step) const {
  if (step.fault.empty())
    return;
  int64_t report[2];
  std::memcpy(report, scratch.front().data(), sizeof(report));
  if (report[0] != 0)
    throw Error(SHIFT_ERROR_ARGUMENT,
                faultText(step.op, step.name, step.fault) + ", got " +
                    std::to_string(report[1]));
}

void Session::observe(size_t index) const {
  const StepSpec &step = model->getPlan().steps[index];
  ShiftObservation observation{};
  observation.step = static_cast<int64_t>(index);
  observation.name = step.name.c_str();
  observation.value = step.value;
  if (step.result) {
    observation.data = buffers[index][step.result->arg];
    observation.dtype = step.result->dtype;
    observation.elements = step.result->count;
  }
  observer(observerData, &observation);
}

ShiftMemoryUse Session::getMemoryUse() const {
  ShiftMemoryUse use{};
  use.arena = arena.size();
  for (const AlignedBuffer &block : scratch)
    use.scratch += block.size();
  use.constants = model->getConstantBytes();
  return use;
}
