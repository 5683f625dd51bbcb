//===- ShiftActivation.cpp - Ops on fixed-point tensors -------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "PoolWindows.h"
#include "shift/Reference/ShiftKernels.h"
#include "shift/Support/GroupNorm.h"

#include <algorithm>

using namespace shift;
using namespace shift::reference;

int64_t Clamp::apply(int64_t q, const FixedPoint &format) const {
  if (min)
    q = std::max<int64_t>(q, toFixed(*min, format));
  if (max)
    q = std::min<int64_t>(q, toFixed(*max, format));
  return q;
}

std::vector<int64_t> shift::reference::integersOf(const Tensor &x) {
  std::vector<int64_t> values(x.size());
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::copy_n(x.data<T>(), x.size(), values.begin());
  });
  return values;
}

Tensor shift::reference::tensorOfIntegers(const std::vector<int64_t> &values,
                                          DType dtype, const Shape &shape) {
  Tensor tensor(dtype, shape);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::transform(values.begin(), values.end(), tensor.data<T>(),
                   [](int64_t value) { return static_cast<T>(value); });
  });
  return tensor;
}

/// Integers rounded, saturated and clamped; `shift` is from their fraction to
/// that of `out`.
static void requantizeAll(const std::vector<int128> &sums, int shift,
                          const FixedPoint &out, const Clamp &clamp,
                          std::vector<int64_t> &values, Tensor *inside) {
  const PassInterval interval =
      passInterval(out, std::max(shift, 0), clamp.min, clamp.max);
  values.resize(sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    values[i] = clamp.apply(requantize(sums[i], shift, out), out);
    if (inside)
      inside->data<bool>()[i] =
          interval.contains(sumBeforeRounding(sums[i], 0, shift));
  }
}

Tensor shift::reference::quantizeTensor(const Tensor &x, const FixedPoint &out,
                                        DType dtype, Tensor *inside) {
  if (inside)
    *inside = Tensor(DType::Bool, x.shape);
  for (int64_t i = 0; inside && i < x.size(); ++i)
    inside->data<bool>()[i] =
        passesGradient(x.data<float>()[i], out, std::nullopt, std::nullopt);
  std::vector<int64_t> values(x.size());
  for (int64_t i = 0; i < x.size(); ++i)
    values[i] = toFixed(x.data<float>()[i], out);
  return tensorOfIntegers(values, dtype, x.shape);
}

Tensor shift::reference::dequantizeTensor(const Tensor &x,
                                          const FixedPoint &in) {
  Tensor y(DType::F32, x.shape);
  std::vector<int64_t> values = integersOf(x);
  for (int64_t i = 0; i < x.size(); ++i)
    y.data<float>()[i] = toFloat(values[i], in);
  return y;
}

Tensor shift::reference::requantizeTensor(const Tensor &x, const FixedPoint &in,
                                          const FixedPoint &out,
                                          const Clamp &clamp, DType dtype,
                                          Tensor *inside) {
  if (inside)
    *inside = Tensor(DType::Bool, x.shape);
  std::vector<int64_t> values = integersOf(x);
  requantizeAll({values.begin(), values.end()}, in.fraction - out.fraction, out,
                clamp, values, inside);
  return tensorOfIntegers(values, dtype, x.shape);
}

Tensor shift::reference::addTensors(const Tensor &a, const FixedPoint &aFormat,
                                    const Tensor &b, const FixedPoint &bFormat,
                                    const FixedPoint &out, const Clamp &clamp,
                                    DType dtype, Tensor *inside) {
  if (inside)
    *inside = Tensor(DType::Bool, a.shape);
  std::vector<int64_t> left = integersOf(a), right = integersOf(b);
  int fraction = std::max(aFormat.fraction, bFormat.fraction);
  // At most 63 bits of shift on 32-bit integers.
  int128 leftUnit = int128{1} << (fraction - aFormat.fraction);
  int128 rightUnit = int128{1} << (fraction - bFormat.fraction);
  std::vector<int128> sums(left.size());
  for (size_t i = 0; i < left.size(); ++i)
    sums[i] = left[i] * leftUnit + right[i] * rightUnit;
  requantizeAll(sums, fraction - out.fraction, out, clamp, left, inside);
  return tensorOfIntegers(left, dtype, a.shape);
}

