//===- Quantization.cpp - QuantizeLinear and DequantizeLinear -------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"

#include <cmath>
#include <limits>

using namespace shift::reference;

/// Which scale belongs to element i: all have one, or one a slice of an axis.
namespace {
struct ScaleIndex {
  int64_t inner = 1, count = 1;

  ScaleIndex(const Shape &shape, const Tensor &scale, int64_t axis) {
    count = scale.size();
    if (count != 1)
      inner = product(shape, axis + 1, shape.size());
  }
  int64_t operator()(int64_t i) const { return i / inner % count; }
};
} // namespace

/// `value`, below 2^62 in magnitude or not finite, rounded half to even.
static double roundHalfEven(double value) {
  double whole = std::floor(value), rest = value - whole;
  if (rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2.0) != 0))
    return whole + 1;
  return whole;
}

Tensor shift::reference::quantizeLinear(const Tensor &x, const Tensor &scale,
                                        const Tensor *zeroPoint, int64_t axis,
                                        DType dtype) {
  Tensor y(dtype, x.shape), zeros(DType::F64, scale.shape);
  if (zeroPoint)
    zeros = cast(*zeroPoint, DType::F64);
  ScaleIndex scaleOf(x.shape, scale, axis);
  Tensor values = cast(x, DType::F32);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t s = scaleOf(i);
    float quotient = values.data<float>()[i] / scale.data<float>()[s];
    double zero = zeros.data<double>()[s];
    // The sum is exact wherever it does not saturate.
    double rounded = quotient != quotient
                         ? zero
                         : roundHalfEven(static_cast<double>(quotient)) + zero;
    dispatch(dtype, [&](auto tag) {
      using T = decltype(tag);
      double low = static_cast<double>(std::numeric_limits<T>::lowest());
      double high = static_cast<double>(std::numeric_limits<T>::max());
      y.data<T>()[i] = rounded >= high  ? std::numeric_limits<T>::max()
                       : rounded <= low ? std::numeric_limits<T>::lowest()
                                        : static_cast<T>(rounded);
    });
  }
  return y;
}

Tensor shift::reference::dequantizeLinear(const Tensor &x, const Tensor &scale,
                                          const Tensor *zeroPoint,
                                          int64_t axis) {
  Tensor y(DType::F32, x.shape), zeros(DType::I64, scale.shape);
  if (zeroPoint)
    zeros = cast(*zeroPoint, DType::I64);
  ScaleIndex scaleOf(x.shape, scale, axis);
  Tensor wide = cast(x, DType::I64);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t s = scaleOf(i);
    int64_t difference = wide.data<int64_t>()[i] - zeros.data<int64_t>()[s];
    y.data<float>()[i] =
        static_cast<float>(difference) * scale.data<float>()[s];
  }
  return y;
}
