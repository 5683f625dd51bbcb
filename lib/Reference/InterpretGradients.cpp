//===- InterpretGradients.cpp - Gradient ops of the shift dialect ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "InterpretShift.h"
#include "dialects/Shift/IR/ShiftWeights.h"
#include "shift/Reference/GradientKernels.h"

#include <algorithm>

using namespace shift::reference;
namespace dialect = mlir::shift;

/// The factors of weights that are float32 or sums of powers of two.
static Factors factorsOf(mlir::Value weights, const Tensor &tensor) {
  if (tensor.dtype == DType::F32)
    return {{tensor.data<float>(), tensor.data<float>() + tensor.size()}, 1};
  ShiftWeights terms = weightsOf(weights, tensor);
  Factors factors{std::vector<float>(terms.terms.size()), terms.perWeight};
  std::transform(terms.terms.begin(), terms.terms.end(), factors.values.begin(),
                 shift::termValue);
  return factors;
}

static Tensor realInput(mlir::Value input, const Tensor &tensor) {
  return realsOf(tensor, dialect::getFixedPoint(input.getType()));
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

static std::string runGradInput(dialect::Conv2DGradInputOp op, Inputs in,
                                Results &results) {
  results.push_back(
      convGradInput(*in[0], factorsOf(op.getWeights(), *in[1]),
                    convolutionWindows(op, dimsOf(op.getWeights())),
                    op.getGroup(), dimsOf(op)));
  return {};
}

static std::string runGradWeight(dialect::Conv2DGradWeightOp op, Inputs in,
                                 Results &results) {
  results.push_back(convGradWeight(realInput(op.getInput(), *in[0]), *in[1],
                                   convolutionWindows(op, dimsOf(op)),
                                   op.getGroup(), dimsOf(op)));
  return {};
}

static std::string runGradBias(dialect::Conv2DGradBiasOp, Inputs in,
                               Results &results) {
  results.push_back(convGradBias(*in[0]));
  return {};
}

//===----------------------------------------------------------------------===//
// Linear, as convolutions of images of one pixel
//===----------------------------------------------------------------------===//

static const Windows onePixel = {{1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}};

/// ... x K as K channels of as many images.
static Tensor asPixels(const Tensor &x) {
  const int64_t rows = product(x.shape, 0, x.shape.size() - 1);
  return reshape(x, {rows, x.shape.back(), 1, 1});
}

static std::string runLinearGradInput(dialect::LinearGradInputOp op, Inputs in,
                                      Results &results) {
  Tensor grad = asPixels(*in[0]);
  Shape shape = {grad.shape[0], dimsOf(op).back(), 1, 1};
  results.push_back(
      reshape(convGradInput(grad, factorsOf(op.getWeights(), *in[1]), onePixel,
                            1, shape),
              dimsOf(op)));
  return {};
}

static std::string runLinearGradWeight(dialect::LinearGradWeightOp op,
                                       Inputs in, Results &results) {
  Shape shape = dimsOf(op);
  results.push_back(reshape(
      convGradWeight(asPixels(realInput(op.getInput(), *in[0])),
                     asPixels(*in[1]), onePixel, 1, {shape[0], shape[1], 1, 1}),
      shape));
  return {};
}

static std::string runLinearGradBias(dialect::LinearGradBiasOp, Inputs in,
                                     Results &results) {
  results.push_back(convGradBias(asPixels(*in[0])));
  return {};
}

//===----------------------------------------------------------------------===//
// Activations, pools, resampling
//===----------------------------------------------------------------------===//

static std::optional<float> boundOf(const std::optional<llvm::APFloat> &value) {
  return value ? std::optional(value->convertToFloat()) : std::nullopt;
}

static std::string runMask(dialect::MaskOp, Inputs in, Results &results) {
  results.push_back(maskGrad(*in[0], *in[1]));
  return {};
}

static std::string runClipGrad(dialect::ClipGradOp op, Inputs in,
                               Results &results) {
  results.push_back(
      clipGrad(*in[0], *in[1], boundOf(op.getMin()), boundOf(op.getMax())));
  return {};
}

static std::string runGroupNormGrad(dialect::GroupNormGradOp op, Inputs in,
                                    Results &results) {
  GroupNormGradients gradients;
  std::string error = groupNormGrad(
      *in[0], dialect::getFixedPoint(op.getInput().getType()), *in[1], *in[2],
      op.getEpsilon().convertToFloat(), op.getNumGroups(), gradients);
  results.push_back(std::move(gradients.input));
  results.push_back(std::move(gradients.scale));
  results.push_back(std::move(gradients.bias));
  return error;
}

static std::string runMaxPoolGrad(dialect::MaxPoolGradOp op, Inputs in,
                                  Results &results) {
  results.push_back(maxPoolGrad(*in[0], *in[1], poolWindows(op)));
  return {};
}

static std::string runAveragePoolGrad(dialect::AveragePoolGradOp op, Inputs in,
                                      Results &results) {
  results.push_back(averagePoolGrad(*in[0], poolWindows(op),
                                    op.getCountIncludePad() != 0, dimsOf(op)));
  return {};
}

static std::string runResizeGrad(dialect::ResizeNearestGradOp op, Inputs in,
                                 Results &results) {
  results.push_back(resizeNearestGrad(*in[0], toShape(op.getRows()),
                                      toShape(op.getColumns()), dimsOf(op)));
  return {};
}

void shift::reference::addGradientEvaluators(EvaluatorTable &table) {
  addEvaluator<dialect::Conv2DGradInputOp>(table, runGradInput);
  addEvaluator<dialect::Conv2DGradWeightOp>(table, runGradWeight);
  addEvaluator<dialect::Conv2DGradBiasOp>(table, runGradBias);
  addEvaluator<dialect::LinearGradInputOp>(table, runLinearGradInput);
  addEvaluator<dialect::LinearGradWeightOp>(table, runLinearGradWeight);
  addEvaluator<dialect::LinearGradBiasOp>(table, runLinearGradBias);
  addEvaluator<dialect::MaskOp>(table, runMask);
  addEvaluator<dialect::ClipGradOp>(table, runClipGrad);
  addEvaluator<dialect::GroupNormGradOp>(table, runGroupNormGrad);
  addEvaluator<dialect::MaxPoolGradOp>(table, runMaxPoolGrad);
  addEvaluator<dialect::AveragePoolGradOp>(table, runAveragePoolGrad);
  addEvaluator<dialect::ResizeNearestGradOp>(table, runResizeGrad);
}
