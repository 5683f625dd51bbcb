//===- Differentiate.cpp - Reverse-mode differentiation of @main ----------===//
// SPDX-License-Identifier: Apache-2.0
// The ops of @main are walked backwards; a rule for each adds the gradients of
// its operands. Values of @main that rules read become arguments of @backward.
//===----------------------------------------------------------------------===//
#include "Rules.h"

namespace mlir::shift {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "shift/Conversion/Differentiate/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::differentiate;

static const RuleTable &rules() {
  static const RuleTable table = [] {
    RuleTable made;
    addFixedPointRules(made);
    addLayerRules(made);
    addMathRules(made);
    addMovementRules(made);
    return made;
  }();
  return table;
}

namespace {
class Differentiator : public GradientBuilder {
public:
  explicit Differentiator(func::FuncOp main)
      : GradientBuilder(main.getContext()), main(main) {
    findNeeded();
    exposeInside();
  }

  LogicalResult run();

  Value gradOf(Value value) override { return grads.lookup(value); }
  bool isNeeded(Value value) const override { return needed.contains(value); }
  void add(Value value, Value grad) override;
  Value read(Value value) override;

private:
  void findNeeded();
  void exposeInside();
  void addOutputGradients();
  LogicalResult finish();
  func::FuncOp main, backward;
  Block *body = nullptr;
  /// Values that depend on a parameter.
  llvm::DenseSet<Value> needed;
  llvm::DenseMap<Value, Value> grads;
  /// What @backward reads of @main, in the order of its arguments, and as what.
  llvm::MapVector<Value, Value> residuals;
};
} // namespace

void Differentiator::findNeeded() {
  for (BlockArgument argument : main.getArguments())
    if (main.getArgAttr(argument.getArgNumber(), parameterAttrName))
      needed.insert(argument);
  for (Operation &op : main.getBody().front())
    if (llvm::any_of(op.getOperands(),
                     [&](Value value) { return needed.contains(value); }))
      needed.insert(op.result_begin(), op.result_end());
}

/// Gives ops that round what a gradient has to pass their second result.
void Differentiator::exposeInside() {
  for (Operation &op : llvm::make_early_inc_range(
           main.getBody().front().without_terminator())) {
    if (!isa<AddOp, Conv2DOp, GroupNormOp, LinearOp, QuantizeOp, RequantizeOp>(
            op) ||
        op.getNumResults() != 1 || !isNeeded(op.getResult(0)) ||
        !getFixedPoint(op.getResult(0).getType()))
      continue;
    OperationState state(op.getLoc(), op.getName(), op.getOperands(),
                         op.getResultTypes(), op.getAttrs());
    state.addTypes(
        RankedTensorType::get(onnx::shapeOf(op.getResult(0)), b.getI1Type()));
    b.setInsertionPoint(&op);
    Operation *twin = b.create(state);
    needed.erase(op.getResult(0));
    needed.insert(twin->getResult(0));
    op.replaceAllUsesWith(ValueRange(twin->getResult(0)));
    op.erase();
  }
}

void Differentiator::add(Value value, Value grad) {
  if (!isNeeded(value))
    return;
  Value &sum = grads[value];
  sum = sum ? make<onnx::AddOp>(sum.getType(), sum, grad, StringAttr()) : grad;
}

Value Differentiator::read(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<onnx::ConstantOp, WeightOp>(op))
    return b.clone(*op)->getResult(0);
  Value &argument = residuals[value];
  if (!argument)
    argument = body->addArgument(value.getType(), value.getLoc());
  return argument;
}

/// The gradients of the loss with respect to the outputs.
void Differentiator::addOutputGradients() {
  for (Value output : main.getBody().front().getTerminator()->getOperands())
    add(output, body->addArgument(floatLike(output), output.getLoc()));
}

LogicalResult Differentiator::run() {
  b.setInsertionPointAfter(main);
  backward = func::FuncOp::create(b, main.getLoc(), "backward",
                                  b.getFunctionType({}, {}));
  body = backward.addEntryBlock();
  b.setInsertionPointToEnd(body);
  addOutputGradients();
  for (Operation &op :
       llvm::reverse(main.getBody().front().without_terminator())) {
    bool hasGradient = llvm::any_of(
        op.getResults(), [&](Value result) { return gradOf(result); });
    if (!hasGradient)
      continue;
    auto rule = rules().find(op.getName().getStringRef());
    if (rule == rules().end())
      return op.emitError("differentiate: no gradient of '")
             << op.getName() << "' is known";
    loc = op.getLoc();
    if (failed(rule->second(&op, *this)))
      return failure();
  }
  return finish();
}

/// Returns of both functions, and their types.
LogicalResult Differentiator::finish() {
  loc = main.getLoc();
  SmallVector<Value> results;
  SmallVector<StringAttr> names;
  for (BlockArgument argument : main.getArguments()) {
    auto name = main.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  parameterAttrName);
    if (!name)
      continue;
    Value grad = gradOf(argument);
    if (!grad)
      return mlir::emitError(main.getLoc(), "differentiate: no output depends "
                                            "on parameter '")
             << name.getValue() << "'; exclude it in extract-parameters";
    results.push_back(grad);
    names.push_back(name);
  }
  func::ReturnOp::create(b, loc, results);
  backward.setFunctionType(b.getFunctionType(body->getArgumentTypes(),
                                             ValueRange(results).getTypes()));
  for (auto [i, name] : llvm::enumerate(names))
    backward.setResultAttr(i, parameterAttrName, name);

  Operation *end = main.getBody().front().getTerminator();
  const unsigned outputs = end->getNumOperands();
  SmallVector<Value> returned(end->getOperands());
  for (auto [value, argument] : residuals) {
    unsigned index = cast<BlockArgument>(argument).getArgNumber();
    auto number = b.getI64IntegerAttr(index - outputs);
    backward.setArgAttr(index, residualAttrName, number);
    if (auto own = dyn_cast<BlockArgument>(value)) {
      main.setArgAttr(own.getArgNumber(), residualAttrName, number);
      continue;
    }
    if (failed(main.insertResult(
            returned.size(), value.getType(),
            b.getDictionaryAttr(b.getNamedAttr(residualAttrName, number)))))
      return failure();
    returned.push_back(value);
  }
  end->setOperands(returned);
  return success();
}

namespace {
struct DifferentiatePass
    : mlir::shift::impl::DifferentiatePassBase<DifferentiatePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock()) {
      mlir::emitError(module.getLoc(),
                      "expected a function @main of one block");
      return signalPassFailure();
    }
    if (module.lookupSymbol("backward")) {
      mlir::emitError(module.getLoc(),
                      "differentiate: the module has @backward already");
      return signalPassFailure();
    }
    if (failed(Differentiator(main).run()))
      signalPassFailure();
  }
};
} // namespace
