//===- ShiftGradientOps.cpp - Verifiers of gradient ops -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftOps.h"
#include "dialects/Shift/IR/ShiftVerify.h"

using namespace mlir;
using namespace mlir::shift;

LogicalResult Conv2DGradInputOp::verify() {
  // conv2d_grad_input_c1, conv2d_grad_input_c2, conv2d_grad_input_c3
  return verifyConvolution(*this, getResult(), getWeights(), getGrad(),
                           getStrides(), getDilations(), getPads(), getGroup());
}

LogicalResult Conv2DGradWeightOp::verify() {
  // conv2d_grad_weight_c1, conv2d_grad_weight_c2, conv2d_grad_weight_c3
  return verifyConvolution(*this, getInput(), getResult(), getGrad(),
                           getStrides(), getDilations(), getPads(), getGroup());
}

LogicalResult Conv2DGradBiasOp::verify() { // conv2d_grad_bias_c1
  ArrayRef<int64_t> grad = shapeOf(getGrad());
  if (grad.size() != 4 || shapeOf(getResult()) != grad.slice(1, 1))
    return emitOpError("expected a gradient of rank 4 and a result of its "
                       "channels, got ")
           << getGrad().getType() << " and " << getResult().getType();
  return success();
}

/// `inputs` is ... x K and `outputs` ... x M of the same leading dimensions,
/// `weights` M x K.
static LogicalResult verifyLinear(Operation *op, Value inputs, Value outputs,
                                  Value weights) {
  ArrayRef<int64_t> in = shapeOf(inputs), out = shapeOf(outputs);
  ArrayRef<int64_t> w = shapeOf(weights);
  if (w.size() != 2 || in.empty() || out.empty() || in.back() != w[1] ||
      out.back() != w[0] || in.drop_back() != out.drop_back())
    return op->emitOpError("expected ... x K inputs, ... x M outputs and M x K "
                           "weights, got ")
           << inputs.getType() << ", " << outputs.getType() << " and "
           << weights.getType();
  return success();
}

LogicalResult LinearGradInputOp::verify() { // linear_grad_input_c1
  return verifyLinear(*this, getResult(), getGrad(), getWeights());
}

LogicalResult LinearGradWeightOp::verify() { // linear_grad_weight_c1
  return verifyLinear(*this, getInput(), getGrad(), getResult());
}

LogicalResult LinearGradBiasOp::verify() { // linear_grad_bias_c1
  ArrayRef<int64_t> grad = shapeOf(getGrad());
  if (grad.empty() || shapeOf(getResult()) != grad.take_back())
    return emitOpError("expected a result of the gradient's last dimension, "
                       "got ")
           << getGrad().getType() << " and " << getResult().getType();
  return success();
}

LogicalResult MaskOp::verify() {
  if (failed(verifySameShape(*this, getGrad(), getInside())))
    return failure();                                    // mask_c1
  return verifySameShape(*this, getGrad(), getResult()); // mask_c1
}

LogicalResult ClipGradOp::verify() {
  if (failed(verifySameShape(*this, getInput(), getGrad())) ||
      failed(verifySameShape(*this, getInput(), getResult())))
    return failure();                            // clip_grad_c1
  return verifyClamp(*this, getMin(), getMax()); // clip_grad_c2
}

LogicalResult GroupNormGradOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput());
  if (in.size() < 2 || getNumGroups() < 1 ||
      in[1] % getNumGroups() != 0) // group_norm_grad_c1
    return emitOpError("expected num_groups that divide the channels, got ")
           << getNumGroups() << " and " << getInput().getType();
  for (Value parameter : {getScale(), getScaleGrad(), getBiasGrad()})
    if (shapeOf(parameter) != in.slice(1, 1)) // group_norm_grad_c2
      return emitOpError("expected parameters of ")
             << in[1] << " elements, got " << parameter.getType();
  if (failed(verifySameShape(*this, getInput(), getGrad())))
    return failure(); // group_norm_grad_c3
  return verifySameShape(*this, getInput(),
                         getInputGrad()); // group_norm_grad_c3
}

LogicalResult MaxPoolGradOp::verify() {
  Window2D window{getKernel(), getStrides(), getDilations(), getPads(),
                  getCeilMode() != 0};
  if (failed(verifyWindow(*this, getInput(), getGrad(), window)))
    return failure(); // max_pool_grad_c1, max_pool_grad_c2
  if (shapeOf(getInput())[1] != shapeOf(getGrad())[1])
    return emitOpError("expected equal channels");        // max_pool_grad_c2
  return verifySameShape(*this, getInput(), getResult()); // max_pool_grad_c3
}

LogicalResult AveragePoolGradOp::verify() {
  Window2D window{getKernel(), getStrides(), getDilations(), getPads(),
                  getCeilMode() != 0};
  if (failed(verifyWindow(*this, getResult(), getGrad(), window)))
    return failure(); // average_pool_grad_c1, average_pool_grad_c2
  if (shapeOf(getResult())[1] != shapeOf(getGrad())[1])
    return emitOpError("expected equal channels"); // average_pool_grad_c2
  return success();
}

LogicalResult ResizeNearestGradOp::verify() {
  // resize_nearest_grad_c1, resize_nearest_grad_c2
  return verifyResample(*this, getResult(), getGrad(), getRows(), getColumns());
}
