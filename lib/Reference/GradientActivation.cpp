//===- GradientActivation.cpp - Gradients between convolutions ------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"
#include "PoolWindows.h"
#include "shift/Reference/GradientKernels.h"
#include "shift/Support/GroupNorm.h"

using namespace shift;
using namespace shift::reference;

Tensor shift::reference::realsOf(const Tensor &x,
                                 const std::optional<FixedPoint> &format) {
  return format ? dequantizeTensor(x, *format) : x;
}

Tensor shift::reference::maskGrad(const Tensor &grad, const Tensor &inside) {
  Tensor dx(DType::F32, grad.shape);
  for (int64_t i = 0; i < grad.size(); ++i)
    if (inside.data<bool>()[i])
      dx.data<float>()[i] = grad.data<float>()[i];
  return dx;
}

Tensor shift::reference::clipGrad(const Tensor &x, const Tensor &grad,
                                  std::optional<float> min,
                                  std::optional<float> max) {
  Tensor dx(DType::F32, x.shape);
  for (int64_t i = 0; i < x.size(); ++i) {
    const float value = x.data<float>()[i];
    const bool passes =
        (!min || value > *min) && (!max || value < *max) && value == value;
    dx.data<float>()[i] = passes ? grad.data<float>()[i] : 0.0f;
  }
  return dx;
}

Tensor shift::reference::maxPoolGrad(const Tensor &x, const Tensor &grad,
                                     const Windows &windows) {
  Tensor dx(DType::F32, x.shape);
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *in = x.data<T>();
    forEachWindow(x.shape, windows, grad.shape,
                  [&](int64_t plane, int64_t i, const Shape &,
                      const std::vector<int64_t> &offsets) {
                    if (offsets.empty())
                      return;
                    int64_t best = plane + offsets.front();
                    for (int64_t offset : offsets)
                      if (isLarger(in[plane + offset], in[best]))
                        best = plane + offset;
                    dx.data<float>()[best] += grad.data<float>()[i];
                  });
  });
  return dx;
}

Tensor shift::reference::averagePoolGrad(const Tensor &grad,
                                         const Windows &windows,
                                         bool countIncludePad,
                                         const Shape &shape) {
  Tensor dx(DType::F32, shape);
  forEachWindow(shape, windows, grad.shape,
                [&](int64_t plane, int64_t i, const Shape &position,
                    const std::vector<int64_t> &offsets) {
                  const int64_t count =
                      countWindow(shape, windows, position, countIncludePad);
                  for (int64_t offset : offsets)
                    dx.data<float>()[plane + offset] +=
                        grad.data<float>()[i] / static_cast<float>(count);
                });
  return dx;
}

Tensor shift::reference::resizeNearestGrad(const Tensor &grad,
                                           const Shape &rows,
                                           const Shape &columns,
                                           const Shape &shape) {
  Tensor dx(DType::F32, shape);
  const float *in = grad.data<float>();
  for (int64_t plane = 0; plane < shape[0] * shape[1]; ++plane)
    for (int64_t row : rows)
      for (int64_t column : columns)
        dx.data<float>()[(plane * shape[2] + row) * shape[3] + column] += *in++;
  return dx;
}

//===----------------------------------------------------------------------===//
// Group normalization
//===----------------------------------------------------------------------===//

/// The statistics of `planes` planes of `x`, of which `q` are the integers,
/// from element `first` on, in the unit of x's numbers. Returns an empty string
/// or what is wrong.
static std::string groupMoments(const Tensor &x, const std::vector<int64_t> &q,
                                const std::optional<FixedPoint> &format,
                                int64_t first, int64_t planes, int64_t plane,
                                Moments &moments) {
  if (format) {
    IntegerSums sums;
    std::string error = groupSums(q.data() + first, planes * plane, sums);
    moments = scaled(momentsOf(sums, planes * plane), format->fraction);
    return error;
  }
  FloatSums sums;
  for (int64_t i = 0; i < planes; ++i)
    addPlane(sums, floatPlaneSums(x.data<float>() + first + i * plane, plane));
  moments = momentsOf(sums, planes * plane);
  return {};
}

std::string shift::reference::groupNormGrad(
    const Tensor &x, const std::optional<FixedPoint> &format,
    const Tensor &scale, const Tensor &grad, float epsilon, int64_t groups,
    GroupNormGradients &gradients) {
  const Tensor reals = realsOf(x, format);
  const std::vector<int64_t> integers =
      format ? integersOf(x) : std::vector<int64_t>();
  const int64_t channels = x.shape[1];
  const int64_t plane = product(x.shape, 2, x.shape.size());
  const int64_t members = channels / groups;
  gradients.input = Tensor(DType::F32, x.shape);
  std::vector<double> scaleSums(channels, 0), biasSums(channels, 0);
  for (int64_t first = 0; first < x.shape[0] * channels; first += members) {
    Moments moments;
    std::string error = groupMoments(x, integers, format, first * plane,
                                     members, plane, moments);
    if (!error.empty())
      return error;
    NormGradGroup group(moments, epsilon, members * plane);
    for (int64_t i = first; i < first + members; ++i) {
      NormGradSums channel =
          group.addChannel(normGradSums(reals.data<float>() + i * plane,
                                        grad.data<float>() + i * plane, plane),
                           scale.data<float>()[i % channels]);
      biasSums[i % channels] += channel.grad;
      scaleSums[i % channels] += channel.product;
    }
    for (int64_t i = first; i < first + members; ++i) {
      const NormGradCoefficients k =
          group.coefficients(scale.data<float>()[i % channels]);
      for (int64_t e = i * plane; e < (i + 1) * plane; ++e) {
        const float scaledX = reals.data<float>()[e] * k.input;
        const float rest = scaledX + k.offset;
        const float scaledGrad = grad.data<float>()[e] * k.grad;
        gradients.input.data<float>()[e] = scaledGrad + rest;
      }
    }
  }
  auto rounded = [&](const std::vector<double> &values) {
    Tensor tensor(DType::F32, {channels});
    for (int64_t c = 0; c < channels; ++c)
      tensor.data<float>()[c] = static_cast<float>(values[c]);
    return tensor;
  };
  gradients.scale = rounded(scaleSums);
  gradients.bias = rounded(biasSums);
  return {};
}
