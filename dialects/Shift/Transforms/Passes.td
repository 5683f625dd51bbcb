//===- Passes.td - Passes of the shift dialect ---------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_TRANSFORMS_PASSES_TD
#define DIALECTS_SHIFT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

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
