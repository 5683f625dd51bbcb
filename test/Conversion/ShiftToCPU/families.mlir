// RUN: shift-opt %s --convert-shift-to-cpu | FileCheck %s

!s16 = !quant.uniform<i16:f32, 0.0625>
!s8 = !quant.uniform<i8:f32, 0.125>

// CHECK-LABEL: func.func @main
// CHECK:         call @shift_quantize_{{.+}}__map
// CHECK:         call @shift_max_pool_{{.+}}__window
// CHECK:         call @shift_group_norm_{{.+}}__groups
// CHECK:         call @shift_concat_{{.+}}__move
// CHECK-SAME:      value_id = 3
// CHECK-NOT:     call @shift_concat
// CHECK:         call @shift_dequantize_{{.+}}__map
// CHECK:         call @shift_softmax_{{.+}}__rows
// CHECK:         call @shift_reduce_{{.+}}__lanes

// Quantize to 16 bits rounds half to even by float32 arithmetic, without a
// library.
// CHECK-LABEL: func.func private @shift_quantize
// CHECK-NOT:     arith.extf
// CHECK:         arith.constant dense<0x4B400000>
// CHECK:         arith.bitcast {{.*}} to vector<16xi32>
// The second input of the concat changes its fraction by a shift; the first one
// is computed where it belongs.
// CHECK-LABEL: func.func private @shift_concat
// CHECK:         arith.shli
func.func @main(%x: tensor<1x4x6x6xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>)
    -> tensor<1x8x1x1xf32> {
  %0 = shift.quantize %x : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6x!s16>
  %1 = shift.max_pool %0 {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 2, 2>}
    : (tensor<1x4x6x6x!s16>) -> tensor<1x4x3x3x!s16>
  %2 = shift.group_norm %1, %s, %b {num_groups = 2 : i64}
    : (tensor<1x4x3x3x!s16>, tensor<4xf32>, tensor<4xf32>)
    -> tensor<1x4x3x3x!s8>
  %3 = shift.concat %1, %2 {axis = 1 : i64}
    : (tensor<1x4x3x3x!s16>, tensor<1x4x3x3x!s8>) -> tensor<1x8x3x3x!s16>
  %4 = shift.dequantize %3 : (tensor<1x8x3x3x!s16>) -> tensor<1x8x3x3xf32>
  %5 = onnx.Softmax %4 : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %6 = onnx.GlobalAveragePool %5
    : (tensor<1x8x3x3xf32>) -> tensor<1x8x1x1xf32>
  return %6 : tensor<1x8x1x1xf32>
}
