// A mark on what no add of equal shapes reads is none.
// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu | FileCheck %s
// RUN: shift-opt %s --fuse-adds | FileCheck %s --check-prefix=CLEARED

// CHECK-LABEL: func.func @main
// CHECK:         call @shift_conv2d
// CHECK:         op = "shift.requantize"
// CLEARED-NOT: shift.fused
!q = !quant.uniform<i8:f32, 0.0625>
func.func @main(%x: tensor<1x1x4x4x!q>) -> tensor<1x1x4x4x!q> {
  %w = shift.weight {bits = 2 : i64, codes = dense<[2]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {node_name = "conv", shift.fused,
    dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>}
    : (tensor<1x1x4x4x!q>, tensor<1x1x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x1x4x4x!q>
  %1 = shift.requantize %0 {clamp_min = 0.0 : f32}
    : (tensor<1x1x4x4x!q>) -> tensor<1x1x4x4x!q>
  return %1 : tensor<1x1x4x4x!q>
}
