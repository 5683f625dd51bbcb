//===- HostProgram.cpp - The C++ around the kernels -----------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Target/CUDA/HostProgram.h"
#include "lib/Target/CUDA/HostText.h"
#include "lib/Target/CUDA/Schedule.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using mlir::shift::KernelPlan;
using mlir::shift::PlanBuffer;
using mlir::shift::PlanStep;

namespace shift::cuda {

/// Shared memory that every kernel may ask for without more ado.
static constexpr int64_t defaultSharedBytes = 48 * 1024;

/// The kernel that a step launches; null where there is none.
static gpu::GPUFuncOp findKernel(ModuleOp module, Operation *step) {
  auto launch = dyn_cast<gpu::LaunchFuncOp>(step);
  if (!launch)
    return nullptr;
  return module.lookupSymbol<gpu::GPUFuncOp>(launch.getKernel());
}

/// The memory that an argument is, for comparisons; constants are never
/// written.
static Access makeAccess(const PlanBuffer &buffer, bool isWrite) {
  int64_t area = buffer.area;
  if (buffer.area == PlanBuffer::Input || buffer.area == PlanBuffer::Output)
    area += 16 * (buffer.index + 1);
  return {area, buffer.offset, buffer.offset + buffer.bytes, isWrite};
}

static SmallVector<Access> findAccesses(gpu::GPUFuncOp kernel,
                                        const PlanStep &step) {
  SmallVector<Access> accesses;
  for (auto [i, buffer] : llvm::enumerate(step.args))
    if (buffer.area != PlanBuffer::Number)
      accesses.push_back(
          makeAccess(buffer, mlir::shift::isWritten(kernel.getArgument(i))));
    else
      accesses.push_back({-1 - int64_t(i), 0, 0, false});
  return accesses;
}

TraitsByKernel findTraits(ModuleOp module, const KernelPlan &plan) {
  TraitsByKernel traits;
  for (const std::vector<PlanStep> *steps : {&plan.setup, &plan.steps})
    for (const PlanStep &step : *steps) {
      gpu::GPUFuncOp kernel = findKernel(module, step.op);
      if (!kernel)
        continue;
      SmallVector<Access> accesses = findAccesses(kernel, step);
      KernelTraits &mine = traits[kernel.getName().str()];
      for (unsigned i = 0; i < accesses.size(); ++i)
        for (unsigned j = 0; j < i; ++j) {
          const Access &a = accesses[i], &b = accesses[j];
          if ((a.isWrite || b.isWrite) && a.area == b.area && a.begin < b.end &&
              b.begin < a.end)
            mine.aliased.insert({i, j});
        }
    }
  return traits;
}

namespace {
/// Prints one program.
class HostPrinter {
public:
  HostPrinter(func::FuncOp main, const KernelPlan &plan, uint64_t weightHash,
              const CUDAOptions &options)
      : main(main), module(main->getParentOfType<ModuleOp>()), plan(plan),
        weightHash(weightHash), options(options) {}

  LogicalResult print(raw_ostream &os) {
    for (const std::vector<PlanStep> *steps : {&plan.setup, &plan.steps})
      for (const PlanStep &step : *steps)
        if (failed(checkStep(step)))
          return failure();
    makeTasks();
    SmallVector<StringRef> parts;
    if (schedule.streams > 1)
      parts.push_back("streams");
    if (!plan.faults.empty())
      parts.push_back("faults");
    printBanner("Host program");
    writer.blankLine();
    printNumbers();
    writer.verbatim(selectParts(hostHelpers, parts));
    writer.blankLine();
    printSetUp();
    writer.blankLine();
    printRun();
    writer.verbatim(selectParts(hostInterface, parts));
    writer.blankLine();
    printPlan();
    if (options.withMain)
      writer.verbatim(selectParts(hostMain, parts));
    os << writer.text;
    return success();
  }

private:
  void printBanner(StringRef title) {
    std::string bar(74, '-');
    writer.directive("//===" + bar.substr(4) + "===//");
    writer.directive("// " + title);
    writer.directive("//===" + bar.substr(4) + "===//");
  }

