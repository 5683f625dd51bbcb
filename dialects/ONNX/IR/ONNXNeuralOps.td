//===- ONNXNeuralOps.td - Convolution, linear, norm, pool ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXNEURALOPS_TD
#define DIALECTS_ONNX_IR_ONNXNEURALOPS_TD

include "dialects/ONNX/IR/ONNXDialect.td"

def ONNX_ConvOp : ONNX_InferredOp<"Conv", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$W, Optional<ONNX_Tensor>:$B,
    DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$group,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$strides)> {
  let summary = "Convolution over N spatial dimensions (ONNX Conv)";
  let description = [{
    For each output channel of a group: `acc = +0; for k (row major), ci of the
    group: acc = fma(W, X, acc)`; then `acc + B`, unfused. Taps outside the
    image are zero. `pads` holds all begins, then all ends. `X` is
    N x C x D1 x ..., `W` is M x C/group x k1 x ..., `B` has M elements.

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
    DenseI64ArrayAttr:$strides)> {
  let summary = "Transposed convolution (ONNX ConvTranspose)";
  let description = [{
    `W` is C x M/group x k1 x ...; `output_shape` is resolved to `pads` at
    import. Each output sums its taps in the order k (row major), ci with fma,
    from +0, then adds `B`, unfused.
  }];
}

def ONNX_GemmOp : ONNX_InferredOp<"Gemm", (ins
    ONNX_Tensor:$A, ONNX_Tensor:$B, Optional<ONNX_Tensor>:$C,
    DefaultValuedAttr<F32Attr, "1.0f">:$alpha,
    DefaultValuedAttr<F32Attr, "1.0f">:$beta,
    DefaultValuedAttr<I64Attr, "0">:$transA,
    DefaultValuedAttr<I64Attr, "0">:$transB)> {
  let summary = "alpha * A' * B' + beta * C (ONNX Gemm)";
  let description = [{
    The product sums over k in order with fma from +0; alpha, beta and the sum
    with C are unfused, and a factor of exactly 1 is skipped.
  }];
}

def ONNX_MatMulOp : ONNX_InferredOp<"MatMul", (ins
    ONNX_Tensor:$A, ONNX_Tensor:$B)> {
  let summary = "Matrix product with NumPy's batch rules (ONNX MatMul)";
  let description = [{ Sums over k in order with fma from +0. }];
}

class ONNX_NormOp<string mnemonic, dag params>
    : ONNX_Op<mnemonic, params, [AllTypesMatch<["X", "result"]>]>;

def ONNX_BatchNormalizationOp : ONNX_NormOp<"BatchNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$B, ONNX_Tensor:$mean,
    ONNX_Tensor:$var, DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon)> {
  let summary = "Batch normalization at inference (ONNX BatchNormalization)";
  let description = [{
    Per channel `k = scale / sqrt(var + epsilon)` and `c = B - mean * k` in
    float64, both rounded once to float32; then `X * k + c`, unfused.
  }];
  let hasVerifier = 1;
}

def ONNX_InstanceNormalizationOp : ONNX_NormOp<"InstanceNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$B,
    DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon)> {
  let summary = "Normalization of each channel (ONNX InstanceNormalization)";
  let description = [{
    GroupNormalization with one channel a group.
  }];
  let hasVerifier = 1;
}

def ONNX_GroupNormalizationOp : ONNX_NormOp<"GroupNormalization", (ins
    ONNX_Tensor:$X, ONNX_Tensor:$scale, ONNX_Tensor:$bias,
    DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon, I64Attr:$num_groups)> {
  let summary = "Normalization of channel groups (ONNX GroupNormalization)";
  let description = [{
    `scale` and `bias` have one element a channel (the form of opset 21). In
    float64: per channel plane 16 partial sums by index mod 16, added 0..15,
    channels in order, give S1 and S2 of a group with n elements;
    `m = S1/n, v = max(0, S2/n - m*m), a = scale / sqrt(v + epsilon),
    b = bias - m*a`; a and b are rounded to float32; `X * a + b`, unfused.
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
  let description = [{ Padding never wins; NaN propagates as in ONNX. }];
}

def ONNX_AveragePoolOp : ONNX_PoolOp<"AveragePool",
    (ins DefaultValuedAttr<I64Attr, "0">:$count_include_pad)> {
  let summary = "Average over windows (ONNX AveragePool)";
  let description = [{
    The float64 sum of the window in row order divided by ONNX's count,
    rounded once to float32.
  }];
}

def ONNX_GlobalAveragePoolOp
    : ONNX_InferredOp<"GlobalAveragePool", (ins ONNX_Tensor:$X)> {
  let summary = "Average of each channel (ONNX GlobalAveragePool)";
  let description = [{
    The float64 sum of 16 partial sums by index mod 16, added 0..15, divided by
    the count, rounded once to float32.
  }];
}

def ONNX_GlobalMaxPoolOp
    : ONNX_InferredOp<"GlobalMaxPool", (ins ONNX_Tensor:$X)> {
  let summary = "Maximum of each channel (ONNX GlobalMaxPool)";
}

#endif // DIALECTS_ONNX_IR_ONNXNEURALOPS_TD
