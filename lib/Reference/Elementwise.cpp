//===- Elementwise.cpp - Unary and binary ops, Clip, Cast -----------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Loops.h"
#include "shift/Support/FloatMath.h"

#include <cmath>
#include <limits>

using namespace shift::reference;

/// Integer arithmetic is modulo 2^bits, so it is done on unsigned numbers.
template <typename T>
using Wrapping = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

static float floatUnary(Unary op, float x, float alpha, float beta) {
  switch (op) {
  case Unary::Relu:
    return x < 0 ? 0 : x;
  case Unary::Sigmoid:
    return shift::math::sigmoid(x);
  case Unary::HardSwish:
    return shift::math::hardSwish(x);
  case Unary::Tanh:
    return shift::math::tanh(x);
  case Unary::Exp:
    return shift::math::exp(x);
  case Unary::Log:
    return shift::math::log(x);
  case Unary::Sqrt:
    return std::sqrt(x);
  case Unary::Abs:
    return std::fabs(x);
  case Unary::Neg:
    return -x;
  case Unary::Reciprocal:
    return 1 / x;
  case Unary::LeakyRelu:
    return x < 0 ? alpha * x : x;
  case Unary::Elu:
    return shift::math::elu(x, alpha);
  case Unary::HardSigmoid:
    return shift::math::hardSigmoid(x, alpha, beta);
  }
  return x;
}

template <typename T>
static T numberUnary(Unary op, T x) {
  if constexpr (std::is_floating_point_v<T>)
    return op == Unary::Neg   ? -x
           : op == Unary::Abs ? std::fabs(x)
                              : (x < 0 ? T(0) : x);
  T negative = static_cast<T>(-static_cast<Wrapping<T>>(x));
  if (op == Unary::Neg)
    return negative;
  bool isNegative = std::is_signed_v<T> && x < T(0);
  return !isNegative ? x : op == Unary::Abs ? negative : T(0);
}

std::optional<Tensor> shift::reference::unary(Unary op, const Tensor &x,
                                              float alpha, float beta) {
  Tensor y(x.dtype, x.shape);
  if (x.dtype == DType::F32) {
    const float *in = x.data<float>();
    float *out = y.data<float>();
    for (int64_t i = 0; i < x.size(); ++i)
      out[i] = floatUnary(op, in[i], alpha, beta);
    return y;
  }
  bool takesNumbers = op == Unary::Relu || op == Unary::Abs || op == Unary::Neg;
  if (!takesNumbers || x.dtype == DType::Bool)
    return std::nullopt;
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < x.size(); ++i)
      y.data<T>()[i] = numberUnary(op, x.data<T>()[i]);
  });
  return y;
}

Tensor shift::reference::clip(const Tensor &x, const void *min,
                              const void *max) {
  Tensor y = x;
  dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    T *values = y.data<T>();
    for (int64_t i = 0; i < y.size(); ++i) {
      if (min && values[i] < *static_cast<const T *>(min))
        values[i] = *static_cast<const T *>(min);
      if (max && values[i] > *static_cast<const T *>(max))
        values[i] = *static_cast<const T *>(max);
    }
  });
  return y;
}

