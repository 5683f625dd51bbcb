//===- DataMovement.cpp - Ops that only move elements ---------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"

#include <cstring>

using namespace shift::reference;

/// Copies element `from` of x to element `to` of y for every pair that
/// visit(copy) asks for.
template <typename Function>
static void moveElements(const Tensor &x, Tensor &y, Function &&visit) {
  dispatchBytes(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *in = reinterpret_cast<const T *>(x.bytes.data());
    T *out = reinterpret_cast<T *>(y.bytes.data());
    visit([&](int64_t to, int64_t from) { out[to] = in[from]; });
  });
}

/// y[i] = x[base + i . strides] for every index of y in row order.
static Tensor gatherStrided(const Tensor &x, int64_t base, const Shape &strides,
                            const Shape &shape) {
  Tensor y(x.dtype, shape);
  if (y.size() == 0)
    return y;
  Shape outer = shape;
  int64_t width = 1, step = 0;
  if (!outer.empty()) {
    width = outer.back();
    step = strides.back();
    outer.pop_back();
  }
  moveElements(x, y, [&](auto copy) {
    Odometer index(outer);
    int64_t to = 0;
    do {
      int64_t from = base;
      for (size_t d = 0; d < outer.size(); ++d)
        from += (*index)[d] * strides[d];
      for (int64_t i = 0; i < width; ++i)
        copy(to++, from + i * step);
    } while (index.next());
  });
  return y;
}

Tensor shift::reference::concat(const std::vector<const Tensor *> &inputs,
                                int64_t axis, const Shape &shape) {
  Tensor y(inputs.front()->dtype, shape);
  int64_t outer = product(shape, 0, axis);
  int64_t inner =
      product(shape, axis + 1, shape.size()) * elementBytes(y.dtype);
  int64_t first = 0;
  for (const Tensor *input : inputs) {
    int64_t part = input->shape[axis] * inner;
    for (int64_t o = 0; o < outer && part > 0; ++o)
      std::memcpy(y.bytes.data() + o * shape[axis] * inner + first,
                  input->bytes.data() + o * part, part);
    first += part;
  }
  return y;
}

Tensor shift::reference::slice(const Tensor &x, const Shape &starts,
                               const Shape &steps, const Shape &shape) {
  Shape strides = rowStrides(x.shape);
  int64_t base = 0;
  for (size_t i = 0; i < strides.size(); ++i) {
    base += starts[i] * strides[i];
    // A dimension of one element needs no step, which may be huge.
    strides[i] = shape[i] > 1 ? strides[i] * steps[i] : 0;
  }
  return gatherStrided(x, base, strides, shape);
}

Tensor shift::reference::reshape(const Tensor &x, const Shape &shape) {
  Tensor y = x;
  y.shape = shape;
  return y;
}

Tensor shift::reference::transpose(const Tensor &x, const Shape &perm) {
  Shape own = rowStrides(x.shape), strides, shape;
  for (int64_t axis : perm) {
    strides.push_back(own[axis]);
    shape.push_back(x.shape[axis]);
  }
  return gatherStrided(x, 0, strides, shape);
}

Tensor shift::reference::expand(const Tensor &x, const Shape &shape) {
  return gatherStrided(x, 0, broadcastStrides(x.shape, shape), shape);
}

std::string shift::reference::gather(const Tensor &data, const Tensor &indices,
                                     int64_t axis, const Shape &shape,
                                     Tensor &result) {
  result = Tensor(data.dtype, shape);
  Tensor wide = cast(indices, DType::I64);
  int64_t dim = data.shape[axis], count = wide.size();
  int64_t outer = product(data.shape, 0, axis);
  int64_t inner = product(data.shape, axis + 1, data.shape.size()) *
                  elementBytes(data.dtype);
  for (int64_t i = 0; i < count; ++i) {
    int64_t index = wide.data<int64_t>()[i];
    if (index < -dim || index >= dim)
      return "expected indices in [" + std::to_string(-dim) + ", " +
             std::to_string(dim) + "), got " + std::to_string(index);
    index += index < 0 ? dim : 0;
    for (int64_t o = 0; o < outer && inner > 0; ++o)
      std::memcpy(result.bytes.data() + (o * count + i) * inner,
                  data.bytes.data() + (o * dim + index) * inner, inner);
  }
  return {};
}

/// The element that position `i` of a padded dimension shows, or -1 for the
/// constant.
static int64_t sourceIndex(int64_t i, int64_t dim, PadMode mode) {
  if (i >= 0 && i < dim)
    return i;
  switch (mode) {
  case PadMode::Constant:
    return -1;
  case PadMode::Edge:
    return i < 0 ? 0 : dim - 1;
  case PadMode::Wrap:
    return (i % dim + dim) % dim;
  case PadMode::Reflect:
    break;
  }
  int64_t period = std::max<int64_t>(1, 2 * (dim - 1));
  i = (i % period + period) % period;
  return i < dim ? i : period - i;
}

std::string shift::reference::pad(const Tensor &x, const Shape &pads,
                                  PadMode mode, const void *value,
                                  const Shape &shape, Tensor &result) {
  result = Tensor(x.dtype, shape);
  if (result.size() == 0)
    return {};
  for (int64_t dim : x.shape)
    if (dim == 0 && mode != PadMode::Constant)
      return "expected data to repeat at the border, got a dimension of size 0";
  int64_t bytes = elementBytes(x.dtype);
  std::vector<uint8_t> constant(bytes, 0);
  if (value)
    std::memcpy(constant.data(), value, bytes);
  Shape strides = rowStrides(x.shape);
  Odometer index(shape);
  for (int64_t to = 0; to < result.size(); ++to, index.next()) {
    int64_t from = 0;
    for (size_t d = 0; d < shape.size() && from >= 0; ++d) {
      int64_t source = sourceIndex((*index)[d] - pads[d], x.shape[d], mode);
      from = source < 0 ? -1 : from + source * strides[d];
    }
    std::memcpy(result.bytes.data() + to * bytes,
                from < 0 ? constant.data() : x.bytes.data() + from * bytes,
                bytes);
  }
  return {};
}