  /// What a launch needs to be printed.
  LogicalResult checkStep(const PlanStep &step) {
    auto launch = dyn_cast<gpu::LaunchFuncOp>(step.op);
    gpu::GPUFuncOp kernel = findKernel(module, step.op);
    if (!launch || !kernel)
      return step.op->emitError("expected a launch of a kernel of the module");
    if (launch.getAsyncToken() || !launch.getAsyncDependencies().empty() ||
        launch.hasClusterSize())
      return launch.emitError("expected a launch without tokens and clusters");
    for (Value extent : {launch.getGridSizeX(), launch.getGridSizeY(),
                         launch.getGridSizeZ(), launch.getBlockSizeX(),
                         launch.getBlockSizeY(), launch.getBlockSizeZ()})
      if (std::optional<int64_t> size = getConstantIntValue(extent);
          !size || *size < 1 || *size > INT32_MAX)
        return launch.emitError("expected positive constants as the sizes of "
                                "the grid and its blocks");
    if (auto known = kernel.getKnownBlockSize();
        known && !llvm::equal(*known, blockOf(launch)))
      return launch.emitError("expected blocks of the kernel's "
                              "known_block_size");
    if (launch.getDynamicSharedMemorySize() &&
        !getConstantIntValue(launch.getDynamicSharedMemorySize()))
      return launch.emitError("expected a constant size of shared memory");
    for (Value operand : launch.getKernelOperands())
      if (!isa<MemRefType>(operand.getType()) && !getConstantIntValue(operand))
        return launch.emitError("expected buffers and integer constants as "
                                "arguments, got ")
               << operand;
    return success();
  }

  static SmallVector<int64_t> gridOf(gpu::LaunchFuncOp launch) {
    return llvm::map_to_vector(
        ArrayRef<Value>{launch.getGridSizeX(), launch.getGridSizeY(),
                        launch.getGridSizeZ()},
        [](Value size) { return *getConstantIntValue(size); });
  }

  static SmallVector<int64_t> blockOf(gpu::LaunchFuncOp launch) {
    return llvm::map_to_vector(
        ArrayRef<Value>{launch.getBlockSizeX(), launch.getBlockSizeY(),
                        launch.getBlockSizeZ()},
        [](Value size) { return *getConstantIntValue(size); });
  }

  static int64_t sharedBytesOf(gpu::LaunchFuncOp launch) {
    Value size = launch.getDynamicSharedMemorySize();
    return size ? *getConstantIntValue(size) : 0;
  }

  void makeTasks() {
    SmallVector<Task> tasks;
    for (const PlanStep &step : plan.steps) {
      Task task{findAccesses(findKernel(module, step.op), step), 0};
      // As much as a launch takes, in bytes; a product costs a fraction of one.
      task.cost = int64_t(4) << 20;
      for (const Access &access : task.accesses)
        task.cost += access.end - access.begin;
      if (auto attrs = step.op->getAttrOfType<DictionaryAttr>("shift.step"))
        if (auto macs = attrs.getAs<IntegerAttr>("macs"))
          task.cost += macs.getInt() / 64;
      tasks.push_back(std::move(task));
    }
    schedule = makeSchedule(tasks, options.streams);
  }

  //===--------------------------------------------------------------------===//
  // Numbers
  //===--------------------------------------------------------------------===//

  void printNumbers() {
    auto number = [&](StringRef name, const Twine &value) {
      writer.line("constexpr size_t " + name + " = " + value + ";");
    };
    number("workspaceBytes", Twine(plan.memory.arena));
    number("weightBytes", Twine(plan.constants.size()));
    writer.line("constexpr uint64_t weightHash = 0x" +
                Twine(llvm::utohexstr(weightHash, /*LowerCase=*/true)) + "u;");
    number("expandedBytes", Twine(plan.expandedBytes));
    for (StringRef role : {"input", "output"}) {
      std::string sizes;
      int64_t count = 0;
      for (BlockArgument arg : main.getArguments())
        if (main.getArgAttrOfType<StringAttr>(arg.getArgNumber(),
                                              "shift.role") == role) {
          auto type = cast<MemRefType>(arg.getType());
          sizes += std::to_string(type.getNumElements() *
                                  type.getElementTypeBitWidth() / 8) +
                   ", ";
          ++count;
        }
      // No array of C++ is empty.
      writer.line("constexpr int " + role + "Count = " + Twine(count) + ";");
      writer.line("constexpr size_t " + role + "Bytes[] = {" + sizes + "0};");
    }
    if (schedule.streams > 1) {
      writer.line("constexpr int streamCount = " + Twine(schedule.streams - 1) +
                  ", eventCount = " + Twine(schedule.events) + ";");
    }
    if (!plan.faults.empty())
      printFaults();
  }

