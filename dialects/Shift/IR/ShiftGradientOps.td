//===- ShiftGradientOps.td - What `differentiate` writes ---*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
// Gradients of a loss: `grad` is the one with respect to an op's result, the
// result the one with respect to its operand. All are float32, and every sum
// has one order. The notation of the pseudo-code is that of the dialect's
// description.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTGRADIENTOPS_TD
#define DIALECTS_SHIFT_IR_SHIFTGRADIENTOPS_TD

include "dialects/Shift/IR/ShiftActivationOps.td"

def Shift_FactorTensor : StaticShapeTensorOf<[F32, Shift_Pow2Type]>;

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

def Shift_Conv2DGradInputOp : Shift_Op<"conv2d_grad_input", (ins
    Shift_FloatTensor:$grad, Shift_FactorTensor:$weights,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides)> {
  let summary = "Gradient of a convolution with respect to its input";
  let description = [{
    ```
    for each n, ci, iy, ix of result:
      acc = +0
      for ky, kx, co of ci's group:
        oy = (iy + pads[0] - ky * dilations[0]) / strides[0]
        ox = (ix + pads[1] - kx * dilations[1]) / strides[1]
        if both divide and lie in grad:
          for terms first to last (absent terms are zeros):
            acc = fma(s * 2^p, grad[n, co, oy, ox], acc)
      result[n, ci, iy, ix] = acc
    ```

    With float32 weights a weight is its own only term. Attributes are those of
    the convolution.

    Constraints:
    * (conv2d_grad_input_c1) grad, weights and result have rank 4
    * (conv2d_grad_input_c2) two strides and dilations of at least 1, four pads
      of at least 0, group of at least 1
    * (conv2d_grad_input_c3) result is an input and grad a result of a
      convolution with these weights and attributes

    ```mlir
    %dx = shift.conv2d_grad_input %dy, %w {dilations = array<i64: 1, 1>,
      group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<4x3x3x3x!shift.pow2<-10:5>>)
      -> tensor<1x3x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_Conv2DGradWeightOp : Shift_Op<"conv2d_grad_weight", (ins
    Shift_ActivationTensor:$input, Shift_FloatTensor:$grad,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides)> {
  let summary = "Gradient of a convolution with respect to its weights";
  let description = [{
    ```
    for each co, ci, ky, kx of result:
      sum = +0
      for n, oy:
        iy = oy * strides[0] - pads[0] + ky * dilations[0]
        if iy lies in the input:
          row = +0
          for ox:
            ix = ox * strides[1] - pads[1] + kx * dilations[1]
            if ix lies in the input:
              row = fma(x[n, ci of co's group, iy, ix], grad[n, co, oy, ox],
                        row)
          sum = sum + row
      result[co, ci, ky, kx] = sum
    ```

    x is the input, or `float32(input) * 2^-f_input` of a fixed-point one.
    Weights that are rounded in the forward pass take this gradient unchanged
    (straight-through).

    Constraints:
    * (conv2d_grad_weight_c1) input, grad and result have rank 4
    * (conv2d_grad_weight_c2) two strides and dilations of at least 1, four pads
      of at least 0, group of at least 1
    * (conv2d_grad_weight_c3) grad is a result of a convolution of the input
      with weights of the result's shape and these attributes

    ```mlir
    %dw = shift.conv2d_grad_weight %x, %dy {dilations = array<i64: 1, 1>,
      group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 1, 1>}
      : (tensor<1x3x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<1x4x8x8xf32>)
      -> tensor<4x3x3x3xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_Conv2DGradBiasOp
    : Shift_Op<"conv2d_grad_bias", (ins Shift_FloatTensor:$grad)> {
  let summary = "Gradient of a convolution with respect to its bias";
  let description = [{
    ```
    for each co of result:
      sum = +0
      for n, oy:
        row = +0
        for ox:
          row = row + grad[n, co, oy, ox]
        sum = sum + row
      result[co] = sum
    ```

    Constraints:
    * (conv2d_grad_bias_c1) grad has rank 4, the result one element a channel

    ```mlir
    %db = shift.conv2d_grad_bias %dy
      : (tensor<1x4x8x8xf32>) -> tensor<4xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

def Shift_LinearGradInputOp : Shift_Op<"linear_grad_input", (ins
    Shift_FloatTensor:$grad, Shift_FactorTensor:$weights)> {
  let summary = "Gradient of a linear layer with respect to its input";
  let description = [{
    With every dimension before the last as one row index i:

    ```
    for each i, k of result:
      acc = +0
      for m in order, terms first to last (absent terms are zeros):
        acc = fma(s * 2^p of weights[m, k], grad[i, m], acc)
      result[i, k] = acc
    ```

    It equals `shift.conv2d_grad_input` with a 1x1 window on images of one
    pixel.

    Constraints:
    * (linear_grad_input_c1) weights are M x K, grad is ... x M, the result
      ... x K

    ```mlir
    %dx = shift.linear_grad_input %dy, %w
      : (tensor<2x4xf32>, tensor<4x8x!shift.pow2<-10:5>>) -> tensor<2x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_LinearGradWeightOp : Shift_Op<"linear_grad_weight", (ins
    Shift_ActivationTensor:$input, Shift_FloatTensor:$grad)> {
  let summary = "Gradient of a linear layer with respect to its weights";
  let description = [{
    With every dimension before the last as one row index i:

    ```
    for each m, k of result:
      sum = +0
      for i:
        sum = sum + x[i, k] * grad[i, m]                        unfused
      result[m, k] = sum
    ```

    x as in `shift.conv2d_grad_weight`, which this equals with a 1x1 window on
    images of one pixel.

    Constraints:
    * (linear_grad_weight_c1) input is ... x K, grad ... x M of the same
      leading dimensions, the result M x K

    ```mlir
    %dw = shift.linear_grad_weight %x, %dy
      : (tensor<2x8x!quant.uniform<i16:f32, 0.0625>>, tensor<2x4xf32>)
      -> tensor<4x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_LinearGradBiasOp
    : Shift_Op<"linear_grad_bias", (ins Shift_FloatTensor:$grad)> {
  let summary = "Gradient of a linear layer with respect to its bias";
  let description = [{
    With every dimension before the last as one row index i:

    ```
    for each m of result:
      sum = +0
      for i:
        sum = sum + grad[i, m]
      result[m] = sum
    ```

    Constraints:
    * (linear_grad_bias_c1) grad is ... x M, the result has M elements

    ```mlir
    %db = shift.linear_grad_bias %dy : (tensor<2x4xf32>) -> tensor<4xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

def Shift_MaskOp : Shift_Op<"mask", (ins
    Shift_FloatTensor:$grad, Shift_MaskTensor:$inside)> {
  let summary = "A gradient where a rounded number passes one";
  let description = [{
    ```
    for each index i:
      result[i] = inside[i] ? grad[i] : +0
    ```

    `inside` is the second result of the op that rounds.

    Constraints:
    * (mask_c1) shapes are equal

    ```mlir
    %dx = shift.mask %dy, %inside
      : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xi1>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_ClipGradOp : Shift_Op<"clip_grad", (ins
    Shift_FloatTensor:$input, Shift_FloatTensor:$grad,
    OptionalAttr<F32Attr>:$min, OptionalAttr<F32Attr>:$max)> {
  let summary = "Gradient of Relu or Clip with respect to its input";
  let description = [{
    ```
    for each index i:
      result[i] = min < input[i] and input[i] < max ? grad[i] : +0
    ```

    An absent bound is infinitely far; a NaN passes nothing. So the derivative
    of Relu, `min = 0`, is 0 at 0.

    Constraints:
    * (clip_grad_c1) shapes are equal
    * (clip_grad_c2) min <= max, neither is NaN

    ```mlir
    %dx = shift.clip_grad %x, %dy {min = 0.0 : f32}
      : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_GroupNormGradOp : Shift_Op<"group_norm_grad", (ins
    Shift_ActivationTensor:$input, Shift_FloatTensor:$scale,
    Shift_FloatTensor:$grad, DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon,
    I64Attr:$num_groups)> {
  let summary = "Gradients of group normalization: input, scale, bias";
  let description = [{
    x is the input, or `float32(input) * 2^-f_input` of a fixed-point one. Sums
    over a channel's plane are of float64 products, in 16 partial sums by index
    mod 16, which are added 0..15. All but the last line is float64:

    ```
    for each image, for each of num_groups groups of adjacent channels:
      n = elements of the group; m, v as the forward pass computes them, v >= 0,
          both scaled to x
      s = sqrt(v + epsilon)
      P = Q = 0
      for each channel c of the group:
        B[c] = sum of grad over the plane, A[c] = sum of x * grad
        D[c] = (A[c] - m * B[c]) / s
        P += scale[c] * B[c]; Q += scale[c] * D[c]
        bias_grad[c] += B[c]; scale_grad[c] += D[c]          images in order
      k = -(Q / n) / (s * s), o = -(P / n) / s - m * k
      for each element i of the channel c:
        input_grad[i] = grad[i] * float32(scale[c] / s)
                        + (x[i] * float32(k) + float32(o))   float32, unfused
    ```

    Results are those with respect to input, scale and bias; the last two are
    rounded once to float32.

    Constraints:
    * (group_norm_grad_c1) rank 2 or more, num_groups of at least 1 divides the
      channels
    * (group_norm_grad_c2) scale and the last two results have one element a
      channel
    * (group_norm_grad_c3) shapes of input, grad and first result are equal

    ```mlir
    %dx, %ds, %db = shift.group_norm_grad %q, %scale, %dy {
      epsilon = 1.0e-5 : f32, num_groups = 2 : i64}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<4xf32>,
         tensor<1x4x8x8xf32>)
      -> (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>)
    ```
  }];
  let results = (outs Shift_FloatTensor:$input_grad,
                      Shift_FloatTensor:$scale_grad,
                      Shift_FloatTensor:$bias_grad);
}

//===----------------------------------------------------------------------===//
// Pools and resampling
//===----------------------------------------------------------------------===//

def Shift_MaxPoolGradOp : Shift_Op<"max_pool_grad", (ins
    Shift_ActivationTensor:$input, Shift_FloatTensor:$grad,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$kernel,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides,
    DefaultValuedAttr<I64Attr, "0">:$ceil_mode)> {
  let summary = "Gradient of a max-pool with respect to its input";
  let description = [{
    ```
    result = +0 everywhere
    for each n, c, y, x of grad:
      i = the first tap inside the input, in row order, with the window's
          largest element; a NaN counts as the largest, the last one of several
      result[i] = result[i] + grad[n, c, y, x]       nothing without such a tap
    ```

    Windows are those of `shift.max_pool`.

    Constraints:
    * (max_pool_grad_c1) rank 4; two kernel sizes, strides, dilations of at
      least 1, four pads of at least 0
    * (max_pool_grad_c2) grad's shape follows from the input and the window
    * (max_pool_grad_c3) shapes of input and result are equal

    ```mlir
    %dx = shift.max_pool_grad %x, %dy {dilations = array<i64: 1, 1>,
      kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 2, 2>}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<1x4x4x4xf32>)
      -> tensor<1x4x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_AveragePoolGradOp : Shift_Op<"average_pool_grad", (ins
    Shift_FloatTensor:$grad, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides, DefaultValuedAttr<I64Attr, "0">:$ceil_mode,
    DefaultValuedAttr<I64Attr, "0">:$count_include_pad)> {
  let summary = "Gradient of an average pool with respect to its input";
  let description = [{
    ```
    result = +0 everywhere
    for each n, c, y, x of grad:
      for each tap i of the window inside the input, in row order:
        result[i] = result[i] + grad[n, c, y, x] / float32(count)
    ```

    Windows and count are those of `shift.average_pool`.

    Constraints:
    * (average_pool_grad_c1) rank 4; two kernel sizes, strides, dilations of at
      least 1, four pads of at least 0
    * (average_pool_grad_c2) grad's shape follows from the result and the window

    ```mlir
    %dx = shift.average_pool_grad %dy {dilations = array<i64: 1, 1>,
      kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 2, 2>}
      : (tensor<1x4x4x4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_ResizeNearestGradOp : Shift_Op<"resize_nearest_grad", (ins
    Shift_FloatTensor:$grad, DenseI64ArrayAttr:$rows,
    DenseI64ArrayAttr:$columns)> {
  let summary = "Gradient of nearest resampling with respect to its input";
  let description = [{
    ```
    result = +0 everywhere
    for each n, c, y, x of grad:
      i = n, c, rows[y], columns[x]
      result[i] = result[i] + grad[n, c, y, x]
    ```

    Constraints:
    * (resize_nearest_grad_c1) rank 4; rows and columns index the result
    * (resize_nearest_grad_c2) grad has the result's batch and channels, and as
      many rows and columns as there are indices

    ```mlir
    %dx = shift.resize_nearest_grad %dy {columns = array<i64: 0, 0, 1, 1>,
      rows = array<i64: 0, 0, 1, 1>}
      : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

#endif // DIALECTS_SHIFT_IR_SHIFTGRADIENTOPS_TD
