//===- GradientKernels.h - Plain-loop kernels of gradients ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The oracle of training: what each gradient op of the shift dialect computes,
// in the order that its description states. Fixed-point inputs come with their
// format. Callers have verified shapes and element types.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_GRADIENTKERNELS_H
#define SHIFT_REFERENCE_GRADIENTKERNELS_H

#include "shift/Reference/ShiftKernels.h"

namespace shift::reference {

/// The numbers of an activation: itself, or those of fixed-point integers.
Tensor realsOf(const Tensor &x, const std::optional<FixedPoint> &format);

/// GradientConvolution.cpp -------------------------------------------------

/// Weights as float factors: weight k has factors [k * perWeight, (k + 1) *
/// perWeight), 0 where a term is absent.
struct Factors {
  std::vector<float> values;
  int64_t perWeight = 1;
};

/// shift.conv2d_grad_input; `shape` is that of the convolution's input.
Tensor convGradInput(const Tensor &grad, const Factors &weights,
                     const Windows &windows, int64_t group, const Shape &shape);

/// shift.conv2d_grad_weight of float numbers; `shape` is that of the weights.
Tensor convGradWeight(const Tensor &x, const Tensor &grad,
                      const Windows &windows, int64_t group,
                      const Shape &shape);

Tensor convGradBias(const Tensor &grad);

/// GradientActivation.cpp --------------------------------------------------

Tensor maskGrad(const Tensor &grad, const Tensor &inside);

Tensor clipGrad(const Tensor &x, const Tensor &grad, std::optional<float> min,
                std::optional<float> max);

/// `x` or its integers, as in the forward pass.
Tensor maxPoolGrad(const Tensor &x, const Tensor &grad, const Windows &windows);

Tensor averagePoolGrad(const Tensor &grad, const Windows &windows,
                       bool countIncludePad, const Shape &shape);

Tensor resizeNearestGrad(const Tensor &grad, const Shape &rows,
                         const Shape &columns, const Shape &shape);

/// With respect to input, scale and bias.
struct GroupNormGradients {
  Tensor input, scale, bias;
};

/// `x` are integers where `format` is given. Returns an empty string, or a
/// message where a sum of squares exceeds 64 bits.
std::string groupNormGrad(const Tensor &x,
                          const std::optional<FixedPoint> &format,
                          const Tensor &scale, const Tensor &grad,
                          float epsilon, int64_t groups,
                          GroupNormGradients &gradients);

} // namespace shift::reference

#endif // SHIFT_REFERENCE_GRADIENTKERNELS_H