  void printFaults() {
    writer.line("constexpr size_t faultOffset = " +
                Twine(plan.faults.front().offset) + ";");
    writer.line("constexpr int faultCount = " + Twine(plan.faults.size()) +
                ";");
    writer.line("static const char *const faultTexts[] = {");
    for (const mlir::shift::PlanFault &fault : plan.faults) {
      std::string text = "    \"";
      llvm::raw_string_ostream os(text);
      os.write_escaped(fault.text, /*UseHexEscapes=*/false);
      writer.directive(text + "\",");
    }
    writer.line("};");
  }

  //===--------------------------------------------------------------------===//
  // Steps
  //===--------------------------------------------------------------------===//

  static std::string describe(const PlanBuffer &buffer, Value operand) {
    auto at = [&](StringRef base) {
      return buffer.offset ? base.str() + " + " + std::to_string(buffer.offset)
                           : base.str();
    };
    switch (buffer.area) {
    case PlanBuffer::Arena:
      return at("work");
    case PlanBuffer::Constant:
      return at("weights");
    case PlanBuffer::Expanded:
      return at("expanded");
    case PlanBuffer::Input:
      return at("input" + std::to_string(buffer.index));
    case PlanBuffer::Output:
      return at("output" + std::to_string(buffer.index));
    case PlanBuffer::Number:
      break;
    }
    return std::to_string(*getConstantIntValue(operand));
  }

  static std::string dim3Of(ArrayRef<int64_t> sizes) {
    while (sizes.size() > 1 && sizes.back() == 1)
      sizes = sizes.drop_back();
    std::string text = "dim3(";
    llvm::raw_string_ostream os(text);
    llvm::interleaveComma(sizes, os);
    return text + ")";
  }

  /// What errors call the step: its node, else its op, else its kernel.
  static std::string nameOf(gpu::LaunchFuncOp launch) {
    if (auto attrs = launch->getAttrOfType<DictionaryAttr>("shift.step"))
      for (StringRef key : {"name", "op"})
        if (auto name = attrs.getAs<StringAttr>(key); name && !name.empty())
          return name.str();
    return launch.getKernelName().str();
  }

  void printLaunch(const PlanStep &step, StringRef stream) {
    auto launch = cast<gpu::LaunchFuncOp>(step.op);
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "steps.launch(\"";
    os.write_escaped(nameOf(launch));
    os << "\", " << stream << ", " << dim3Of(gridOf(launch)) << ", "
       << dim3Of(blockOf(launch)) << ", " << sharedBytesOf(launch) << ", "
       << launch.getKernelName().getValue();
    for (auto [buffer, operand] :
         llvm::zip(step.args, launch.getKernelOperands()))
      os << ", " << describe(buffer, operand);
    writer.line(text + ");");
  }

  bool uses(ArrayRef<PlanStep> steps, PlanBuffer::Area area,
            int64_t index = 0) const {
    return llvm::any_of(steps, [&](const PlanStep &step) {
      return llvm::any_of(step.args, [&](const PlanBuffer &buffer) {
        return buffer.area == area && buffer.index == index;
      });
    });
  }

  /// Names of the memory that `steps` use.
  void printMemories(ArrayRef<PlanStep> steps) {
    bool usesConstants = llvm::any_of(steps, [](const PlanStep &step) {
      return llvm::any_of(step.args, [](const PlanBuffer &buffer) {
        return buffer.area == PlanBuffer::Constant;
      });
    });
    if (usesConstants)
      writer.line("const Memory weights{model->weights};");
    if (uses(steps, PlanBuffer::Expanded))
      writer.line("const Memory expanded{model->expanded};");
    if (uses(steps, PlanBuffer::Arena))
      writer.line("const Memory work{static_cast<char *>(workspace)};");
    int64_t inputs = 0, outputs = 0;
    for (BlockArgument arg : main.getArguments()) {
      bool isInput = main.getArgAttrOfType<StringAttr>(arg.getArgNumber(),
                                                       "shift.role") == "input";
      int64_t i = isInput ? inputs++ : outputs++;
      auto area = isInput ? PlanBuffer::Input : PlanBuffer::Output;
      if (!uses(steps, area, i))
        continue;
      std::string name = (isInput ? "input" : "output") + std::to_string(i);
      // Kernels take inputs as pointers to const.
      writer.line(
          "const Memory " + name + "{" +
          (isInput ? "(char *)inputs[" : "static_cast<char *>(outputs[") +
          Twine(i) + (isInput ? "]" : "])") + "};");
    }
  }

