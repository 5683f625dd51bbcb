//===- Pooling.cpp - Maximum and average over windows ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"
#include "shift/Support/GroupNorm.h"

#include <limits>

using namespace shift::reference;

/// Calls visit(image and channel, output offset, output index, the offsets of
/// the taps inside the image in row order) for every output of a pool.
template <typename Function>
static void forEachWindow(const Shape &x, const Windows &windows,
                          const Shape &shape, Function &&visit) {
  Shape input(x.begin() + 2, x.end());
  Shape output(shape.begin() + 2, shape.end());
  int64_t plane = product(output), inputPlane = product(input);
  int64_t taps = product(windows.kernel);
  Odometer position(output);
  for (int64_t i = 0; i < plane; ++i, position.next()) {
    std::vector<int64_t> offsets;
    Odometer tap(windows.kernel);
    for (int64_t k = 0; k < taps; ++k, tap.next()) {
      int64_t offset = tapOffset(windows, input, *position, *tap);
      if (offset >= 0)
        offsets.push_back(offset);
    }
    for (int64_t c = 0; c < shape[0] * shape[1]; ++c)
      visit(c * inputPlane, c * plane + i, *position, offsets);
  }
}

/// The larger of two, NaN before anything, the first of equals.
template <typename T>
static T larger(T a, T b) {
  return b > a || b != b ? b : a;
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
                  int64_t count = 1;
                  for (size_t d = 0; d < position.size(); ++d)
                    count *=
                        averagePoolCount(position[d], x.shape[d + 2],
                                         windowOf(windows, d), countIncludePad);
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
