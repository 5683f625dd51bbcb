//===- Resize.cpp - Resampling by tables ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"

#include <cstring>

using namespace shift::reference;

/// Resamples one axis; elements move or, where an output has several taps, are
/// summed as float32.
static Tensor resizeAxis(const Tensor &x, size_t axis,
                         const shift::ResizeTable &table, bool isNearest) {
  Shape shape = x.shape;
  shape[axis] = table.size();
  Tensor y(x.dtype, shape);
  int64_t outer = product(shape, 0, axis);
  int64_t inner = product(shape, axis + 1, shape.size());
  int64_t bytes = elementBytes(x.dtype), input = x.shape[axis];
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < table.size(); ++i) {
      int64_t to = (o * table.size() + i) * inner;
      for (int64_t k = table.begins[i]; k < table.begins[i + 1]; ++k) {
        int64_t from = (o * input + table.indices[k]) * inner;
        if (isNearest) {
          std::memcpy(y.bytes.data() + to * bytes,
                      x.bytes.data() + from * bytes, inner * bytes);
          continue;
        }
        for (int64_t e = 0; e < inner; ++e) {
          float term = table.weights[k] * x.data<float>()[from + e];
          y.data<float>()[to + e] = y.data<float>()[to + e] + term;
        }
      }
    }
  return y;
}

Tensor shift::reference::resize(const Tensor &x,
                                const std::vector<ResizeTable> &tables,
                                bool isNearest, float extrapolation) {
  Tensor y = x;
  bool hasOutside = false;
  for (size_t axis = tables.size(); axis-- > 0;) {
    for (uint8_t isOutside : tables[axis].isOutside)
      hasOutside |= isOutside;
    if (!tables[axis].isIdentity(x.shape[axis]))
      y = resizeAxis(y, axis, tables[axis], isNearest);
  }
  if (!hasOutside)
    return y;
  Tensor constant = cast(Tensor::of<float>({}, {extrapolation}), x.dtype);
  int64_t bytes = elementBytes(x.dtype);
  Odometer index(y.shape);
  for (int64_t i = 0; i < y.size(); ++i, index.next())
    for (size_t d = 0; d < tables.size(); ++d)
      if (tables[d].isOutside[(*index)[d]])
        std::memcpy(y.bytes.data() + i * bytes, constant.bytes.data(), bytes);
  return y;
}
