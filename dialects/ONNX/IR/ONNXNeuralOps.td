//===- ONNXNeuralOps.td - Convolution, linear, norm, pool --*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXNEURALOPS_TD
#define DIALECTS_ONNX_IR_ONNXNEURALOPS_TD

include "dialects/ONNX/IR/ONNXDialect.td"

def ONNX_ConvOp : ONNX_InferredOp<"Conv", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$W, Optional<ONNX_Tensor>:$B,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides),
    [SameOperandsAndResultElementType]> {
  let summary = "Convolution over N spatial dimensions (ONNX Conv)";
  let description = [{
    For each output m of a group, at position y:

    ```
    acc = +0
    for tap k (row major), input channel ci of the group:
      position = y * strides - pads' begins + k * dilations
      if position lies in X: acc = fma(W[m, ci, k], X[n, ci, position], acc)
    result[n, m, y] = acc + B[m]                                  unfused
    ```

    `pads` holds all begins, then all ends. `X` is N x C x D1 x ..., `W` is
    M x C/group x k1 x ..., `B` has M elements.

    ```mlir
    %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
      pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
      : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
}

def ONNX_ConvTransposeOp : ONNX_InferredOp<"ConvTranspose", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$W, Optional<ONNX_Tensor>:$B,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DenseI64ArrayAttr:$output_padding, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides),
    [SameOperandsAndResultElementType]> {
  let summary = "Transposed convolution (ONNX ConvTranspose)";
  let description = [{
    For each output m of a group:

    ```
    result[n, m, ...] = +0
    for tap k (row major), input channel ci of the group, position i of X:
      y = i * strides - pads' begins + k * dilations
      if y lies in the result:
        result[n, m, y] = fma(W[ci, m, k], X[n, ci, i], result[n, m, y])
    result[n, m, ...] = result[n, m, ...] + B[m]                  unfused
    ```

    `W` is C x M/group x k1 x ...; `output_shape` is resolved to `pads` at
    import. An axis has `strides * (size - 1) + output_padding + extent - pads`
    results, `extent = (kernel - 1) * dilations + 1`.

    ```mlir
    %y = onnx.ConvTranspose %x, %w, %b {dilations = array<i64: 1, 1>,
      group = 1 : i64, output_padding = array<i64: 0, 0>,
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
      : (tensor<1x3x4x4xf32>, tensor<3x2x2x2xf32>, tensor<2xf32>)
      -> tensor<1x2x8x8xf32>
    ```
  }];
}

def ONNX_GemmOp : ONNX_InferredOp<"Gemm", (ins
    ONNX_Tensor:$A, ONNX_Tensor:$B, Optional<ONNX_Tensor>:$C,
    DefaultValuedAttr<F32Attr, "1.0f">:$alpha,
    DefaultValuedAttr<F32Attr, "1.0f">:$beta,
    DefaultValuedAttr<I64Attr, "0">:$transA,
    DefaultValuedAttr<I64Attr, "0">:$transB),
    [SameOperandsAndResultElementType]> {
  let summary = "alpha * A' * B' + beta * C (ONNX Gemm)";
  let description = [{
    ```
    acc = +0; for k in order: acc = fma(A'[i, k], B'[k, j], acc)
    result[i, j] = alpha * acc + beta * C[i, j]                   unfused
    ```

    A' is the transpose of A where `transA` is not 0, likewise B'. C broadcasts
    to the result; a factor of exactly 1 is skipped.

    ```mlir
    %y = onnx.Gemm %a, %b, %c {alpha = 0.5 : f32, transB = 1 : i64}
      : (tensor<2x8xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    ```
  }];
}

def ONNX_MatMulOp : ONNX_InferredOp<"MatMul", (ins
    ONNX_Tensor:$A, ONNX_Tensor:$B),
    [SameOperandsAndResultElementType]> {
  let summary = "Matrix product with NumPy's batch rules (ONNX MatMul)";
  let description = [{
    `acc = +0; for k in order: acc = fma(A[..., i, k], B[..., k, j], acc)`. The
    dimensions before the last two broadcast; an A of rank 1 is a row, a B of
    rank 1 a column, and the result has no dimension for it.

    ```mlir
    %y = onnx.MatMul %a, %b
      : (tensor<5x2x8xf32>, tensor<8x4xf32>) -> tensor<5x2x4xf32>
    ```
  }];
}

class ONNX_NormOp<string mnemonic, dag params>
    : ONNX_Op<mnemonic, params, [AllTypesMatch<["X", "result"]>,
                               SameOperandsAndResultElementType]>;

def ONNX_BatchNormalizationOp : ONNX_NormOp<"BatchNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$B, ONNX_Tensor:$mean,
    ONNX_Tensor:$var, DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon)> {
  let summary = "Batch normalization at inference (ONNX BatchNormalization)";
  let description = [{
    Per channel `k = scale / sqrt(var + epsilon)` and `c = B - mean * k` in
    float64, both rounded once to float32; then `X * k + c`, unfused.

    ```mlir
    %y = onnx.BatchNormalization %x, %scale, %b, %mean, %var
      {epsilon = 1.0e-5 : f32}
      : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
         tensor<4xf32>) -> tensor<1x4x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_InstanceNormalizationOp : ONNX_NormOp<"InstanceNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$B,
    DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon)> {
  let summary = "Normalization of each channel (ONNX InstanceNormalization)";
  let description = [{
    onnx.GroupNormalization with one channel a group.

    ```mlir
    %y = onnx.InstanceNormalization %x, %scale, %b {epsilon = 1.0e-5 : f32}
      : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>)
      -> tensor<1x4x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_GroupNormalizationOp : ONNX_NormOp<"GroupNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$bias,
    DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon, I64Attr:$num_groups)> {
  let summary = "Normalization of channel groups (ONNX GroupNormalization)";
  let description = [{
    For each image and group of adjacent channels, in float64:

    ```
    S1 = sum of x, S2 = sum of x * x over the group's n elements: per channel 16
         partial sums by index mod 16, added 0..15; channels added in order
    m = S1 / n, v = max(0, S2 / n - m * m)
    for each channel c:
      a = scale[c] / sqrt(v + epsilon), b = bias[c] - m * a
      result = X * float32(a) + float32(b)                float32, unfused
    ```

    `scale` and `bias` have one element a channel (the form of opset 21).

    ```mlir
    %y = onnx.GroupNormalization %x, %scale, %bias {num_groups = 2 : i64}
      : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>)
      -> tensor<1x4x8x8xf32>
    ```
  }];
  let hasVerifier = 1;
}

class ONNX_PoolOp<string mnemonic, dag extra> : ONNX_InferredOp<mnemonic, !con(
    (ins ONNX_Tensor:$X, DenseI64ArrayAttr:$kernel_shape,
         DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
         DenseI64ArrayAttr:$strides,
         DefaultValuedAttr<I64Attr, "0">:$ceil_mode), extra)>;

def ONNX_MaxPoolOp : ONNX_PoolOp<"MaxPool", (ins)> {
  let summary = "Maximum over windows (ONNX MaxPool, first output)";
  let description = [{
    The largest element of each window, which starts at `y * strides - pads'
    begins` and has taps `dilations` apart. Padding never wins, NaN does; a
    window without elements gives -infinity, or the least integer. With
    `ceil_mode` the number of windows is rounded up; one that would start beyond
    the data and the padding before it is dropped.

    ```mlir
    %y = onnx.MaxPool %x {ceil_mode = 0 : i64, dilations = array<i64: 1, 1>,
      kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
}

def ONNX_AveragePoolOp : ONNX_PoolOp<"AveragePool",
    (ins DefaultValuedAttr<I64Attr, "0">:$count_include_pad)> {
  let summary = "Average over windows (ONNX AveragePool)";
  let description = [{
    The float64 sum of the window's elements in row order divided by the number
    of taps inside the data, or with `count_include_pad` inside data and
    padding; rounded once to float32. Windows are those of onnx.MaxPool.

    ```mlir
    %y = onnx.AveragePool %x {ceil_mode = 0 : i64, count_include_pad = 1 : i64,
      dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 2>,
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
      : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
  }];
}

def ONNX_GlobalAveragePoolOp
    : ONNX_InferredOp<"GlobalAveragePool", (ins ONNX_Tensor:$X)> {
  let summary = "Average of each channel (ONNX GlobalAveragePool)";
  let description = [{
    The float64 sum of 16 partial sums by index mod 16, added 0..15, divided by
    the count, rounded once to float32.

    ```mlir
    %y = onnx.GlobalAveragePool %x
      : (tensor<1x4x8x8xf32>) -> tensor<1x4x1x1xf32>
    ```
  }];
}

def ONNX_GlobalMaxPoolOp
    : ONNX_InferredOp<"GlobalMaxPool", (ins ONNX_Tensor:$X)> {
  let summary = "Maximum of each channel (ONNX GlobalMaxPool)";
  let description = [{
    The largest element of each channel; NaN wins.

    ```mlir
    %y = onnx.GlobalMaxPool %x : (tensor<1x4x8x8xf32>) -> tensor<1x4x1x1xf32>
    ```
  }];
}

#endif // DIALECTS_ONNX_IR_ONNXNEURALOPS_TD
