//===- Converter.cpp - From tensor ops to steps ---------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Kernels/Converter.h"
#include "dialects/ONNX/IR/ONNXOps.h"
#include "dialects/ONNX/IR/ONNXPorts.h"
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "mlir/IR/Threading.h"
#include "shift/Conversion/Kernels/Passes.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::kernels;

namespace {
/// Ops whose result is the operand's elements in the same order.
bool isRename(Operation *op) {
  return isa<onnx::ReshapeOp, onnx::FlattenOp, onnx::SqueezeOp,
             onnx::UnsqueezeOp, onnx::IdentityOp, onnx::DropoutOp,
             mlir::shift::ReshapeOp>(op);
}

/// The conversion of one module.
class Converter {
public:
  Converter(ModuleOp module, KernelTarget &target, bool keepAllValues)
      : module(module), target(target), keepAllValues(keepAllValues) {}

  LogicalResult run() {
    main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal() || !main.getBody().hasOneBlock())
      return mlir::emitError(
          module.getLoc(),
          "expected a function @main of one block in the module");
    if (failed(checkCertificates()) || failed(createPlan()))
      return failure();
    // A value that is computed with the add behind it cannot be observed.
    if (keepAllValues)
      main.walk([](Operation *op) { op->removeAttr(fusedAttrName); });
    Lowering lowering(module, target, builder);
    assignInterface(lowering);
    checkInputs(lowering);
    if (lowering.hasFailed())
      return failure();
    if (!keepAllValues)
      placeConcats(lowering);
    int64_t nextValue = 0;
    for (Operation &op : main.getBody().front()) {
      lowering.valueId = op.getNumResults() ? nextValue : -1;
      nextValue += op.getNumResults();
      if (failed(convert(&op, lowering)) || lowering.hasFailed())
        return failure();
    }
    func::ReturnOp::create(builder, main.getLoc());
    main.erase();
    plan.setName("main");
    return success();
  }

private:
  /// Kernels rely on the certificates that layers carry.
  LogicalResult checkCertificates() {
    SmallVector<Operation *> layers;
    for (Operation &op : main.getBody().front())
      if (getCertificate(&op))
        layers.push_back(&op);
    return failableParallelForEach(module.getContext(), layers,
                                   checkCertificate);
  }

  /// The new @main: flat buffers of inputs, then of outputs.
  LogicalResult createPlan() {
    SmallVector<Type> types;
    auto add = [&](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      Type element = tensor && tensor.hasStaticShape()
                         ? storageType(tensor.getElementType())
                         : Type();
      if (!element)
        return failure();
      types.push_back(MemRefType::get(
          {std::max<int64_t>(tensor.getNumElements(), 1)}, element));
      return success();
    };
    FunctionType type = main.getFunctionType();
    for (Type tensor :
         llvm::concat<const Type>(type.getInputs(), type.getResults()))
      if (failed(add(tensor)))
        return main.emitError("expected inputs and outputs of @main that are "
                              "tensors of static shape, got ")
               << tensor;
    builder.setInsertionPoint(main);
    plan = func::FuncOp::create(builder, main.getLoc(), "main.plan",
                                builder.getFunctionType(types, {}));
    unsigned inputs = type.getNumInputs();
    for (unsigned i = 0; i < types.size(); ++i)
      describeInterface(i, i < inputs);
    builder.setInsertionPointToStart(plan.addEntryBlock());
    return success();
  }

  /// Names, shapes and formats of inputs and outputs for the plan's text.
  void describeInterface(unsigned i, bool isInput) {
    unsigned inputs = main.getNumArguments();
    Type type = isInput ? main.getArgument(i).getType()
                        : main.getResultTypes()[i - inputs];
    std::string name = isInput ? onnx::getInputName(main, i)
                               : onnx::getOutputName(main, i - inputs);
    plan.setArgAttr(i, "shift.name", builder.getStringAttr(name));
    plan.setArgAttr(i, "shift.type", TypeAttr::get(type));
    plan.setArgAttr(i, "shift.role",
                    builder.getStringAttr(isInput ? "input" : "output"));
  }

  /// Follows ops that only rename a tensor.
  Value root(Value value) const {
    while (Operation *op = value.getDefiningOp()) {
      if (keepAllValues || !isRename(op))
        break;
      value = op->getOperand(0);
    }
    return value;
  }

  /// Kernels rely on the range of a format with less bits than its storage;
  /// inside the network, all that makes such tensors saturates to it.
  void checkInputs(Lowering &lowering) {
    for (BlockArgument input : main.getArguments()) {
      std::optional<::shift::FixedPoint> format =
          getFixedPoint(elementOf(input));
      if (!format || format->bits == format->storageBits)
        continue;
      int64_t lo = format->qMin(), hi = format->qMax();
      std::string name = onnx::getInputName(main, input.getArgNumber());
      std::string range = std::to_string(lo) + " to " + std::to_string(hi);
      lowerCheck(main, input, lowering,
                 "input '" + name + "': expected integers of " + range, range,
                 [&](KernelBuilder &kb, Val x) {
                   bool isSigned = format->isSigned;
                   Val value = kb.convert(x, kb.i(64), isSigned);
                   return kb.bitOr(kb.compare(arith::CmpIPredicate::slt, value,
                                              kb.constant(value.type(), lo)),
                                   kb.compare(arith::CmpIPredicate::sgt, value,
                                              kb.constant(value.type(), hi)));
                 });
    }
  }

