// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu | FileCheck %s
// RUN: shift-opt %s --select-kernels="strategies=*=dot16" --convert-shift-to-cpu | FileCheck %s --check-prefix=DOT

!q = !quant.uniform<i16<-512:511>:f32, 0.0625>
!w = !shift.pow2<-10:5>

// CHECK-LABEL: func.func @main
// CHECK:         call @shift_conv2d_depthwise_{{.+}}__shift(
// CHECK-SAME:      reason = "depthwise,
// CHECK:         call @shift_conv_depthwise_f32_{{.+}}__float(

// Shifts of vectors and no product of them.
// CHECK-LABEL: func.func private @shift_conv2d_depthwise
// CHECK-NOT:     arith.muli {{.*}} : vector
// CHECK:         arith.shli {{.*}} : vector<16xi32>
// CHECK-NOT:     arith.muli {{.*}} : vector
// CHECK-NOT:     arith.mulf
// CHECK-LABEL: func.func private @shift_conv_depthwise
// CHECK-NOT:     fastmath
// CHECK-COUNT-4: math.fma
// CHECK-NOT:     math.fma

// DOT-LABEL:   func.func @main
// DOT:           call @shift_conv2d_depthwise_{{.+}}__dot16(
// Two outputs, two rows, one and two pairs of columns.
// DOT-LABEL:   func.func private @shift_conv2d_depthwise
// DOT-COUNT-6:   llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"
// DOT-NOT:       llvm.call_intrinsic
func.func @main(%x: tensor<1x2x4x5x!q>, %y: tensor<1x2x4x5xf32>)
    -> (tensor<1x2x3x4x!q>, tensor<1x2x3x4xf32>) {
  %w = shift.weight {bits = 2 : i64, codes = dense<[27, 27]> : tensor<2xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x1x2x2x!w>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x5x!q>, tensor<2x1x2x2x!w>) -> tensor<1x2x3x4x!q>
  %v = onnx.Constant dense<[[[[1.0, 2.0], [3.0, 4.0]]],
    [[[5.0, 6.0], [7.0, 8.0]]]]> : tensor<2x1x2x2xf32>
  %1 = onnx.Conv %y, %v {dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x5xf32>, tensor<2x1x2x2xf32>) -> tensor<1x2x3x4xf32>
  return %0, %1 : tensor<1x2x3x4x!q>, tensor<1x2x3x4xf32>
}
