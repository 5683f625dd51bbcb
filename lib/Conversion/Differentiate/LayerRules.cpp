//===- LayerRules.cpp - Gradients of layers with parameters ---------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Rules.h"

using namespace mlir;
using namespace mlir::shift;
using namespace mlir::shift::differentiate;

/// The gradient before a clamp that the op has fused. A result lies strictly
/// between the bounds exactly where what was clamped does.
template <typename Op>
static Value unclamped(Op op, GradientBuilder &g) {
  Value result = op.getResult();
  if (getFixedPoint(result.getType()))
    return g.passRounding(op);
  Value grad = g.gradOf(result);
  if (!op.getClampMin() && !op.getClampMax())
    return grad;
  return g.make<ClipGradOp>(grad.getType(), g.read(result), grad,
                            op.getClampMinAttr(), op.getClampMaxAttr(),
                            StringAttr());
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

namespace {
struct ConvOperands {
  Value input, weights, bias;
  DenseI64ArrayAttr dilations, pads, strides;
  IntegerAttr group;
};
} // namespace

static void addConvolution(const ConvOperands &conv, Value grad,
                           GradientBuilder &g) {
  if (g.isNeeded(conv.input))
    g.add(conv.input, g.make<Conv2DGradInputOp>(
                          g.floatLike(conv.input), grad, g.read(conv.weights),
                          conv.dilations, conv.group, conv.pads, conv.strides,
                          StringAttr()));
  if (g.isNeeded(conv.weights))
    g.add(conv.weights, g.make<Conv2DGradWeightOp>(
                            g.floatLike(conv.weights), g.read(conv.input), grad,
                            conv.dilations, conv.group, conv.pads, conv.strides,
                            StringAttr()));
  if (conv.bias && g.isNeeded(conv.bias))
    g.add(conv.bias,
          g.make<Conv2DGradBiasOp>(g.floatLike(conv.bias), grad, StringAttr()));
}

static void differentiateConv2D(Conv2DOp op, GradientBuilder &g) {
  addConvolution({op.getInput(), op.getWeights(), op.getBias(),
                  op.getDilationsAttr(), op.getPadsAttr(), op.getStridesAttr(),
                  op.getGroupAttr()},
                 unclamped(op, g), g);
}

static LogicalResult differentiateConv(onnx::ConvOp op, GradientBuilder &g) {
  if (onnx::shapeOf(op.getX()).size() != 4)
    return op.emitError("differentiate: expected a convolution of images, got ")
           << op.getX().getType();
  addConvolution({op.getX(), op.getW(), op.getB(), op.getDilationsAttr(),
                  op.getPadsAttr(), op.getStridesAttr(), op.getGroupAttr()},
                 g.gradOf(op.getResult()), g);
  return success();
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

static Value transpose(Value matrix, GradientBuilder &g) {
  ArrayRef<int64_t> shape = onnx::shapeOf(matrix);
  auto type = RankedTensorType::get({shape[1], shape[0]},
                                    getElementTypeOrSelf(matrix.getType()));
  return g.make<onnx::TransposeOp>(
      type, matrix, g.b.getDenseI64ArrayAttr({1, 0}), StringAttr());
}

/// y = x w' of weights M x K, or x w of K x M.
static void addLinear(Value input, Value weights, bool isTransposed, Value bias,
                      Value grad, GradientBuilder &g) {
  if (g.isNeeded(input)) {
    Value w = g.read(weights);
    g.add(input, g.make<LinearGradInputOp>(g.floatLike(input), grad,
                                           isTransposed ? transpose(w, g) : w,
                                           StringAttr()));
  }
  if (g.isNeeded(weights)) {
    ArrayRef<int64_t> shape = onnx::shapeOf(weights);
    auto type = RankedTensorType::get(
        isTransposed ? ArrayRef<int64_t>{shape[1], shape[0]} : shape,
        g.b.getF32Type());
    Value dw =
        g.make<LinearGradWeightOp>(type, g.read(input), grad, StringAttr());
    g.add(weights, isTransposed ? transpose(dw, g) : dw);
  }
  if (bias && g.isNeeded(bias))
    g.add(bias,
          g.make<LinearGradBiasOp>(g.floatLike(bias), grad, StringAttr()));
}

static void differentiateLinear(LinearOp op, GradientBuilder &g) {
  addLinear(op.getInput(), op.getWeights(), /*isTransposed=*/false,
            op.getBias(), unclamped(op, g), g);
}

static LogicalResult differentiateGemm(onnx::GemmOp op, GradientBuilder &g) {
  Value bias = op.getC();
  const int64_t outputs = onnx::shapeOf(op.getResult())[1];
  bool isLinear = op.getTransA() == 0 && op.getAlpha().isExactlyValue(1) &&
                  op.getBeta().isExactlyValue(1) &&
                  (!bias || onnx::shapeOf(bias) == ArrayRef<int64_t>{outputs});
  if (!isLinear)
    return op.emitError("differentiate: expected a Gemm of rows with weights "
                        "and a bias a column, without factors");
  addLinear(op.getA(), op.getB(), op.getTransB() == 0, bias,
            g.gradOf(op.getResult()), g);
  return success();
}

static LogicalResult differentiateMatMul(onnx::MatMulOp op,
                                         GradientBuilder &g) {
  if (onnx::shapeOf(op.getB()).size() != 2 ||
      onnx::shapeOf(op.getA()).size() < 2)
    return op.emitError("differentiate: expected a product with a matrix of "
                        "weights, got ")
           << op.getA().getType() << " and " << op.getB().getType();
  addLinear(op.getA(), op.getB(), /*isTransposed=*/true, Value(),
            g.gradOf(op.getResult()), g);
  return success();
}

//===----------------------------------------------------------------------===//
// Normalization
//===----------------------------------------------------------------------===//

static void addNorm(Value input, Value scale, Value bias, FloatAttr epsilon,
                    int64_t groups, Value grad, GradientBuilder &g) {
  auto op = GroupNormGradOp::create(
      g.b, g.loc, g.floatLike(input), g.floatLike(scale), g.floatLike(bias),
      g.read(input), g.read(scale), grad, epsilon,
      g.b.getI64IntegerAttr(groups), StringAttr());
  g.add(input, op.getInputGrad());
  g.add(scale, op.getScaleGrad());
  g.add(bias, op.getBiasGrad());
}

void mlir::shift::differentiate::addLayerRules(RuleTable &table) {
  addRule<Conv2DOp>(table, differentiateConv2D);
  addRule<onnx::ConvOp>(table, differentiateConv);
  addRule<LinearOp>(table, differentiateLinear);
  addRule<onnx::GemmOp>(table, differentiateGemm);
  addRule<onnx::MatMulOp>(table, differentiateMatMul);
  addRule<GroupNormOp>(table, [](GroupNormOp op, GradientBuilder &g) {
    addNorm(op.getInput(), op.getScale(), op.getBias(), op.getEpsilonAttr(),
            op.getNumGroups(), unclamped(op, g), g);
  });
  addRule<onnx::GroupNormalizationOp>(
      table, [](onnx::GroupNormalizationOp op, GradientBuilder &g) {
        addNorm(op.getX(), op.getScale(), op.getBias(), op.getEpsilonAttr(),
                op.getNumGroups(), g.gradOf(op.getResult()), g);
      });
  addRule<onnx::InstanceNormalizationOp>(
      table, [](onnx::InstanceNormalizationOp op, GradientBuilder &g) {
        addNorm(op.getX(), op.getScale(), op.getB(), op.getEpsilonAttr(),
                onnx::shapeOf(op.getX())[1], g.gradOf(op.getResult()), g);
      });
}