  /// Inputs lie in their arguments. An output is computed into its argument by
  /// the op that makes it.
  void assignInterface(Lowering &lowering) {
    unsigned inputs = main.getNumArguments();
    for (unsigned i = 0; i < inputs; ++i)
      lowering.assign(main.getArgument(i), plan.getArgument(i));
    Operation *terminator = main.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
      Value source = root(value);
      bool isMade = source.getDefiningOp() &&
                    !isa<onnx::ConstantOp, WeightOp>(source.getDefiningOp());
      if (isMade && !lowering.hasBuffer(source))
        lowering.assign(source, plan.getArgument(inputs + i));
    }
  }

  /// Operands of a Concat that are contiguous parts of its result, in the same
  /// format, are computed where they belong; outer Concats first.
  void placeConcats(Lowering &lowering) {
    for (Operation &op : llvm::reverse(main.getBody().front())) {
      int64_t axis;
      if (auto concat = dyn_cast<onnx::ConcatOp>(op))
        axis = concat.getAxis();
      else if (auto concat = dyn_cast<mlir::shift::ConcatOp>(op))
        axis = concat.getAxis();
      else
        continue;
      Value result = op.getResult(0);
      if (!isa<RankedTensorType>(result.getType()) || !storageOf(result))
        continue;
      ArrayRef<int64_t> shape = shapeOf(result);
      axis += axis < 0 ? shape.size() : 0;
      if (product(shape.take_front(axis)) != 1)
        continue;
      int64_t first = 0;
      for (Value operand : op.getOperands()) {
        if (canPlace(root(operand), result, lowering))
          lowering.assign(root(operand), lowering.part(lowering.buffer(result),
                                                       first, operand));
        first += countOf(operand);
      }
    }
  }

  /// Whether `value` has no place yet and can have one in that of `whole`.
  static bool canPlace(Value value, Value whole, Lowering &lowering) {
    Operation *op = value.getDefiningOp();
    return op && !isa<onnx::ConstantOp, WeightOp>(op) &&
           !lowering.hasBuffer(value) && countOf(value) > 0 &&
           typeKey(value) == typeKey(whole);
  }

  /// Results of a Split that are contiguous parts of its operand are named so.
  bool nameParts(Operation *op, Lowering &lowering) {
    auto split = dyn_cast<onnx::SplitOp>(op);
    if (!split || keepAllValues ||
        isa_and_present<onnx::ConstantOp>(
            root(split.getInput()).getDefiningOp()))
      return false;
    ArrayRef<int64_t> shape = shapeOf(split.getInput());
    int64_t axis = split.getAxis() + (split.getAxis() < 0 ? shape.size() : 0);
    if (product(shape.take_front(axis)) != 1 ||
        llvm::any_of(split.getOutputs(), [&](Value part) {
          return lowering.hasBuffer(part) || countOf(part) == 0;
        }))
      return false;
    int64_t first = 0;
    for (Value part : split.getOutputs()) {
      lowering.assign(
          part, lowering.part(lowering.buffer(split.getInput()), first, part));
      first += countOf(part);
    }
    return true;
  }

  LogicalResult convert(Operation *op, Lowering &lowering) {
    if (auto constant = dyn_cast<onnx::ConstantOp>(op)) {
      ElementsAttr value = constant.getValue();
      if (value.getNumElements() > 0 && getRawBytes(value).empty())
        return constant.emitOpError("expected data for ")
               << value.getNumElements()
               << " elements, got another size; it was elided when the file "
                  "was "
                  "printed, or is damaged";
      return success();
    }
    if (isa<WeightOp>(op))
      return success();
    if (getFusedAdd(op)) {
      fusedIds[op] = lowering.valueId;
      return success();
    }
    if (auto terminator = dyn_cast<func::ReturnOp>(op))
      return copyOutputs(terminator, lowering);
    for (Value value : llvm::concat<Value>(llvm::to_vector(op->getOperands()),
                                           llvm::to_vector(op->getResults())))
      if (!value.getDefiningOp<WeightOp>() &&
          (!isa<RankedTensorType>(value.getType()) || !storageOf(value)))
        return op->emitError(describe(op))
               << ": elements of type " << value.getType()
               << " are not supported in compiled code; "
                  "--engine=reference runs them";
    if (isa<AddOp, Conv2DOp, GroupNormOp, LinearOp, QuantizeOp, RequantizeOp>(
            op) &&
        op->getNumResults() > 1)
      return op->emitError(describe(op))
             << " with results for gradients is not supported in compiled "
                "code; --engine=reference runs it";
    if (isRename(op)) {
      if (!keepAllValues) {
        lowering.alias(op->getResult(0), op->getOperand(0));
        return success();
      }
      addCopy(op, op->getOperand(0), lowering.buffer(op->getResult(0)),
              lowering);
      return success();
    }
    if (nameParts(op, lowering))
      return success();
    for (Value operand : op->getOperands())
      if (isa_and_present<Conv2DOp>(operand.getDefiningOp()) &&
          getFusedAdd(operand.getDefiningOp()))
        return lowerWithFamily(operand.getDefiningOp(), lowering);
    return lowerWithFamily(op, lowering);
  }

  /// Lowers `op`, and the add that is computed with it if it is marked so.
  LogicalResult lowerAs(const KernelFamily &family, Operation *op,
                        Lowering &lowering) {
    AddOp add = getFusedAdd(op);
    if (!add || family.computesAdds())
      return family.lower(op, lowering);
    op->removeAttr(fusedAttrName);
    int64_t addId = std::exchange(lowering.valueId, fusedIds.lookup(op));
    if (failed(family.lower(op, lowering)))
      return failure();
    lowering.valueId = addId;
    return lowerWithFamily(add, lowering);
  }

  LogicalResult lowerWithFamily(Operation *op, Lowering &lowering) {
    auto chosen = op->getAttrOfType<StringAttr>(strategyAttrName);
    SmallVector<const KernelFamily *> takers;
    std::string reasons;
    for (const auto &family : target.getFamilies()) {
      StringRef strategy = family->getStrategy();
      if (chosen ? strategy != chosen.getValue()
                 : !takers.empty() && strategy == takers.back()->getStrategy())
        continue;
      std::string reason;
      if (!family->canTake(op, reason)) {
        if (!reason.empty())
          reasons += (reasons.empty() ? ": " : "; ") + reason;
        continue;
      }
      if (chosen)
        return lowerAs(*family, op, lowering);
      takers.push_back(family.get());
    }
    if (takers.size() > 1) {
      InFlightDiagnostic error = op->emitError(describe(op));
      error << " has a choice of strategies (";
      llvm::interleaveComma(takers, error, [&](const KernelFamily *taker) {
        error << taker->getStrategy();
      });
      return error << "); run select-kernels before";
    }
    if (!takers.empty())
      return lowerAs(*takers.front(), op, lowering);
    if (chosen)
      return op->emitError(describe(op)) << " cannot take strategy '"
                                         << chosen.getValue() << "'" << reasons;
    return op->emitError(describe(op))
           << " is not supported in compiled code" << reasons
           << "; --engine=reference runs it";
  }

  std::string describe(Operation *op) const {
    std::string name = nodeName(op);
    return "'" + op->getName().getStringRef().str() + "'" +
           (name.empty() ? "" : " (node '" + name + "')");
  }

  void addCopy(Operation *op, Value source, Value target, Lowering &lowering) {
    int64_t count = countOf(source);
    int64_t items = lowering.itemSize();
    StepInfo info;
    info.extent = (count + items - 1) / items;
    info.reason = "copies its input";
    lowering.step(
        op, "copy", typeKey(storageOf(source)) + "_" + std::to_string(count),
        "move", {lowering.buffer(source), target}, info,
        [&](KernelBuilder &kb, ArrayRef<Value> buffers, Value, Val begin,
            Val end) {
          forEachBlock(kb, begin, end, count, items, [&](Val lo, Val hi) {
            forEachRun(kb, lo, hi, [&](Val i, int64_t lanes) {
              kb.store(kb.load(buffers[0], i, lanes), buffers[1], i);
            });
          });
        });
  }

  /// Outputs that no op computes in place: inputs, constants, repeated ones.
  LogicalResult copyOutputs(func::ReturnOp op, Lowering &lowering) {
    unsigned inputs = main.getNumArguments();
    for (auto [i, value] : llvm::enumerate(op.getOperands())) {
      if (value.getDefiningOp<WeightOp>())
        return op.emitError("expected tensors of float32, integers or fixed "
                            "point as outputs, got ")
               << value.getType();
      Value target = plan.getArgument(inputs + i);
      if (lowering.buffer(value) != target)
        addCopy(op, value, target, lowering);
    }
    return success();
  }

  ModuleOp module;
  KernelTarget &target;
  bool keepAllValues;
  /// The numbers of values that are computed with the add behind them.
  DenseMap<Operation *, int64_t> fusedIds;
  func::FuncOp main, plan;
  OpBuilder builder{module.getContext()};
};
} // namespace

LogicalResult mlir::shift::kernels::convertMain(ModuleOp module,
                                                KernelTarget &target,
                                                bool keepAllValues) {
  return Converter(module, target, keepAllValues).run();
}
