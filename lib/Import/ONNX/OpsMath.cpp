//===- OpsMath.cpp - Import of elementwise and reducing ops ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "OpRegistry.h"

using mlir::NamedAttribute;
using mlir::Value;

namespace shift::import {

template <typename Op>
static void unary(NodeImporter &n) {
  Value x = n.input(0);
  n.result(n.make<Op>(x, {}, shapeOf(x), elementOf(x)));
}

template <typename Op>
static void unaryAlpha(NodeImporter &n, float alpha) {
  Value x = n.input(0);
  n.result(n.make<Op>(x, {n.number("alpha", n.floatAttr("alpha", alpha))},
                      shapeOf(x), elementOf(x)));
}

static void importLeakyRelu(NodeImporter &n) {
  unaryAlpha<dialect::LeakyReluOp>(n, 0.01f);
}

static void importElu(NodeImporter &n) { unaryAlpha<dialect::EluOp>(n, 1.0f); }

static void importHardSigmoid(NodeImporter &n) {
  Value x = n.input(0);
  n.result(n.make<dialect::HardSigmoidOp>(
      x,
      {n.number("alpha", n.floatAttr("alpha", 0.2f)),
       n.number("beta", n.floatAttr("beta", 0.5f))},
      shapeOf(x), elementOf(x)));
}

/// Bounds are attributes before opset 11, inputs since.
static void importClip(NodeImporter &n) {
  Value x = n.input(0);
  llvm::SmallVector<NamedAttribute> attrs;
  if (n.opset >= 11) {
    if (auto bound = n.constantScalar(1, "min"))
      attrs.push_back(n.builder.getNamedAttr("min", bound));
    if (auto bound = n.constantScalar(2, "max"))
      attrs.push_back(n.builder.getNamedAttr("max", bound));
  } else {
    if (n.hasAttr("min"))
      attrs.push_back(n.number("min", n.floatAttr("min", 0)));
    if (n.hasAttr("max"))
      attrs.push_back(n.number("max", n.floatAttr("max", 0)));
  }
  n.result(n.make<dialect::ClipOp>(x, attrs, shapeOf(x), elementOf(x)));
}

/// Before opset 13 Softmax runs over all dimensions from `axis` on together.
static void importSoftmax(NodeImporter &n) {
  Value x = n.input(0);
  int64_t rank = rankOf(x);
  bool isFlattening = n.opset < 13;
  int64_t axis = n.axisOf(n.intAttr("axis", isFlattening ? 1 : -1), rank);
  if (n.failed())
    return;
  Ints shape(shapeOf(x));
  if (!isFlattening || axis == rank - 1) {
    n.result(n.make<dialect::SoftmaxOp>(x, {n.integer("axis", axis)}, shape,
                                        elementOf(x)));
    return;
  }
  int64_t outer = 1, inner = 1;
  for (int64_t i = 0; i < rank; ++i)
    (i < axis ? outer : inner) *= shape[i];
  Value flat = n.make<dialect::ReshapeOp>(x, {}, {outer, inner}, elementOf(x));
  if (!flat)
    return;
  Value soft = n.make<dialect::SoftmaxOp>(flat, {n.integer("axis", 1)},
                                          {outer, inner}, elementOf(x));
  if (soft)
    n.result(n.make<dialect::ReshapeOp>(soft, {}, shape, elementOf(x)));
}

template <typename Op>
static void binary(NodeImporter &n) {
  n.result(n.infer<Op>({n.input(0), n.input(1)}));
}

template <typename Op>
static void variadic(NodeImporter &n) {
  n.result(n.infer<Op>(n.allInputs()));
}

/// Sum of any number of tensors, left to right.
static void importSum(NodeImporter &n) {
  Value sum = n.input(0);
  for (Value next : n.allInputs().drop_front())
    if (sum)
      sum = n.infer<dialect::AddOp>({sum, next});
  n.result(sum);
}

/// Axes are an attribute, and from opset `inputSince` on an input.
template <typename Op>
static void importReduce(NodeImporter &n, int64_t inputSince) {
  Value data = n.input(0);
  int64_t rank = rankOf(data);
  Ints axes;
  if (n.opset < inputSince)
    axes = n.intsAttr("axes");
  else if (n.has(1))
    axes = n.constantInts(1, "axes");
  bool keepsData =
      n.opset >= inputSince && n.intAttr("noop_with_empty_axes", 0) != 0;
  if (axes.empty() && !keepsData)
    for (int64_t i = 0; i < rank; ++i)
      axes.push_back(i);
  axes = n.axesOf(std::move(axes), rank);
  int64_t keepdims = n.intAttr("keepdims", 1) != 0;
  n.result(n.infer<Op>(
      data, {n.ints("axes", axes), n.integer("keepdims", keepdims)}));
}

static void importReduceMean(NodeImporter &n) {
  importReduce<dialect::ReduceMeanOp>(n, 18);
}

static void importReduceSum(NodeImporter &n) {
  importReduce<dialect::ReduceSumOp>(n, 13);
}

llvm::ArrayRef<OpEntry> mathOps() {
  constexpr Folding never = Folding::Never, folds = Folding::Constants;
  static const OpEntry table[] = {
      {"Abs", 7, 27, 1, 1, 0, folds, unary<dialect::AbsOp>, ""},
      {"Add", 7, 27, 2, 2, 0, folds, binary<dialect::AddOp>, ""},
      {"Clip", 7, 27, 1, 3, 0, never, importClip, "min and max are constants"},
      {"Div", 7, 27, 2, 2, 0, folds, binary<dialect::DivOp>, ""},
      {"Elu", 7, 27, 1, 1, 1, never, importElu, ""},
      {"Exp", 7, 27, 1, 1, 1, never, unary<dialect::ExpOp>, ""},
      {"HardSigmoid", 7, 27, 1, 1, 1, never, importHardSigmoid, ""},
      {"HardSwish", 14, 27, 1, 1, 1, never, unary<dialect::HardSwishOp>, ""},
      {"LeakyRelu", 7, 27, 1, 1, 1, never, importLeakyRelu, ""},
      {"Log", 7, 27, 1, 1, 1, never, unary<dialect::LogOp>, ""},
      {"Max", 7, 27, 1, -1, 0, folds, variadic<dialect::MaxOp>, ""},
      {"Min", 7, 27, 1, -1, 0, folds, variadic<dialect::MinOp>, ""},
      {"Mul", 7, 27, 2, 2, 0, folds, binary<dialect::MulOp>, ""},
      {"Neg", 7, 27, 1, 1, 0, folds, unary<dialect::NegOp>, ""},
      {"PRelu", 7, 27, 2, 2, 0, never, binary<dialect::PReluOp>, ""},
      {"Pow", 7, 27, 2, 2, 0, folds, binary<dialect::PowOp>, ""},
      {"Reciprocal", 7, 27, 1, 1, 1, never, unary<dialect::ReciprocalOp>, ""},
      {"ReduceMean", 7, 27, 1, 2, 0, never, importReduceMean,
       "axes are constants"},
      {"ReduceSum", 7, 27, 1, 2, 0, folds, importReduceSum,
       "axes are constants"},
      {"Relu", 7, 27, 1, 1, 0, never, unary<dialect::ReluOp>, ""},
      {"Sigmoid", 7, 27, 1, 1, 1, never, unary<dialect::SigmoidOp>, ""},
      {"Softmax", 7, 27, 1, 1, 1, never, importSoftmax, ""},
      {"Sqrt", 7, 27, 1, 1, 1, never, unary<dialect::SqrtOp>, ""},
      {"Sub", 7, 27, 2, 2, 0, folds, binary<dialect::SubOp>, ""},
      {"Sum", 8, 27, 1, -1, 0, folds, importSum, "becomes a chain of Add"},
      {"Tanh", 7, 27, 1, 1, 1, never, unary<dialect::TanhOp>, ""},
  };
  return table;
}

} // namespace shift::import
