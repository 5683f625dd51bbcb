//===- Plan.cpp - The plan of a converted module --------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Conversion/Kernels/Plan.h"
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "lib/Conversion/Kernels/Lowering.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "shift/Runtime/Common.h"
#include "shift/Support/FaultText.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;
namespace json = llvm::json;

namespace {
/// An intermediate tensor: its size (0 where it lies in another's place) and
/// the steps that use it, the first and last of all.
struct Tensor {
  int64_t bytes = 0, first = 0, last = 0, offset = 0;
  SmallVector<int64_t> users;
};

/// Of each step, those that it comes after.
using Order = std::vector<llvm::BitVector>;

/// Whether every step that uses `a` comes before all that use `b`.
bool isDead(const Tensor &a, const Tensor &b, const Order &order) {
  if (order.empty())
    return a.last < b.first;
  return llvm::all_of(b.users, [&](int64_t later) {
    return llvm::all_of(
        a.users, [&](int64_t earlier) { return order[later].test(earlier); });
  });
}

/// The place of a buffer: all of `whole` or a part of it.
struct Place {
  Value whole;
  int64_t bytes = 0;
};

int64_t alignUp(int64_t value) {
  return llvm::alignTo(value, SHIFT_BUFFER_ALIGNMENT);
}

/// Gives each tensor the lowest place that no tensor of an overlapping lifetime
/// takes, large ones first. Steps are in line unless `order` says otherwise.
/// Returns the arena's size.
int64_t layOut(MutableArrayRef<Tensor> tensors, const Order &order) {
  std::vector<Tensor *> bySize;
  for (Tensor &tensor : tensors)
    if (tensor.bytes)
      bySize.push_back(&tensor);
  llvm::sort(bySize, [](const Tensor *a, const Tensor *b) {
    return std::make_pair(-a->bytes, a) < std::make_pair(-b->bytes, b);
  });
  int64_t size = 0;
  std::vector<Tensor *> placed;
  for (Tensor *tensor : bySize) {
    // `placed` is sorted by offset; gaps are found in one pass.
    int64_t offset = 0, best = -1, bestGap = INT64_MAX;
    for (Tensor *other : placed) {
      if (isDead(*other, *tensor, order) || isDead(*tensor, *other, order))
        continue;
      int64_t gap = other->offset - offset;
      if (gap >= tensor->bytes && gap < bestGap) {
        best = offset;
        bestGap = gap;
      }
      offset = std::max(offset, alignUp(other->offset + other->bytes));
    }
    tensor->offset = best >= 0 ? best : offset;
    size = std::max(size, tensor->offset + tensor->bytes);
    placed.insert(llvm::upper_bound(placed, tensor,
                                    [](const Tensor *a, const Tensor *b) {
                                      return a->offset < b->offset;
                                    }),
                  tensor);
  }
  return size;
}

int64_t byteSize(MemRefType type) {
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

Place placeOf(Value buffer) {
  auto cast = buffer.getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast)
    return {buffer, 0};
  auto view = cast.getOperand(0).getDefiningOp<memref::SubViewOp>();
  Place place = placeOf(view.getSource());
  place.bytes += view.getStaticOffsets()[0] *
                 llvm::divideCeil(view.getType().getElementTypeBitWidth(), 8);
  return place;
}

/// The calls and launches of a function.
SmallVector<Operation *> stepsOf(func::FuncOp func) {
  SmallVector<Operation *> steps;
  for (Operation &op : func.getOps())
    if (isa<func::CallOp, gpu::LaunchFuncOp>(op))
      steps.push_back(&op);
  return steps;
}

class PlanReader {
public:
  PlanReader(ModuleOp module, ArrayRef<std::string> isas, bool concurrent)
      : module(module), isas(isas), concurrent(concurrent) {}

