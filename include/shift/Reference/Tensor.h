//===- Tensor.h - Dense tensors of the reference interpreter ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// A tensor is its element type, its shape and its elements in row order. Fixed
// point tensors hold the stored integers; what they stand for is in the MLIR
// type.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_TENSOR_H
#define SHIFT_REFERENCE_TENSOR_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace shift::reference {

/// Element types of tensors; Bool has one byte an element, 0 or 1.
enum class DType : uint8_t {
  F32,
  F64,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  Bool
};

using Shape = std::vector<int64_t>;

/// Bytes of one element.
int64_t elementBytes(DType dtype);

/// "f32", "i8", ..., for messages.
const char *dtypeName(DType dtype);

/// Product of the dimensions from `begin` up to `end`, 1 for none.
int64_t product(const Shape &shape, size_t begin, size_t end);
inline int64_t product(const Shape &shape) {
  return product(shape, 0, shape.size());
}

/// The element type that the C++ type T stands for.
template <typename T>
constexpr DType dtypeOf() {
  if (std::is_same_v<T, bool>)
    return DType::Bool;
  if (std::is_same_v<T, float>)
    return DType::F32;
  if (std::is_same_v<T, double>)
    return DType::F64;
  constexpr DType isSigned[] = {DType::I8, DType::I16, DType::I32, DType::I64};
  constexpr DType isUnsigned[] = {DType::U8, DType::U16, DType::U32,
                                  DType::U64};
  constexpr int log2Bytes = sizeof(T) == 1   ? 0
                            : sizeof(T) == 2 ? 1
                            : sizeof(T) == 4 ? 2
                                             : 3;
  return std::is_signed_v<T> ? isSigned[log2Bytes] : isUnsigned[log2Bytes];
}

/// A dense tensor in row order.
struct Tensor {
  DType dtype = DType::F32;
  Shape shape;
  std::vector<uint8_t> bytes;

  Tensor() = default;
  /// A tensor of zeros.
  Tensor(DType dtype, Shape shape)
      : dtype(dtype), shape(std::move(shape)),
        bytes(product(this->shape) * elementBytes(dtype)) {}

  /// A tensor of the given elements; `values.size()` is the shape's product.
  template <typename T>
  static Tensor of(Shape shape, const std::vector<T> &values) {
    Tensor tensor(dtypeOf<T>(), std::move(shape));
    assert(int64_t(values.size()) == tensor.size());
    for (size_t i = 0; i < values.size(); ++i)
      tensor.data<T>()[i] = values[i];
    return tensor;
  }

  /// Number of elements.
  int64_t size() const { return product(shape); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }

  /// The elements as T, which must be what `dtype` says.
  template <typename T>
  T *data() {
    assert(dtypeOf<T>() == dtype);
    return reinterpret_cast<T *>(bytes.data());
  }
  template <typename T>
  const T *data() const {
    assert(dtypeOf<T>() == dtype);
    return reinterpret_cast<const T *>(bytes.data());
  }
};

/// Calls `function` with a zero of the C++ type of `dtype`.
template <typename Function>
auto dispatch(DType dtype, Function &&function) {
  switch (dtype) {
  case DType::F64:
    return function(double{});
  case DType::I8:
    return function(int8_t{});
  case DType::U8:
    return function(uint8_t{});
  case DType::I16:
    return function(int16_t{});
  case DType::U16:
    return function(uint16_t{});
  case DType::I32:
    return function(int32_t{});
  case DType::U32:
    return function(uint32_t{});
  case DType::I64:
    return function(int64_t{});
  case DType::U64:
    return function(uint64_t{});
  case DType::Bool:
    return function(bool{});
  case DType::F32:
    break;
  }
  return function(float{});
}

/// As dispatch, for elements that are only moved: an unsigned integer of the
/// same number of bytes.
template <typename Function>
auto dispatchBytes(DType dtype, Function &&function) {
  switch (elementBytes(dtype)) {
  case 1:
    return function(uint8_t{});
  case 2:
    return function(uint16_t{});
  case 4:
    return function(uint32_t{});
  default:
    return function(uint64_t{});
  }
}

} // namespace shift::reference

#endif // SHIFT_REFERENCE_TENSOR_H
