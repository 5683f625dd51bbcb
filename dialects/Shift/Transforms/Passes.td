//===- Passes.td - Passes of the shift dialect ---------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_TRANSFORMS_PASSES_TD
#define DIALECTS_SHIFT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def AppendDecodePass : Pass<"append-decode", "::mlir::ModuleOp"> {
  let summary = "Make the boxes of a detector outputs of @main";
  let description = [{
    Of a module with a detector description (`shift.detector`), appends a
    `shift.decode` of the outputs that the description reads, and its results as
    the outputs `detection_boxes`, `detection_scores`, `detection_labels` and
    `detection_count`. The outputs before them stay. A module without a
    description is left as it is.

    ```mlir
    func.func @main(%x: tensor<1x3x64x96xf32>)
        -> (tensor<1x2x8x12xf32> {onnx.name = "c"},
            tensor<1x4x8x12xf32> {onnx.name = "b"}) {
      ...
      return %c, %b
    }
    // becomes
    func.func @main(%x: tensor<1x3x64x96xf32>)
        -> (tensor<1x2x8x12xf32> {onnx.name = "c"},
            tensor<1x4x8x12xf32> {onnx.name = "b"},
            tensor<1x100x4xf32> {onnx.name = "detection_boxes"},
            tensor<1x100xf32> {onnx.name = "detection_scores"},
            tensor<1x100xi32> {onnx.name = "detection_labels"},
            tensor<1xi32> {onnx.name = "detection_count"}) {
      ...
      %boxes, %scores, %labels, %count = shift.decode %c, %b {...}
      return %c, %b, %boxes, %scores, %labels, %count
    }
    ```
  }];
  let dependentDialects = ["::mlir::shift::ShiftDialect"];
}

def AuditMultiplierFreePass
    : Pass<"audit-multiplier-free", "::mlir::ModuleOp"> {
  let summary = "List every op that still multiplies, by node";
  let description = [{
    Says, as remarks, which ops hold a product or quotient of two numbers of
    which neither is a power of two, and how many there are. The module stays as
    it is.

    ```mlir
    %y = onnx.Sigmoid %x {node_name = "score"}
    // remark: onnx.Sigmoid 'score' multiplies: a function of polynomials
    // remark: 1 ops multiply
    ```
  }];
}

def CertifyAccumulatorsPass
    : Pass<"certify-accumulators", "::mlir::ModuleOp"> {
  let summary = "Prove how large the sums of fixed-point layers become";
  let description = [{
    Gives each `shift.conv2d` and `shift.linear` with fixed-point input and
    constant weights and bias its overflow certificate, `#shift.certificate`, as
    the attribute `shift.certificate`: the bits that its worst case takes, and
    how many products may be summed in 16 and 32 bits. A certificate that was
    there is replaced. Other layers, and those that need more than 128 bits,
    have none.

    Remarks of the category `shift-certify` say what was found, layer by layer
    (`--remarks-filter=shift-certify --remark-format=emitRemark`).

    ```mlir
    %w = shift.weight {...} : tensor<1x4x!shift.pow2<0:8>>  // 1, 2, -128, 256
    %y = shift.linear %x, %w
      : (tensor<4x!quant.uniform<i8:f32, 1.0>>, tensor<1x4x!shift.pow2<0:8>>)
      -> tensor<1x!quant.uniform<i8:f32, 1.0>>
    // becomes
    %y = shift.linear %x, %w {shift.certificate = #shift.certificate<
      sum_bits = 17, bound_bits = 17, chunk = 4,
      fits16 = dense<0> : tensor<1x1xui8>,
      fits32 = dense<4> : tensor<1x1xui8>>} : ...
    ```
  }];
  let dependentDialects = ["::mlir::shift::ShiftDialect"];
}

def FuseClampPass : Pass<"fuse-clamp", "::mlir::ModuleOp"> {
  let summary = "Relu and Clip into the convolution or linear before them";
  let description = [{
    A Relu, or a Clip with constant bounds, that is the only user of a
    `shift.conv2d` or `shift.linear` with float32 result becomes its clamp. The
    bits stay: both are `v < lo ? lo : v > hi ? hi : v`.

    ```mlir
    %y = shift.conv2d %x, %w {...}
    %z = onnx.Relu %y
    // becomes
    %z = shift.conv2d %x, %w {clamp_min = 0.0 : f32, ...}
    ```
  }];
  let dependentDialects = ["::mlir::shift::ShiftDialect"];
}

#endif // DIALECTS_SHIFT_TRANSFORMS_PASSES_TD
