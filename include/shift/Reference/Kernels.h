//===- Kernels.h - Plain-loop kernels of the onnx dialect -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
// The oracle: what each op computes, in the order of float operations that the
// design and the ops' descriptions state. Callers have verified shapes and
// element types; `shape` is the result's.
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_KERNELS_H
#define SHIFT_REFERENCE_KERNELS_H

#include "shift/Reference/Tensor.h"
#include "shift/Support/ResizeTable.h"

#include <optional>
#include <string>

namespace shift::reference {

/// Sliding windows over the spatial dimensions; `pads` has all begins, then all
/// ends.
struct Windows {
  Shape kernel, strides, dilations, pads;
};

/// Convolution.cpp ---------------------------------------------------------

/// `x` is N x C x D1..., `w` M x C/group x k1...; `bias` (M) may be null. Each
/// output: acc = +0; over taps in row order, then channels of the group:
/// acc = fma(w, x, acc), taps outside the image skipped; then acc + bias.
Tensor conv(const Tensor &x, const Tensor &w, const Tensor *bias,
            const Windows &windows, int64_t group, const Shape &shape);

/// The same with every weight a list of `terms` floats: `weights` is in the
/// order of w with the terms innermost, and a tap adds its terms in order.
Tensor convTerms(const Tensor &x, const float *weights, int64_t terms,
                 const Tensor *bias, const Windows &windows, int64_t group,
                 const Shape &shape);

/// `w` is C x M/group x k1...; taps in row order, then channels, with fma.
Tensor convTranspose(const Tensor &x, const Tensor &w, const Tensor *bias,
                     const Windows &windows, int64_t group, const Shape &shape);

/// Linear.cpp --------------------------------------------------------------

/// alpha * A' * B' + beta * C, sums over k with fma from +0; factors of exactly
/// 1 are skipped. `c` may be null.
Tensor gemm(const Tensor &a, const Tensor &b, const Tensor *c, float alpha,
            float beta, bool transA, bool transB);

/// NumPy's matmul, sums over k with fma from +0.
Tensor matMul(const Tensor &a, const Tensor &b, const Shape &shape);

/// Normalization.cpp -------------------------------------------------------

Tensor batchNormalization(const Tensor &x, const Tensor &scale,
                          const Tensor &bias, const Tensor &mean,
                          const Tensor &variance, float epsilon);

/// InstanceNormalization is groups = channels.
Tensor groupNormalization(const Tensor &x, const Tensor &scale,
                          const Tensor &bias, float epsilon, int64_t groups);

/// Softmax over `axis` >= 0 (math::softmax).
Tensor softmax(const Tensor &x, int64_t axis);

/// Pooling.cpp -------------------------------------------------------------

/// acc = lowest (-infinity); over taps inside the image in row order:
/// acc = x > acc or x is NaN ? x : acc. Any element type.
Tensor maxPool(const Tensor &x, const Windows &windows, const Shape &shape);

/// The float64 sum of the window in row order over ONNX's count.
Tensor averagePool(const Tensor &x, const Windows &windows,
                   bool countIncludePad, const Shape &shape);

Tensor globalAveragePool(const Tensor &x);
Tensor globalMaxPool(const Tensor &x);

/// Reduction.cpp -----------------------------------------------------------

/// Sum or mean over `axes` (sorted, not negative). Floats: float64 in 16
/// partial sums by index mod 16; integers: the sum modulo 2^bits, the mean
/// truncated.
Tensor reduce(const Tensor &x, const Shape &axes, bool isMean,
              const Shape &shape);

/// Elementwise.cpp ---------------------------------------------------------

enum class Unary {
  Relu,
  Sigmoid,
  HardSwish,
  Tanh,
  Exp,
  Log,
  Sqrt,
  Abs,
  Neg,
  Reciprocal,
  LeakyRelu,
  Elu,
  HardSigmoid
};

/// Relu, Abs and Neg take every number; the others float32. Nothing where the
/// element type does not fit.
std::optional<Tensor> unary(Unary op, const Tensor &x, float alpha = 0,
                            float beta = 0);

/// v = x < min ? min : x, then v > max ? max : v; a bound may be null, else it
/// points to one element of x's type.
Tensor clip(const Tensor &x, const void *min, const void *max);

enum class Binary { Add, Sub, Mul, Div, Pow, PRelu, Min, Max };

/// Broadcasts as NumPy does. Integers wrap modulo 2^bits, Div truncates; Pow's
/// exponent may have another type. Min and Max keep NaN, and `a` where equal.
/// Returns an empty string or what is wrong (a division by 0, bool operands).
std::string binary(Binary op, const Tensor &a, const Tensor &b,
                   const Shape &shape, Tensor &result);

/// Numbers to numbers as C++ converts them, but floats saturate to integer
/// types (NaN gives 0) and anything but 0 is true.
Tensor cast(const Tensor &x, DType dtype);

/// DataMovement.cpp --------------------------------------------------------

Tensor concat(const std::vector<const Tensor *> &inputs, int64_t axis,
              const Shape &shape);

/// Result index i reads input index starts + i * steps in every dimension.
Tensor slice(const Tensor &x, const Shape &starts, const Shape &steps,
             const Shape &shape);

Tensor reshape(const Tensor &x, const Shape &shape);
Tensor transpose(const Tensor &x, const Shape &perm);
Tensor expand(const Tensor &x, const Shape &shape);

/// Returns an empty string, or a message about the first index out of range.
std::string gather(const Tensor &data, const Tensor &indices, int64_t axis,
                   const Shape &shape, Tensor &result);

enum class PadMode { Constant, Reflect, Edge, Wrap };

/// `pads` over all dimensions, begins first; `value` points to one element of
/// x's type, or is null for 0. Returns an empty string or what is wrong (a
/// border of elements that the data does not have).
std::string pad(const Tensor &x, const Shape &pads, PadMode mode,
                const void *value, const Shape &shape, Tensor &result);

/// Resize.cpp --------------------------------------------------------------

/// Resamples every axis by its table, in the order that ResizeTable.h states.
/// Nearest tables take any element type, others float32.
Tensor resize(const Tensor &x, const std::vector<ResizeTable> &tables,
              bool isNearest, float extrapolation);

/// Quantization.cpp --------------------------------------------------------

/// saturate(half_even(x / scale) + zeroPoint); scale of one element or one a
/// slice of `axis`; `zeroPoint` may be null. NaN gives the zero point.
Tensor quantizeLinear(const Tensor &x, const Tensor &scale,
                      const Tensor *zeroPoint, int64_t axis, DType dtype);

/// float32(x - zeroPoint) * scale.
Tensor dequantizeLinear(const Tensor &x, const Tensor &scale,
                        const Tensor *zeroPoint, int64_t axis);

} // namespace shift::reference

#endif // SHIFT_REFERENCE_KERNELS_H
