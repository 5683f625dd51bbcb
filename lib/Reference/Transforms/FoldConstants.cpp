//===- FoldConstants.cpp - Evaluate onnx ops on constants -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Runs right after import: shape arithmetic and computed weights disappear. The
// values are the interpreter's, so folding never changes a bit of a result.
//===----------------------------------------------------------------------===//
#include "shift/Reference/Interpreter.h"
#include "shift/Reference/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace shift::reference {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "shift/Reference/Passes.h.inc"
} // namespace shift::reference

using namespace mlir;
namespace reference = shift::reference;

namespace {

struct FoldConstantsPass
    : reference::impl::FoldConstantsPassBase<FoldConstantsPass> {
  using Base::Base;

  void runOnOperation() override {
    getOperation().walk([&](Block *block) {
      for (Operation &op : llvm::make_early_inc_range(*block))
        visit(&op);
      eraseDeadOps(*block);
    });
  }

private:
  void visit(Operation *op) const;
  bool applyFolder(Operation *op) const;
  bool isSmall(Operation *op) const;
  static void eraseDeadOps(Block &block);
};

} // namespace

/// The name of the first named constant among the operands.
static StringAttr inheritedName(Operation *op) {
  for (Value operand : op->getOperands())
    if (auto constant = operand.getDefiningOp<onnx::ConstantOp>())
      if (StringAttr name = constant.getNameAttr())
        return name;
  return {};
}

/// Replaces result number `i` by a constant.
static void replaceByConstant(Operation *op, unsigned i, ElementsAttr value) {
  OpBuilder builder(op);
  auto nodeName = op->getAttrOfType<StringAttr>("node_name");
  auto constant = onnx::ConstantOp::create(builder, op->getLoc(),
                                           op->getResult(i).getType(), value,
                                           inheritedName(op), nodeName);
  op->getResult(i).replaceAllUsesWith(constant.getResult());
}

/// The op's own folder; true if its results are no longer used.
bool FoldConstantsPass::applyFolder(Operation *op) const {
  SmallVector<OpFoldResult> folded;
  if (failed(op->fold(folded)) || folded.empty())
    return false;
  for (auto [i, result] : llvm::enumerate(folded)) {
    if (auto value = dyn_cast<Value>(result))
      op->getResult(i).replaceAllUsesWith(value);
    else
      replaceByConstant(op, i, cast<ElementsAttr>(cast<Attribute>(result)));
  }
  return true;
}

bool FoldConstantsPass::isSmall(Operation *op) const {
  int64_t bytes = 0;
  for (Value result : op->getResults()) {
    auto type = cast<ShapedType>(result.getType());
    std::optional<reference::DType> dtype = reference::storageType(type);
    if (!dtype)
      return false;
    bytes += type.getNumElements() * reference::elementBytes(*dtype);
  }
  return bytes <= maxBytes;
}

void FoldConstantsPass::visit(Operation *op) const {
  if (!isa_and_nonnull<onnx::ONNXDialect>(op->getDialect()) ||
      isa<onnx::ConstantOp>(op) || !isSmall(op))
    return;
  if (applyFolder(op))
    return;
  bool isConstant = llvm::all_of(op->getOperands(), [](Value operand) {
    return operand.getDefiningOp<onnx::ConstantOp>() != nullptr;
  });
  if (!isConstant || !reference::canEvaluate(op))
    return;
  SmallVector<reference::Tensor> values;
  SmallVector<const reference::Tensor *> operands;
  values.reserve(op->getNumOperands());
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<onnx::ConstantOp>();
    llvm::Expected<reference::Tensor> value =
        reference::tensorOf(constant.getValue());
    if (!value)
      return llvm::consumeError(value.takeError());
    operands.push_back(&values.emplace_back(std::move(*value)));
  }
  llvm::Expected<SmallVector<reference::Tensor>> results =
      reference::evaluate(op, operands);
  // What the interpreter refuses stays and is reported where it is used.
  if (!results)
    return llvm::consumeError(results.takeError());
  StringAttr name = inheritedName(op);
  for (auto [i, result] : llvm::enumerate(*results)) {
    auto type = cast<ShapedType>(op->getResult(i).getType());
    replaceByConstant(op, i,
                      reference::attributeOf(
                          result, type, name ? name.getValue() : "folded"));
  }
}

void FoldConstantsPass::eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa_and_nonnull<onnx::ONNXDialect>(op.getDialect()) && op.use_empty())
      op.erase();
}