Tensor shift::reference::averagePoolFixed(const Tensor &x, const FixedPoint &in,
                                          const Windows &windows,
                                          bool countIncludePad,
                                          const FixedPoint &out, DType dtype,
                                          const Shape &shape) {
  std::vector<int64_t> q = integersOf(x), results(product(shape));
  Shape input(x.shape.begin() + 2, x.shape.end());
  Odometer output(shape);
  for (int64_t &result : results) {
    Shape position((*output).begin() + 2, (*output).end());
    int64_t plane = ((*output)[0] * x.shape[1] + (*output)[1]) * product(input);
    int64_t sum = 0;
    int64_t count = countWindow(x.shape, windows, position, countIncludePad);
    Odometer tap(windows.kernel);
    do {
      int64_t offset = tapOffset(windows, input, position, *tap);
      sum += offset < 0 ? 0 : q[plane + offset];
    } while (tap.next());
    // A window in the padding alone has the sum 0 and may have no count.
    result = averagePool(sum, std::max<int64_t>(count, 1), in.fraction, out);
    output.next();
  }
  return tensorOfIntegers(results, dtype, shape);
}

Tensor shift::reference::resizeNearest(const Tensor &x, const Shape &rows,
                                       const Shape &columns) {
  std::vector<int64_t> q = integersOf(x), values;
  for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
    for (int64_t row : rows)
      for (int64_t column : columns)
        values.push_back(q[(plane * x.shape[2] + row) * x.shape[3] + column]);
  return tensorOfIntegers(
      values, x.dtype,
      {x.shape[0], x.shape[1], int64_t(rows.size()), int64_t(columns.size())});
}

std::string shift::reference::groupSums(const int64_t *q, int64_t count,
                                        IntegerSums &sums) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t square;
    if (__builtin_mul_overflow(q[i], q[i], &square) ||
        __builtin_add_overflow(sums.squares, square, &sums.squares))
      return "expected a sum of squares below 2^63, got an overflow";
    sums.sum += q[i];
  }
  return {};
}

std::string shift::reference::groupNormFixed(
    const Tensor &x, const FixedPoint &in, const Tensor &scale,
    const Tensor &bias, float epsilon, int64_t groups, const Clamp &clamp,
    const std::optional<FixedPoint> &out, DType dtype, Tensor &result,
    Tensor *inside) {
  if (inside)
    *inside = Tensor(DType::Bool, x.shape);
  Tensor y(DType::F32, x.shape);
  std::vector<int64_t> q = integersOf(x);
  int64_t channels = x.shape[1], plane = product(x.shape, 2, x.shape.size());
  int64_t members = channels / groups;
  for (int64_t first = 0; first < x.shape[0] * channels; first += members) {
    IntegerSums sums;
    std::string error =
        groupSums(q.data() + first * plane, members * plane, sums);
    if (!error.empty())
      return error;
    Moments moments = momentsOf(sums, members * plane);
    for (int64_t i = first; i < first + members; ++i) {
      int64_t c = i % channels;
      NormCoefficients k =
          normCoefficients(moments, in.fraction, epsilon,
                           scale.data<float>()[c], bias.data<float>()[c]);
      for (int64_t e = i * plane; e < (i + 1) * plane; ++e) {
        float scaled = toFloat(q[e], in) * k.scale;
        float value = scaled + k.offset;
        if (inside)
          inside->data<bool>()[e] =
              passesGradient(value, *out, clamp.min, clamp.max);
        y.data<float>()[e] = clamp.apply(value);
      }
    }
  }
  result = out ? quantizeTensor(y, *out, dtype) : std::move(y);
  return {};
}
