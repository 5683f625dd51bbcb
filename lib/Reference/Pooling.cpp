//===- Pooling.cpp - Maximum and average over windows ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "PoolWindows.h"
#include "shift/Support/GroupNorm.h"

#include <limits>

using namespace shift::reference;

template <typename T>
static T larger(T a, T b) {
  return isLarger(b, a) ? b : a;
}

template <typename T>
static constexpr T lowest() {
  if constexpr (std::is_floating_point_v<T>)
    return -std::numeric_limits<T>::infinity();
  else
    return std::numeric_limits<T>::lowest();
}

Tensor shift::reference::maxPool(const Tensor &x, const Windows &windows,
                                 const Shape &shape) {
  Tensor y(x.dtype, shape);
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *in = x.data<T>();
    T *out = y.data<T>();
    forEachWindow(x.shape, windows, shape,
                  [&](int64_t plane, int64_t i, const Shape &,
                      const std::vector<int64_t> &offsets) {
                    T acc = lowest<T>();
                    for (int64_t offset : offsets)
                      acc = larger(acc, in[plane + offset]);
                    out[i] = acc;
                  });
  });
  return y;
}

Tensor shift::reference::averagePool(const Tensor &x, const Windows &windows,
                                     bool countIncludePad, const Shape &shape) {
  Tensor y(DType::F32, shape);
  const float *in = x.data<float>();
  forEachWindow(x.shape, windows, shape,
                [&](int64_t plane, int64_t i, const Shape &position,
                    const std::vector<int64_t> &offsets) {
                  int64_t count =
                      countWindow(x.shape, windows, position, countIncludePad);
                  double sum = 0;
                  for (int64_t offset : offsets)
                    sum += static_cast<double>(in[plane + offset]);
                  y.data<float>()[i] =
                      static_cast<float>(sum / static_cast<double>(count));
                });
  return y;
}

static Shape globalShape(const Tensor &x) {
  Shape shape(x.rank(), 1);
  shape[0] = x.shape[0];
  shape[1] = x.shape[1];
  return shape;
}

Tensor shift::reference::globalAveragePool(const Tensor &x) {
  Tensor y(DType::F32, globalShape(x));
  int64_t plane = product(x.shape, 2, x.shape.size());
  for (int64_t i = 0; i < y.size(); ++i)
    y.data<float>()[i] = floatPlaneMean(x.data<float>() + i * plane, plane);
  return y;
}

Tensor shift::reference::globalMaxPool(const Tensor &x) {
  Tensor y(x.dtype, globalShape(x));
  int64_t plane = product(x.shape, 2, x.shape.size());
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < y.size(); ++i) {
      T acc = lowest<T>();
      for (int64_t k = 0; k < plane; ++k)
        acc = larger(acc, x.data<T>()[i * plane + k]);
      y.data<T>()[i] = acc;
    }
  });
  return y;
}
