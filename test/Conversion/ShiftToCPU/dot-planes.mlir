// RUN: shift-opt %s --select-kernels="strategies=*=dot16" --convert-shift-to-cpu | FileCheck %s

// Weights 2^14 (three times), 2^13, ..., 1 sum to 65535; 65535 * 32768 fits
// int32, so they are one plane. A second weight of 1 makes one too many: the
// sums of two planes add up in 64 bits.
// CHECK-LABEL: func.func @main
// CHECK:         call @shift_conv2d_
// CHECK-SAME:      accumulator_bits = 32
// CHECK-SAME:      int16 weights in 1 plane,
// CHECK:         call @shift_conv2d_
// CHECK-SAME:      accumulator_bits = 64
// CHECK-SAME:      int16 weights in 2 planes
!q = !quant.uniform<i16:f32, 0.125>
func.func @main(%x: tensor<1x19x2x2x!q>)
    -> (tensor<1x1x2x2x!q>, tensor<1x1x2x2x!q>) {
  %fits = shift.weight {bits = 4 : i64, name = "fits",
    codes = dense<[-1, -17, -51, -85, -119, 103, 69, 35, 1, 0]>
      : tensor<10xi8>,
    exponents = array<i8: 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>,
    signs = array<i8: 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1>}
    : tensor<1x19x1x1x!shift.pow2<0:14>>
  %not = shift.weight {bits = 4 : i64, name = "not",
    codes = dense<[-1, -17, -51, -85, -119, 103, 69, 35, 17, 0]>
      : tensor<10xi8>,
    exponents = array<i8: 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>,
    signs = array<i8: 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1>}
    : tensor<1x19x1x1x!shift.pow2<0:14>>
  %0 = shift.conv2d %x, %fits {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x19x2x2x!q>, tensor<1x19x1x1x!shift.pow2<0:14>>)
    -> tensor<1x1x2x2x!q>
  %1 = shift.conv2d %x, %not {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x19x2x2x!q>, tensor<1x19x1x1x!shift.pow2<0:14>>)
    -> tensor<1x1x2x2x!q>
  return %0, %1 : tensor<1x1x2x2x!q>, tensor<1x1x2x2x!q>
}
