//===- GuardedRun.cpp - Kernels between inaccessible pages ----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "GuardedRun.h"
#include "lib/Runtime/Core/Model.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace shift::rt;
using shift::reference::Tensor;

namespace shift::test {
namespace {

constexpr unsigned char filler = 0xA5;

int64_t roundUp(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// Memory whose front or back touches a page without access. Of `padding` bytes
/// after the end only reading is allowed.
class GuardedBuffer {
public:
  GuardedBuffer(int64_t bytes, int64_t alignment, int64_t padding,
                GuardedEnd end)
      : bytes(bytes), page(sysconf(_SC_PAGESIZE)),
        room(roundUp(std::max<int64_t>(bytes + padding, 1), page)) {
    void *mapped = mmap(nullptr, room + 2 * page, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
      std::abort();
    first = static_cast<char *>(mapped) + page;
    mprotect(first, room, PROT_READ | PROT_WRITE);
    std::memset(first, filler, room);
    int64_t offset = end == GuardedEnd::Front
                         ? 0
                         : (room - bytes - padding) / alignment * alignment;
    start = first + offset;
  }
  GuardedBuffer(GuardedBuffer &&other) noexcept
      : bytes(other.bytes), page(other.page), room(other.room),
        first(std::exchange(other.first, nullptr)), start(other.start) {}
  GuardedBuffer(const GuardedBuffer &) = delete;
  ~GuardedBuffer() {
    if (first)
      munmap(first - page, room + 2 * page);
  }

  char *data() const { return start; }
  int64_t size() const { return bytes; }

  /// Takes `source`, and nobody may write any more.
  void setConstant(const void *source) {
    if (bytes > 0)
      std::memcpy(start, source, bytes);
    mprotect(first, room, PROT_READ);
  }

  bool isIntact() const {
    auto isFiller = [](char c) {
      return static_cast<unsigned char>(c) == filler;
    };
    return std::all_of(first, start, isFiller) &&
           std::all_of(start + bytes, first + room, isFiller);
  }

private:
  int64_t bytes, page, room;
  /// The accessible pages and the buffer in them.
  char *first, *start;
};

/// What the signal handler prints.
std::string currentRun;

void reportAccess(int, siginfo_t *info, void *) {
  static const char text[] =
      "access outside every buffer of the kernel in the run: ";
  ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
  written += write(STDERR_FILENO, currentRun.data(), currentRun.size());
  written += write(STDERR_FILENO, "\n", 1);
  _exit(written > 0 && info ? 1 : 2);
}

/// Catches the accesses of generated code while it lives.
class AccessReport {
public:
  explicit AccessReport(const std::string &where) {
    currentRun = where;
    struct sigaction action{};
    action.sa_sigaction = reportAccess;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &savedSegv);
    sigaction(SIGBUS, &action, &savedBus);
  }
  ~AccessReport() {
    sigaction(SIGSEGV, &savedSegv, nullptr);
    sigaction(SIGBUS, &savedBus, nullptr);
  }
  AccessReport(const AccessReport &) = delete;

private:
  struct sigaction savedSegv{}, savedBus{};
};

/// The buffers of one run.
class GuardedModel {
public:
  GuardedModel(const Model &model, GuardedEnd end)
      : model(model), plan(model.getPlan()),
        arena(plan.arenaBytes, SHIFT_BUFFER_ALIGNMENT, SHIFT_BUFFER_PADDING,
              end),
        end(end) {
    for (size_t i = 0; i < plan.constants.size(); ++i) {
      int64_t padding = plan.constants[i].expand ? SHIFT_BUFFER_PADDING : 0;
      constants.emplace_back(model.getConstantSize(i), SHIFT_BUFFER_ALIGNMENT,
                             padding, end);
      constants.back().setConstant(model.getConstant(i));
    }
  }

  void setInputs(const std::vector<Tensor> &tensors) {
    for (size_t i = 0; i < tensors.size(); ++i) {
      inputs.push_back(makeExternal(plan.inputs[i]));
      inputs.back().setConstant(tensors[i].bytes.data());
    }
    for (const TensorSpec &spec : plan.outputs)
      outputs.push_back(makeExternal(spec));
  }

  std::string runStep(size_t index) {
    const StepSpec &step = plan.steps[index];
    std::vector<void *> pointers;
    for (const BufferRef &ref : step.args)
      pointers.push_back(find(ref));
    constexpr int64_t parts = 5;
    const int64_t grains = roundUp(step.extent, step.grain) / step.grain;
    for (int64_t part = parts - 1; part >= 0; --part) {
      int64_t first = part * grains / parts, last = (part + 1) * grains / parts;
      if (first == last)
        continue;
      GuardedBuffer scratch(step.scratchBytes, SHIFT_BUFFER_ALIGNMENT,
                            SHIFT_BUFFER_PADDING, end);
      if (!step.fault.empty())
        std::memset(scratch.data(), 0, SHIFT_FAULT_BYTES);
      model.getKernel(index)(
          pointers.data(), step.scratchBytes ? scratch.data() : nullptr,
          first * step.grain, std::min(step.extent, last * step.grain));
      if (!scratch.isIntact())
        return describe(step, "scratch");
    }
    if (!arena.isIntact())
      return describe(step, "arena");
    for (size_t i = 0; i < step.args.size(); ++i)
      if (step.args[i].kind == BufferRef::Kind::Output &&
          !outputs[step.args[i].index].isIntact())
        return describe(step, "output");
    return "";
  }

  void copyOutputs(std::vector<Tensor> &tensors) const {
    for (size_t i = 0; i < tensors.size(); ++i)
      if (outputs[i].size() > 0)
        std::memcpy(tensors[i].bytes.data(), outputs[i].data(),
                    outputs[i].size());
  }

private:
  GuardedBuffer makeExternal(const TensorSpec &spec) const {
    int64_t element = spec.elements ? spec.bytes / spec.elements : 1;
    return GuardedBuffer(spec.bytes, element, 0, end);
  }

  void *find(const BufferRef &ref) const {
    switch (ref.kind) {
    case BufferRef::Kind::Arena:
      return arena.data() + ref.index;
    case BufferRef::Kind::Constant:
      return constants[ref.index].data();
    case BufferRef::Kind::Input:
      return inputs[ref.index].data() + ref.offset;
    case BufferRef::Kind::Output:
      return outputs[ref.index].data() + ref.offset;
    }
    return nullptr;
  }

  static std::string describe(const StepSpec &step, const char *what) {
    return "kernel " + step.kernel + " of " + step.op + " wrote outside its " +
           what;
  }

  const Model &model;
  const Plan &plan;
  GuardedBuffer arena;
  GuardedEnd end;
  std::vector<GuardedBuffer> constants, inputs, outputs;
};

} // namespace

std::string runGuarded(const std::string &path, const std::string &isa,
                       const std::vector<Tensor> &inputs,
                       std::vector<Tensor> &outputs, GuardedEnd end,
                       const std::string &where) {
  if (!isa.empty())
    setenv("SHIFT_CPU", isa.c_str(), 1);
  std::shared_ptr<const Model> model = Model::load(path);
  unsetenv("SHIFT_CPU");
  GuardedModel guarded(*model, end);
  guarded.setInputs(inputs);
  AccessReport report(where);
  for (size_t i = 0; i < model->getPlan().steps.size(); ++i)
    if (std::string problem = guarded.runStep(i); !problem.empty())
      return problem;
  guarded.copyOutputs(outputs);
  return "";
}

} // namespace shift::test
