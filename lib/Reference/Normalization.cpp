//===- Normalization.cpp - Batch and group normalization, softmax ---------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"
#include "shift/Support/FloatMath.h"
#include "shift/Support/GroupNorm.h"

#include <cmath>

using namespace shift::reference;

/// out = in * scale + offset, unfused.
static void affine(const float *in, float *out, int64_t count, float scale,
                   float offset) {
  for (int64_t i = 0; i < count; ++i) {
    float scaled = in[i] * scale;
    out[i] = scaled + offset;
  }
}

Tensor
shift::reference::batchNormalization(const Tensor &x, const Tensor &scale,
                                     const Tensor &bias, const Tensor &mean,
                                     const Tensor &variance, float epsilon) {
  Tensor y(DType::F32, x.shape);
  int64_t channels = x.shape[1], plane = product(x.shape, 2, x.shape.size());
  for (int64_t i = 0; i < x.shape[0] * channels; ++i) {
    int64_t c = i % channels;
    double deviation =
        std::sqrt(double(variance.data<float>()[c]) + double(epsilon));
    double k = double(scale.data<float>()[c]) / deviation;
    double shift = double(mean.data<float>()[c]) * k;
    double offset = double(bias.data<float>()[c]) - shift;
    affine(x.data<float>() + i * plane, y.data<float>() + i * plane, plane,
           static_cast<float>(k), static_cast<float>(offset));
  }
  return y;
}

Tensor shift::reference::groupNormalization(const Tensor &x,
                                            const Tensor &scale,
                                            const Tensor &bias, float epsilon,
                                            int64_t groups) {
  Tensor y(DType::F32, x.shape);
  int64_t channels = x.shape[1], plane = product(x.shape, 2, x.shape.size());
  int64_t members = channels / groups;
  for (int64_t first = 0; first < x.shape[0] * channels; first += members) {
    FloatSums sums;
    for (int64_t i = first; i < first + members; ++i)
      addPlane(sums, floatPlaneSums(x.data<float>() + i * plane, plane));
    Moments moments = momentsOf(sums, members * plane);
    for (int64_t i = first; i < first + members; ++i) {
      int64_t c = i % channels;
      NormCoefficients coefficients = normCoefficients(
          moments, 0, epsilon, scale.data<float>()[c], bias.data<float>()[c]);
      affine(x.data<float>() + i * plane, y.data<float>() + i * plane, plane,
             coefficients.scale, coefficients.offset);
    }
  }
  return y;
}

Tensor shift::reference::softmax(const Tensor &x, int64_t axis) {
  Tensor y(DType::F32, x.shape);
  int64_t count = x.shape[axis];
  int64_t inner = product(x.shape, axis + 1, x.shape.size());
  int64_t outer = product(x.shape, 0, axis);
  for (int64_t o = 0; o < outer && count > 0; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      int64_t first = o * count * inner + i;
      math::softmax(x.data<float>() + first, y.data<float>() + first, count,
                    inner);
    }
  return y;
}