  /// Shared memory above the default must be asked for.
  void printSharedMemory() {
    std::map<std::string, int64_t> wanted;
    for (const std::vector<PlanStep> *steps : {&plan.setup, &plan.steps})
      for (const PlanStep &step : *steps) {
        auto launch = cast<gpu::LaunchFuncOp>(step.op);
        int64_t &most = wanted[launch.getKernelName().str()];
        most = std::max(most, sharedBytesOf(launch));
      }
    for (const auto &[kernel, bytes] : wanted) {
      if (bytes <= defaultSharedBytes)
        continue;
      writer.line("if (const char *error = check(cudaFuncSetAttribute(" +
                  kernel + ", cudaFuncAttributeMaxDynamicSharedMemorySize, " +
                  std::to_string(bytes) + "), \"" + kernel + "\"))");
      writer.line("  return error;");
    }
  }

  void printSetUp() {
    writer.comment("What is done once: layouts that kernels want of weights.");
    writer.line("static const char *setUp(ShiftCudaModel *model) {");
    writer.indent();
    printSharedMemory();
    if (plan.setup.empty()) {
      writer.line("(void)model;");
      writer.line("return nullptr;");
    } else {
      printMemories(plan.setup);
      writer.line("Steps steps;");
      for (const PlanStep &step : plan.setup)
        printLaunch(step, "nullptr");
      writer.line("return steps.error;");
    }
    writer.outdent();
    writer.line("}");
  }

  std::string streamName(unsigned stream) const {
    return schedule.streams > 1 ? "stream" + std::to_string(stream) : "stream0";
  }

  void printEvent(StringRef function, unsigned stream, unsigned event) {
    std::string name = "model->events[" + std::to_string(event) + "]";
    if (function == "record")
      writer.line("steps.record(" + name + ", " + streamName(stream) + ");");
    else
      writer.line("steps.wait(" + streamName(stream) + ", " + name + ");");
  }

  void printRun() {
    writer.line("extern \"C\" const char *");
    writer.line(
        "shift_cuda_run(ShiftCudaModel *model, void *stream, const void "
        "*const *inputs, void *const *outputs, void *workspace) {");
    writer.indent();
    writer.line("if (!model)");
    writer.line("  return \"expected a model, got null\";");
    writer.line("if (const char *error = checkPointers(inputs, outputs, "
                "workspace))");
    writer.line("  return error;");
    printMemories(plan.steps);
    writer.line("const cudaStream_t stream0 = "
                "static_cast<cudaStream_t>(stream);");
    for (unsigned i = 1; i < schedule.streams; ++i)
      writer.line("const cudaStream_t " + streamName(i) + " = model->streams[" +
                  Twine(i - 1) + "];");
    writer.line("Steps steps;");
    if (!plan.faults.empty())
      writer.line("steps.clearFaults(workspace, stream0);");
    if (schedule.start)
      printEvent("record", 0, *schedule.start);
    for (auto [step, scheduled] : llvm::zip(plan.steps, schedule.steps)) {
      for (unsigned event : scheduled.waits)
        printEvent("wait", scheduled.stream, event);
      printLaunch(step, streamName(scheduled.stream));
      if (scheduled.record)
        printEvent("record", scheduled.stream, *scheduled.record);
    }
    for (unsigned event : schedule.joins)
      printEvent("wait", 0, event);
    writer.line("return steps.error;");
    writer.outdent();
    writer.line("}");
  }

  //===--------------------------------------------------------------------===//
  // The plan
  //===--------------------------------------------------------------------===//

  void printPlan() {
    writer.comment("What the program computes, as JSON.");
    writer.line("extern \"C\" const char shift_plan[];");
    writer.line("const char shift_plan[] =");
    StringRef rest = plan.json;
    constexpr size_t lineLength = 64;
    while (!rest.empty()) {
      std::string text = "    \"";
      llvm::raw_string_ostream os(text);
      // Octal escapes: a digit may follow.
      os.write_escaped(rest.take_front(lineLength), /*UseHexEscapes=*/false);
      rest = rest.drop_front(std::min(lineLength, rest.size()));
      writer.directive(text + (rest.empty() ? "\";" : "\""));
    }
  }

  func::FuncOp main;
  ModuleOp module;
  const KernelPlan &plan;
  uint64_t weightHash;
  const CUDAOptions &options;
  Schedule schedule;
  TextWriter writer;
};
} // namespace

LogicalResult emitHostProgram(func::FuncOp main, const KernelPlan &plan,
                              uint64_t weightHash, const CUDAOptions &options,
                              raw_ostream &os) {
  return HostPrinter(main, plan, weightHash, options).print(os);
}

} // namespace shift::cuda
