// The example of the pass's description.
// RUN: shift-opt %s --fuse-adds | FileCheck %s

// CHECK: %[[Y:.+]] = shift.conv2d %{{.+}}, %{{.+}} {
// CHECK-SAME: node_name = "conv"
// CHECK-SAME: shift.fused
// CHECK: shift.add %[[Y]], %{{.+}} {clamp_min = 0.000000e+00 : f32}
func.func @main(%x: tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>, %shortcut: tensor<1x1x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 3>, name = "w", signs = array<i8: -1>}
    : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %y = shift.conv2d %x, %w {node_name = "conv", dilations = array<i64: 1, 1>,
    group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>
  %z = shift.add %y, %shortcut {clamp_min = 0.0 : f32}
    : (tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>, tensor<1x1x8x8x!quant.uniform<i8:f32, 0.5>>) -> tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>
  return %z : tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>
}