  FailureOr<KernelPlan> run() {
    main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal() ||
        (main.getNumArguments() && !main.getArgAttr(0, "shift.role")))
      return module.emitError("expected the result of convert-shift-to-cpu or "
                              "convert-shift-to-gpu");
    SmallVector<Operation *> calls = stepsOf(main);
    for (auto [step, call] : llvm::enumerate(calls))
      noteUses(call, step);
    for (auto [step, call] : llvm::enumerate(calls))
      placeOver(call, step);
    plan.memory.arena =
        layOut(tensors, concurrent ? findOrder(calls) : Order());
    placeFaults(calls);
    json::Object text{{"version", SHIFT_PLAN_VERSION},
                      {"arena_bytes", plan.memory.arena}};
    json::Array isaNames, steps;
    for (const std::string &isa : isas)
      isaNames.push_back(isa);
    text["isas"] = std::move(isaNames);
    if (failed(addInterface(text)))
      return failure();
    for (Operation *call : calls)
      steps.push_back(describeStep(call));
    if (auto setup = module.lookupSymbol<func::FuncOp>("setup"))
      for (Operation *call : stepsOf(setup))
        plan.setup.push_back(locate(call));
    text["steps"] = std::move(steps);
    text["constants"] = std::move(constants);
    text["constants_bytes"] = int64_t(plan.constants.size());
    plan.memory.stored = plan.constants.size();
    for (StringRef name : {"detector", "image_input"})
      if (failed(addDescription(text, name)))
        return failure();
    llvm::raw_string_ostream(plan.json) << json::Value(std::move(text));
    return std::move(plan);
  }

private:
  /// Buffers of a step: all operands but scratch, begin, end of a call.
  static OperandRange buffersOf(Operation *step) {
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(step))
      return launch.getKernelOperands();
    return step->getOperands().drop_back(3);
  }

  static DictionaryAttr attributesOf(Operation *step) {
    auto attrs = step->getAttrOfType<DictionaryAttr>("shift.step");
    return attrs ? attrs : DictionaryAttr::get(step->getContext());
  }

  static StringRef textOf(Operation *step, StringRef name) {
    auto attr = attributesOf(step).getAs<StringAttr>(name);
    return attr ? attr.getValue() : StringRef();
  }

  /// The buffer in which a launch reports bad data, null where it checks none.
  static Value reportOf(Operation *step) {
    if (!isa<gpu::LaunchFuncOp>(step) || textOf(step, "fault").empty())
      return Value();
    return buffersOf(step).back();
  }

  /// Reports stay until the run has ended.
  void placeFaults(ArrayRef<Operation *> steps) {
    for (Operation *step : steps) {
      Value report = reportOf(step);
      if (!report)
        continue;
      int64_t offset =
          plan.faults.empty() ? alignUp(plan.memory.arena) : plan.memory.arena;
      tensors[tensorOf[report]].offset = offset;
      plan.memory.arena = offset + byteSize(cast<MemRefType>(report.getType()));
      plan.faults.push_back(
          {offset, ::shift::faultText(textOf(step, "op").str(),
                                      textOf(step, "name").str(),
                                      textOf(step, "fault").str())});
    }
  }

  void noteUses(Operation *call, int64_t step) {
    for (Value use : buffersOf(call)) {
      Value buffer = placeOf(use).whole;
      if (!buffer.getDefiningOp<memref::AllocOp>())
        continue;
      auto [entry, isNew] = tensorOf.try_emplace(buffer, tensors.size());
      // What is no tensor's memory gets a place by itself.
      int64_t bytes = buffer == reportOf(call)
                          ? 0
                          : byteSize(cast<MemRefType>(buffer.getType()));
      if (isNew)
        tensors.push_back({bytes, step, step, 0, {}});
      tensors[entry->second].last = step;
      tensors[entry->second].users.push_back(step);
    }
  }

  /// Which launches come after which, because one writes what the other uses.
  Order findOrder(ArrayRef<Operation *> steps) {
    auto writes = [&](Operation *step, unsigned arg) {
      auto launch = dyn_cast<gpu::LaunchFuncOp>(step);
      auto kernel =
          launch ? module.lookupSymbol<gpu::GPUFuncOp>(launch.getKernel())
                 : nullptr;
      return !kernel || isWritten(kernel.getArgument(arg));
    };
    Order order;
    // Of each buffer, the steps so far that use and that write it.
    DenseMap<Value, SmallVector<int64_t>> users;
    DenseMap<Value, llvm::BitVector> written;
    for (auto [i, step] : llvm::enumerate(steps)) {
      llvm::BitVector before(steps.size());
      for (auto [arg, use] : llvm::enumerate(buffersOf(step))) {
        Value buffer = placeOf(use).whole;
        bool isWrite = writes(step, arg);
        written[buffer].resize(steps.size());
        for (int64_t other : users[buffer])
          if (other != int64_t(i) && (isWrite || written[buffer].test(other))) {
            before |= order[other];
            before.set(other);
          }
        users[buffer].push_back(i);
        if (isWrite)
          written[buffer].set(i);
      }
      order.push_back(std::move(before));
    }
    return order;
  }

  /// Whether a step reads `operand`, or a part of it, in another way than those
  /// `inPlace`.
  static bool isReadElsewhere(Operation *call, ArrayRef<int64_t> inPlace,
                              Value operand) {
    for (auto [i, buffer] : llvm::enumerate(buffersOf(call))) {
      bool isSame =
          buffer == operand && llvm::is_contained(inPlace, int64_t(i));
      if (!isSame && placeOf(buffer).whole == operand)
        return true;
    }
    return false;
  }

  /// Lets the result of a step take the place of an operand that ends there, if
  /// its kernel allows that.
  void placeOver(Operation *call, int64_t step) {
    auto attrs = call->getAttrOfType<DictionaryAttr>("shift.step");
    auto inPlace = attrs ? attrs.getAs<DenseI64ArrayAttr>("in_place") : nullptr;
    OperandRange buffers = buffersOf(call);
    auto result = inPlace ? tensorOf.find(buffers.back()) : tensorOf.end();
    if (result == tensorOf.end() || tensors[result->second].first != step)
      return;
    for (int64_t arg : inPlace.asArrayRef()) {
      auto operand = tensorOf.find(buffers[arg]);
      if (operand == tensorOf.end())
        continue;
      Tensor &from = tensors[operand->second], &to = tensors[result->second];
      if (from.last != step || from.bytes != to.bytes ||
          isReadElsewhere(call, inPlace.asArrayRef(), buffers[arg]))
        continue;
      from.last = to.last;
      from.users.append(to.users);
      to.bytes = 0;
      result->second = operand->second;
      return;
    }
  }

  LogicalResult addInterface(json::Object &text) {
    json::Array inputs, outputs;
    for (BlockArgument arg : main.getArguments()) {
      unsigned i = arg.getArgNumber();
      auto type = cast<RankedTensorType>(
          main.getArgAttrOfType<TypeAttr>(i, "shift.type").getValue());
      StringRef dtype = dtypeName(type.getElementType());
      auto name = main.getArgAttrOfType<StringAttr>(i, "shift.name");
      if (dtype.empty())
        return main.emitError("expected a float32 or integer tensor for '")
               << name.getValue() << "', got " << type;
      json::Object entry{{"name", name.getValue()},
                         {"dtype", dtype},
                         {"shape", json::Array(type.getShape())}};
      bool isInput =
          main.getArgAttrOfType<StringAttr>(i, "shift.role") == "input";
      json::Array &list = isInput ? inputs : outputs;
      interface[arg] = {isInput ? "input" : "output", int64_t(list.size())};
      list.push_back(std::move(entry));
    }
    text["inputs"] = std::move(inputs);
    text["outputs"] = std::move(outputs);
    return success();
  }

  LogicalResult addDescription(json::Object &text, StringRef name) {
    auto attr = module->getAttrOfType<StringAttr>(("shift." + name).str());
    if (!attr) {
      text[name] = nullptr;
      return success();
    }
    llvm::Expected<json::Value> value = json::parse(attr.getValue());
    if (!value)
      return module.emitError("expected JSON in attribute 'shift.")
             << name << "', got " << llvm::toString(value.takeError());
    text[name] = std::move(*value);
    return success();
  }

  /// A constant's place. One without a value has its place beside them.
  PlanBuffer locateGlobal(memref::GetGlobalOp use) {
    auto global = module.lookupSymbol<memref::GlobalOp>(use.getName());
    int64_t bytes = byteSize(use.getType());
    if (global.isUninitialized()) {
      auto [entry, isNew] =
          expandedAt.try_emplace(use.getName(), plan.expandedBytes);
      if (isNew)
        plan.expandedBytes += alignUp(bytes);
      return {PlanBuffer::Expanded, 0, entry->second, bytes};
    }
    int64_t index = constantOf(use);
    return {PlanBuffer::Constant, index,
            *constants[index].getAsObject()->getInteger("offset"), bytes};
  }

  /// The number of a global among the plan's constants.
  int64_t constantOf(memref::GetGlobalOp use) {
    auto [entry, isNew] =
        constantIndex.try_emplace(use.getName(), constants.size());
    if (!isNew)
      return entry->second;
    auto global = module.lookupSymbol<memref::GlobalOp>(use.getName());
    auto codes = global->getAttrOfType<ElementsAttr>("shift.codes");
    ElementsAttr data =
        codes ? codes : cast<ElementsAttr>(*global.getInitialValue());
    // Layers that share weights but not their layout read the same codes.
    auto [place, isFirst] = dataAt.try_emplace(data);
    if (isFirst) {
      std::vector<uint8_t> bytes = getRawBytes(data);
      plan.constants.resize(alignUp(plan.constants.size()));
      place->second = {int64_t(plan.constants.size()), int64_t(bytes.size())};
      plan.constants.insert(plan.constants.end(), bytes.begin(), bytes.end());
    }
    json::Object text{{"offset", place->second.first},
                      {"bytes", place->second.second},
                      {"expand", nullptr}};
    if (codes)
      text["expand"] = describeExpansion(
          global->getAttrOfType<DictionaryAttr>("shift.expand"));
    constants.push_back(std::move(text));
    return entry->second;
  }

  static json::Object describeExpansion(DictionaryAttr attrs) {
    json::Object text;
    for (NamedAttribute attr : attrs) {
      StringRef name = attr.getName();
      if (auto number = dyn_cast<IntegerAttr>(attr.getValue()))
        text[name] = number.getInt();
      else if (auto string = dyn_cast<StringAttr>(attr.getValue()))
        text[name] = string.getValue();
      else if (auto numbers = dyn_cast<DenseI8ArrayAttr>(attr.getValue()))
        text[name] = json::Array(llvm::map_range(
            numbers.asArrayRef(), [](int8_t n) { return int64_t(n); }));
    }
    return text;
  }

  PlanBuffer locate(Value use) {
    auto type = dyn_cast<MemRefType>(use.getType());
    if (!type)
      return {};
    Place place = placeOf(use);
    Value buffer = place.whole;
    int64_t bytes = byteSize(type);
    if (auto global = buffer.getDefiningOp<memref::GetGlobalOp>())
      return locateGlobal(global);
    if (isa<BlockArgument>(buffer)) {
      auto [role, index] = interface[buffer];
      return {role == "input" ? PlanBuffer::Input : PlanBuffer::Output, index,
              place.bytes, bytes};
    }
    return {PlanBuffer::Arena, 0,
            tensors[tensorOf[buffer]].offset + place.bytes, bytes};
  }

  PlanStep locate(Operation *call) {
    PlanStep step{call, {}};
    for (Value use : buffersOf(call))
      step.args.push_back(locate(use));
    return step;
  }

  static json::Value describe(const PlanBuffer &buffer) {
    switch (buffer.area) {
    case PlanBuffer::Number:
      return nullptr;
    case PlanBuffer::Arena:
      return json::Array{"arena", buffer.offset};
    case PlanBuffer::Expanded:
      return json::Array{"expanded", buffer.offset};
    case PlanBuffer::Constant:
      return json::Array{"constant", buffer.index};
    case PlanBuffer::Input:
    case PlanBuffer::Output:
      break;
    }
    json::Array text{buffer.area == PlanBuffer::Input ? "input" : "output",
                     buffer.index};
    if (buffer.offset)
      text.push_back(buffer.offset);
    return text;
  }

  static StringRef kernelOf(Operation *step) {
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(step))
      return launch.getKernelName().getValue();
    return cast<func::CallOp>(step).getCallee();
  }

  json::Object describeStep(Operation *call) {
    DictionaryAttr attrs = attributesOf(call);
    auto string = [&](StringRef name) { return textOf(call, name); };
    auto number = [&](StringRef name, int64_t fallback) {
      auto attr = attrs.getAs<IntegerAttr>(name);
      return attr ? attr.getInt() : fallback;
    };
    plan.memory.scratch =
        std::max(plan.memory.scratch, number("scratch_bytes", 0));
    json::Array args;
    plan.steps.push_back(locate(call));
    for (const PlanBuffer &buffer : plan.steps.back().args)
      args.push_back(describe(buffer));
    plan.layers.push_back({string("name").str(), string("op").str(),
                           string("strategy").str(), string("reason").str(),
                           string("error").str(), number("accumulator_bits", 0),
                           number("bound_bits", 0), number("chunk", 0),
                           number("fits16", 0), number("fits32", 0),
                           number("weight_bits", -1), number("macs", 0)});
    int64_t value = number("value_id", -1);
    json::Object text{{"name", string("name")},
                      {"op", string("op")},
                      {"strategy", string("strategy")},
                      {"kernel", kernelOf(call)},
                      {"extent", number("extent", 1)},
                      {"grain", number("grain", 1)},
                      {"scratch_bytes", number("scratch_bytes", 0)},
                      {"macs", number("macs", 0)},
                      {"value", value}};
    // Every family passes the result last.
    if (value >= 0 && !string("dtype").empty())
      text["result"] = json::Object{{"arg", int64_t(args.size()) - 1},
                                    {"dtype", string("dtype")},
                                    {"count", number("count", 0)}};
    text["args"] = std::move(args);
    if (!string("fault").empty())
      text["fault"] = string("fault");
    return text;
  }

  ModuleOp module;
  ArrayRef<std::string> isas;
  bool concurrent;
  func::FuncOp main;
  KernelPlan plan;
  std::vector<Tensor> tensors;
  DenseMap<Value, size_t> tensorOf;
  DenseMap<Value, std::pair<StringRef, int64_t>> interface;
  llvm::StringMap<int64_t> constantIndex, expandedAt;
  /// Offset and size of data among the constants.
  DenseMap<Attribute, std::pair<int64_t, int64_t>> dataAt;
  json::Array constants;
};
} // namespace

FailureOr<KernelPlan> mlir::shift::extractPlan(ModuleOp module,
                                               ArrayRef<std::string> isas,
                                               bool concurrent) {
  return PlanReader(module, isas, concurrent).run();
}

bool mlir::shift::isWritten(Value buffer) {
  return llvm::any_of(buffer.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<memref::ViewOp, memref::SubViewOp>(user))
      return isWritten(user->getResult(0));
    if (auto copy = dyn_cast<nvgpu::DeviceAsyncCopyOp>(user))
      return copy.getDst() == buffer;
    return !isa<memref::LoadOp, vector::LoadOp, gpu::SubgroupMmaLoadMatrixOp>(
        user);
  });
}
