//===- Rules.h - The gradient of each op ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A rule reads the gradients of an op's results and adds those of its operands.
//===----------------------------------------------------------------------===//
#ifndef LIB_CONVERSION_DIFFERENTIATE_RULES_H
#define LIB_CONVERSION_DIFFERENTIATE_RULES_H

#include "dialects/ONNX/IR/ONNXTypeInference.h"
#include "shift/Conversion/Differentiate/Passes.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::shift::differentiate {

/// What rules write to: the body of @backward.
class GradientBuilder {
public:
  virtual ~GradientBuilder() = default;

  /// The gradient of a value of @main so far, null where nothing depends on it.
  virtual Value gradOf(Value value) = 0;
  /// Adds to the gradient of a value of @main; without effect where no
  /// parameter needs it.
  virtual void add(Value value, Value grad) = 0;
  /// Whether a parameter's gradient depends on that of `value`.
  virtual bool isNeeded(Value value) const = 0;
  /// A value of @main, read in @backward.
  virtual Value read(Value value) = 0;

  /// Makes an op of @backward with one result.
  template <typename Op, typename... Args>
  Value make(Type type, Args &&...args) {
    return Op::create(b, loc, type, std::forward<Args>(args)...)->getResult(0);
  }
  /// The gradient of the exact number behind an op's rounded result.
  template <typename Op>
  Value passRounding(Op op) {
    Value grad = gradOf(op.getResult());
    return make<MaskOp>(grad.getType(), grad, read(op.getInside()),
                        StringAttr());
  }
  /// A tensor of float32 numbers with the shape of `like`.
  RankedTensorType floatLike(Value like) {
    return RankedTensorType::get(onnx::shapeOf(like), b.getF32Type());
  }
  Value constant(float value) {
    auto type = RankedTensorType::get({}, b.getF32Type());
    return onnx::ConstantOp::create(b, loc, type,
                                    DenseElementsAttr::get(type, value),
                                    StringAttr(), StringAttr());
  }

  OpBuilder b;
  /// Where the op comes from whose rule runs.
  Location loc;

protected:
  explicit GradientBuilder(MLIRContext *context)
      : b(context), loc(UnknownLoc::get(context)) {}
};

using Rule = std::function<LogicalResult(Operation *, GradientBuilder &)>;
using RuleTable = llvm::StringMap<Rule>;

/// Registers a rule on an op class; `rule` returns void or LogicalResult.
template <typename Op, typename Function>
void addRule(RuleTable &table, Function rule) {
  table[Op::getOperationName()] = [rule](Operation *op, GradientBuilder &g) {
    if constexpr (std::is_void_v<decltype(rule(cast<Op>(op), g))>) {
      rule(cast<Op>(op), g);
      return LogicalResult::success();
    } else {
      return rule(cast<Op>(op), g);
    }
  };
}

/// Steps of fixed point between layers.
void addFixedPointRules(RuleTable &table);
/// Convolutions, linear layers, normalizations.
void addLayerRules(RuleTable &table);
/// Elementwise functions, sums and means.
void addMathRules(RuleTable &table);
/// Pools, resampling, ops that move elements.
void addMovementRules(RuleTable &table);

} // namespace mlir::shift::differentiate

#endif // LIB_CONVERSION_DIFFERENTIATE_RULES_H
