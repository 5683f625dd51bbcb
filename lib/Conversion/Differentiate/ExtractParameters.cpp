//===- ExtractParameters.cpp - What is trained becomes an argument --------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "shift/Conversion/Differentiate/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/GlobPattern.h"

namespace mlir::shift {
#define GEN_PASS_DEF_EXTRACTPARAMETERSPASS
#include "shift/Conversion/Differentiate/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

StringAttr constantName(Operation *constant) {
  auto name = constant->getAttrOfType<StringAttr>("name");
  return name && !name.empty() ? name : StringAttr();
}

/// Whether operand number `i` of `op` is one that training changes.
bool isTrained(Operation *op, unsigned i) {
  Operation *constant = op->getOperand(i).getDefiningOp();
  if (isa_and_nonnull<WeightOp>(constant))
    return true;
  if (!isa_and_nonnull<onnx::ConstantOp>(constant) ||
      !getElementTypeOrSelf(op->getOperand(i).getType()).isF32())
    return false;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<Conv2DOp, LinearOp, GroupNormOp, onnx::ConvOp,
            onnx::ConvTransposeOp, onnx::GemmOp, onnx::GroupNormalizationOp,
            onnx::InstanceNormalizationOp>([&](Operation *) { return i > 0; })
      .Case<onnx::MatMulOp>([&](Operation *) { return i == 1; })
      .Case<onnx::MulOp, onnx::AddOp>(
          [&](Operation *) { return bool(constantName(constant)); })
      .Default(false);
}

std::string parameterName(Operation *op, unsigned i) {
  if (StringAttr name = constantName(op->getOperand(i).getDefiningOp()))
    return name.str();
  auto node = op->getAttrOfType<StringAttr>("node_name");
  return (node ? node.str() : std::string()) + "/" + std::to_string(i);
}

/// Name patterns; an invalid one is an error on `module`.
class Patterns {
public:
  LogicalResult parse(ModuleOp module, ArrayRef<std::string> texts) {
    for (const std::string &text : texts) {
      llvm::Expected<llvm::GlobPattern> pattern =
          llvm::GlobPattern::create(text);
      if (!pattern)
        return mlir::emitError(module.getLoc(),
                               "extract-parameters: expected a pattern, got '")
               << text << "': " << llvm::toString(pattern.takeError());
      patterns.push_back(std::move(*pattern));
    }
    return success();
  }
  bool empty() const { return patterns.empty(); }
  bool match(StringRef name) const {
    return llvm::any_of(patterns, [&](const llvm::GlobPattern &pattern) {
      return pattern.match(name);
    });
  }

private:
  std::vector<llvm::GlobPattern> patterns;
};

struct ExtractParametersPass
    : mlir::shift::impl::ExtractParametersPassBase<ExtractParametersPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock()) {
      mlir::emitError(module.getLoc(),
                      "expected a function @main of one block");
      return signalPassFailure();
    }
    Patterns included, excluded;
    if (failed(included.parse(module, include)) ||
        failed(excluded.parse(module, exclude)))
      return signalPassFailure();
    llvm::SetVector<Operation *> constants;
    llvm::StringMap<Operation *> names;
    for (Operation &op : main.getBody().front())
      for (unsigned i = 0; i < op.getNumOperands(); ++i) {
        if (!isTrained(&op, i))
          continue;
        std::string name = parameterName(&op, i);
        if ((!included.empty() && !included.match(name)) ||
            excluded.match(name))
          continue;
        Operation *constant = op.getOperand(i).getDefiningOp();
        auto [entry, isNew] = names.try_emplace(name, constant);
        if (!isNew && entry->second != constant) {
          op.emitError("expected parameters of different names, got '")
              << name << "' twice";
          return signalPassFailure();
        }
        if (constants.insert(constant))
          addArgument(main, constant, name);
      }
    for (Operation *constant : constants)
      constant->erase();
  }

  void addArgument(func::FuncOp main, Operation *constant, StringRef name) {
    Builder b(&getContext());
    Value value = constant->getResult(0);
    unsigned index = main.getNumArguments();
    auto attributes = b.getDictionaryAttr(
        b.getNamedAttr(parameterAttrName, b.getStringAttr(name)));
    (void)main.insertArgument(index, value.getType(), attributes,
                              constant->getLoc());
    value.replaceAllUsesWith(main.getArgument(index));
  }
};
} // namespace