/// base to the power of an integer, modulo 2^bits; negative exponents give
/// 1, -1 or 0 as truncation does.
template <typename T>
static T integerPower(T base, int64_t exponent) {
  if (exponent < 0)
    return base == T(1) ? T(1)
           : base == static_cast<T>(-1) && std::is_signed_v<T>
               ? (exponent % 2 ? base : T(1))
               : T(0);
  uint64_t result = 1, factor = static_cast<uint64_t>(base);
  for (; exponent != 0; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      result *= factor;
  return static_cast<T>(result);
}

template <typename T>
static T arithmetic(Binary op, T a, T b) {
  using W = Wrapping<T>;
  switch (op) {
  case Binary::Add:
    return static_cast<T>(W(a) + W(b));
  case Binary::Sub:
    return static_cast<T>(W(a) - W(b));
  case Binary::Mul:
    return static_cast<T>(W(a) * W(b));
  case Binary::Div:
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      if (b == T(-1))
        return static_cast<T>(-W(a));
    return static_cast<T>(a / b);
  case Binary::PRelu:
    return a < 0 ? static_cast<T>(W(b) * W(a)) : a;
  case Binary::Min:
    return b < a || b != b ? b : a;
  case Binary::Max:
    return b > a || b != b ? b : a;
  case Binary::Pow:
    break;
  }
  return a;
}

/// Calls visit(i, offset of a, offset of b) for every result element in order.
template <typename Function>
static void forEachPair(const Tensor &a, const Tensor &b, const Shape &shape,
                        Function &&visit) {
  int64_t size = product(shape);
  if (a.shape == b.shape) {
    for (int64_t i = 0; i < size; ++i)
      visit(i, i, i);
    return;
  }
  if (size == 0)
    return;
  // The last dimension is the inner loop.
  Shape full = shape.empty() ? Shape{1} : shape;
  Shape aStrides = broadcastStrides(a.shape, full);
  Shape bStrides = broadcastStrides(b.shape, full);
  int64_t width = full.back(), i = 0;
  int64_t aStep = aStrides.back(), bStep = bStrides.back();
  full.pop_back();
  Odometer index(full);
  do {
    int64_t aRow = 0, bRow = 0;
    for (size_t d = 0; d < full.size(); ++d) {
      aRow += (*index)[d] * aStrides[d];
      bRow += (*index)[d] * bStrides[d];
    }
    for (int64_t k = 0; k < width; ++k, ++i)
      visit(i, aRow + k * aStep, bRow + k * bStep);
  } while (index.next());
}

static std::string power(const Tensor &a, const Tensor &b, const Shape &shape,
                         Tensor &result) {
  if (a.dtype == DType::F64 || a.dtype == DType::Bool || b.dtype == DType::Bool)
    return std::string("expected a float32 or integer base, got ") +
           dtypeName(a.dtype);
  if (a.dtype == DType::F32) {
    Tensor exponent = cast(b, DType::F32);
    forEachPair(a, exponent, shape, [&](int64_t i, int64_t l, int64_t r) {
      result.data<float>()[i] =
          shift::math::pow(a.data<float>()[l], exponent.data<float>()[r]);
    });
    return {};
  }
  bool isFloat = b.dtype == DType::F32 || b.dtype == DType::F64;
  if (isFloat) {
    // As NumPy: in floating point, then truncated.
    Tensor base = cast(a, DType::F32), y(DType::F32, shape);
    std::string error = power(base, b, shape, y);
    result = cast(y, a.dtype);
    return error;
  }
  Tensor exponent = cast(b, DType::I64);
  dispatch(a.dtype, [&](auto zero) {
    using T = decltype(zero);
    forEachPair(a, exponent, shape, [&](int64_t i, int64_t l, int64_t r) {
      result.data<T>()[i] =
          integerPower(a.data<T>()[l], exponent.data<int64_t>()[r]);
    });
  });
  return {};
}

std::string shift::reference::binary(Binary op, const Tensor &a,
                                     const Tensor &b, const Shape &shape,
                                     Tensor &result) {
  result = Tensor(a.dtype, shape);
  if (op == Binary::Pow)
    return power(a, b, shape, result);
  if (a.dtype == DType::Bool)
    return "expected numbers, got bool";
  return dispatch(a.dtype, [&](auto zero) -> std::string {
    using T = decltype(zero);
    const T *left = a.data<T>(), *right = b.data<T>();
    T *out = result.data<T>();
    if (std::is_integral_v<T> && op == Binary::Div)
      for (int64_t i = 0; i < b.size(); ++i)
        if (right[i] == T(0))
          return "expected a divisor that is not 0";
    forEachPair(a, b, shape, [&](int64_t i, int64_t l, int64_t r) {
      out[i] = arithmetic(op, left[l], right[r]);
    });
    return {};
  });
}

template <typename To, typename From>
static To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_floating_point_v<From> &&
                       std::is_integral_v<To>) {
    if (value != value)
      return 0;
    // Both limits are exact or round up to a power of two that does not fit.
    if (value >= static_cast<From>(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::lowest()))
      return std::numeric_limits<To>::lowest();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

Tensor shift::reference::cast(const Tensor &x, DType dtype) {
  Tensor y(dtype, x.shape);
  dispatch(x.dtype, [&](auto from) {
    dispatch(dtype, [&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      for (int64_t i = 0; i < x.size(); ++i)
        y.data<To>()[i] = convert<To>(x.data<From>()[i]);
    });
  });
  return y;
}
