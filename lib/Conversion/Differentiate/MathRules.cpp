//===- MathRules.cpp - Gradients of elementwise ops and sums --------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Rules.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::differentiate;

static Value multiply(Value a, Value b, GradientBuilder &g) {
  // The gradient has the shape of the result, so the other one broadcasts.
  return g.make<onnx::MulOp>(a.getType(), a, b, StringAttr());
}

/// 1 - x.
static Value complement(Value x, GradientBuilder &g) {
  return g.make<onnx::SubOp>(x.getType(), g.constant(1), x, StringAttr());
}

/// Sums a gradient over what broadcasting has repeated for `value`.
static Value reduceTo(Value value, Value grad, GradientBuilder &g) {
  ArrayRef<int64_t> from = onnx::shapeOf(grad), to = onnx::shapeOf(value);
  if (from == to)
    return grad;
  SmallVector<int64_t> axes, kept(from);
  const size_t added = from.size() - to.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (i < added || (to[i - added] == 1 && from[i] != 1)) {
      axes.push_back(i);
      kept[i] = 1;
    }
  if (!axes.empty())
    grad = g.make<onnx::ReduceSumOp>(
        RankedTensorType::get(kept, g.b.getF32Type()), grad,
        g.b.getDenseI64ArrayAttr(axes), g.b.getI64IntegerAttr(1), StringAttr());
  if (ArrayRef<int64_t>(kept) == to)
    return grad;
  return g.make<onnx::ReshapeOp>(g.floatLike(value), grad, StringAttr());
}

static LogicalResult differentiateClip(onnx::ClipOp op, GradientBuilder &g) {
  auto bound = [&](std::optional<Attribute> attr) {
    return dyn_cast_or_null<FloatAttr>(attr.value_or(nullptr));
  };
  Value grad = g.gradOf(op.getResult());
  // Strictly between the bounds, a Clip's result is its input.
  g.add(op.getX(), g.make<ClipGradOp>(grad.getType(), g.read(op.getResult()),
                                      grad, bound(op.getMin()),
                                      bound(op.getMax()), StringAttr()));
  return success();
}

static LogicalResult differentiateDiv(onnx::DivOp op, GradientBuilder &g) {
  if (g.isNeeded(op.getB()))
    return op.emitError("differentiate: expected a constant divisor");
  Value grad = g.gradOf(op.getResult());
  Value quotient = g.make<onnx::DivOp>(grad.getType(), grad, g.read(op.getB()),
                                       StringAttr());
  g.add(op.getA(), reduceTo(op.getA(), quotient, g));
  return success();
}

/// Registers the derivative of y = f(x) as a function of y.
template <typename Op, typename Function>
static void addFunction(RuleTable &table, Function derivative) {
  addRule<Op>(table, [derivative](Op op, GradientBuilder &g) {
    Value grad = g.gradOf(op.getResult());
    g.add(op.getX(), multiply(grad, derivative(g.read(op.getResult()), g), g));
  });
}

void mlir::shift::differentiate::addMathRules(RuleTable &table) {
  addRule<onnx::ReluOp>(table, [](onnx::ReluOp op, GradientBuilder &g) {
    Value grad = g.gradOf(op.getResult());
    g.add(op.getX(), g.make<ClipGradOp>(grad.getType(), g.read(op.getResult()),
                                        grad, g.b.getF32FloatAttr(0),
                                        FloatAttr(), StringAttr()));
  });
  addRule<onnx::ClipOp>(table, differentiateClip);
  addFunction<onnx::ExpOp>(table, [](Value y, GradientBuilder &) { return y; });
  addFunction<onnx::SigmoidOp>(table, [](Value y, GradientBuilder &g) {
    return multiply(y, complement(y, g), g);
  });
  addFunction<onnx::TanhOp>(table, [](Value y, GradientBuilder &g) {
    return complement(multiply(y, y, g), g);
  });
  addRule<onnx::NegOp>(table, [](onnx::NegOp op, GradientBuilder &g) {
    Value grad = g.gradOf(op.getResult());
    g.add(op.getX(), g.make<onnx::NegOp>(grad.getType(), grad, StringAttr()));
  });
  addRule<onnx::AddOp>(table, [](onnx::AddOp op, GradientBuilder &g) {
    for (Value operand : op->getOperands())
      if (g.isNeeded(operand))
        g.add(operand, reduceTo(operand, g.gradOf(op.getResult()), g));
  });
  addRule<onnx::SubOp>(table, [](onnx::SubOp op, GradientBuilder &g) {
    Value grad = g.gradOf(op.getResult());
    if (g.isNeeded(op.getA()))
      g.add(op.getA(), reduceTo(op.getA(), grad, g));
    if (g.isNeeded(op.getB()))
      g.add(op.getB(),
            reduceTo(op.getB(),
                     g.make<onnx::NegOp>(grad.getType(), grad, StringAttr()),
                     g));
  });
  addRule<onnx::MulOp>(table, [](onnx::MulOp op, GradientBuilder &g) {
    Value grad = g.gradOf(op.getResult());
    auto addProduct = [&](Value operand, Value other) {
      if (g.isNeeded(operand))
        g.add(operand, reduceTo(operand, multiply(grad, g.read(other), g), g));
    };
    addProduct(op.getA(), op.getB());
    addProduct(op.getB(), op.getA());
  });
  addRule<onnx::DivOp>(table, differentiateDiv);
}
