// RUN: shift-opt %s --convert-shift-to-cpu | FileCheck %s
// RUN: shift-opt %s --convert-shift-to-cpu="keep-all-values=true" | FileCheck %s --check-prefix=KEEP

// Operands are computed into their part of the result, also through a Concat of
// Concats; an input has to be copied. Parts of a Split are names.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.+]]: memref<8xf32> {shift.name = "input0"
// CHECK-SAME:    %[[Y:.+]]: memref<24xf32> {shift.name = "output0"
// CHECK:         %[[INNER:.+]] = memref.subview %[[Y]][8] [16] [1]
// CHECK:         %[[B:.+]] = builtin.unrealized_conversion_cast %[[INNER]] {{.*}} to memref<16xf32>
// CHECK-NOT:     memref.alloc()
// CHECK:         call @shift_exp_
// CHECK:         call @shift_neg_
// CHECK:         call @shift_concat_{{.+}}__move(%[[X]], %[[B]],
// CHECK-NOT:     call
// CHECK:         return

// KEEP:          call @shift_split_
// KEEP-COUNT-4:  call @shift_concat_
func.func @main(%x: tensor<1x2x4xf32>) -> tensor<1x6x4xf32> {
  %0:2 = onnx.Split %x {axis = 1 : i64, split = array<i64: 1, 1>} : (tensor<1x2x4xf32>) -> (tensor<1x1x4xf32>, tensor<1x1x4xf32>)
  %1 = onnx.Exp %x : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %2 = onnx.Add %0#0, %0#1 : (tensor<1x1x4xf32>, tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %3 = onnx.Mul %1, %2 : (tensor<1x2x4xf32>, tensor<1x1x4xf32>) -> tensor<1x2x4xf32>
  %4 = onnx.Neg %3 : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %5 = onnx.Concat %4, %x {axis = 1 : i64} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x4x4xf32>
  %6 = onnx.Concat %1, %5 {axis = 1 : i64} : (tensor<1x2x4xf32>, tensor<1x4x4xf32>) -> tensor<1x6x4xf32>
  return %6 : tensor<1x6x4xf32>
}
