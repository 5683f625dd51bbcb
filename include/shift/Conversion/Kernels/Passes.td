//===- Passes.td - Passes before any kernels -----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_KERNELS_PASSES_TD
#define SHIFT_CONVERSION_KERNELS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseAddsPass : Pass<"fuse-adds", "ModuleOp"> {
  let summary = "Mark what is computed in one pass with the add behind it";
  let description = [{
    Marks the producer of one operand of a `shift.add` of two tensors of the
    same shape with `shift.fused` if the add is its only use: an upsampling that
    doubles rows and columns, else a fixed-point convolution (the later one of
    two). `convert-shift-to-cpu` then computes both in one step where the add
    stands, the convolution's result never being stored, with the same bits:
    values are rounded and saturated to its format in between. A kernel family
    that cannot do that leaves the add a step of its own. A marked value is not
    observable.

    ```mlir
    %y = shift.conv2d %x, %w {node_name = "conv", ...}
    %z = shift.add %y, %shortcut {clamp_min = 0.0 : f32}
    // becomes
    %y = shift.conv2d %x, %w {node_name = "conv", shift.fused, ...}
    %z = shift.add %y, %shortcut {clamp_min = 0.0 : f32}
    ```
  }];
  let dependentDialects = ["::mlir::shift::ShiftDialect"];
}

#endif // SHIFT_CONVERSION_KERNELS_PASSES_TD
