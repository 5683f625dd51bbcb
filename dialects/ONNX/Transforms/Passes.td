//===- Passes.td - Passes of the onnx dialect ----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_TRANSFORMS_PASSES_TD
#define DIALECTS_ONNX_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldBatchNormPass : Pass<"fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Fold batch normalization into the convolution before it";
  let description = [{
    Folds BatchNormalization, and the Mul or Add by a constant per channel that
    a frozen batch norm becomes, into the weights and bias of the Conv that only
    it uses. Per output channel c, in float64, each rounded once to float32:

        k = scale / sqrt(var + epsilon)
        W'[c] = W[c] * k        B'[c] = (B[c] - mean) * k + beta

    ```mlir
    %y = onnx.Conv %x, %w {...}
    %z = onnx.BatchNormalization %y, %scale, %b, %mean, %var
    // becomes
    %z = onnx.Conv %x, %w2, %b2 {...}
    ```
  }];
  let dependentDialects = ["::mlir::onnx::ONNXDialect"];
}

def FuseGroupNormPass : Pass<"fuse-group-norm", "::mlir::ModuleOp"> {
  let summary = "Recognise GroupNormalization in the form exporters give it";
  let description = [{
    ```mlir
    %1 = onnx.Reshape %x : (tensor<1x64x8x8xf32>) -> tensor<1x32x128xf32>
    %2 = onnx.InstanceNormalization %1, %ones, %zeros
    %3 = onnx.Reshape %2 : (tensor<1x32x128xf32>) -> tensor<1x64x8x8xf32>
    %4 = onnx.Mul %3, %scale
    %5 = onnx.Add %4, %bias
    // becomes
    %5 = onnx.GroupNormalization %x, %scale1, %bias1 {num_groups = 32 : i64}
    ```
  }];
  let dependentDialects = ["::mlir::onnx::ONNXDialect"];
}

#endif // DIALECTS_ONNX_TRANSFORMS_PASSES_TD
