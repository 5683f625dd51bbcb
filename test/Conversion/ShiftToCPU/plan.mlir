// RUN: shift-opt %s --convert-shift-to-cpu | FileCheck %s
// RUN: shift-opt %s --shift-to-cpu-pipeline="keep-all-values=true" | FileCheck %s --check-prefix=KEEP

// Equal ops share a kernel, a reshape is another name of a buffer, and the op
// that makes an output writes to it.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.+]]: memref<6xf32> {shift.name = "input0"
// CHECK-SAME:    %[[Y:.+]]: memref<6xf32> {shift.name = "output0"
// CHECK-SAME:    %[[COPY:.+]]: memref<6xf32> {shift.name = "output1"
// CHECK:         %[[A:.+]] = memref.alloc() : memref<6xf32>
// CHECK:         call @[[RELU:shift_relu_.+__map]](%[[X]], %[[A]],
// CHECK-SAME:      value_id = 0
// CHECK:         %[[B:.+]] = memref.alloc() : memref<6xf32>
// CHECK:         call @[[RELU]](%[[A]], %[[B]],
// CHECK-SAME:      value_id = 1
// CHECK:         call @shift_exp_{{.+}}__map(%[[B]], %[[Y]],
// CHECK-SAME:      value_id = 3
// CHECK:         call @shift_copy_{{.+}}__move(%[[X]], %[[COPY]],
// CHECK:         return
// CHECK:       func.func private @[[RELU]]
// CHECK-NOT:   func.func private @shift_relu

// With every value kept, the reshape is a step of its own.
// KEEP-LABEL:  func.func @main(
// KEEP:          call @shift_copy_
// KEEP-SAME:       op = "onnx.Reshape"
// KEEP-SAME:       value_id = 2
func.func @main(%x: tensor<2x3xf32>) -> (tensor<6xf32>, tensor<2x3xf32>) {
  %0 = onnx.Relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = onnx.Relu %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = onnx.Reshape %1 : (tensor<2x3xf32>) -> tensor<6xf32>
  %3 = onnx.Exp %2 : (tensor<6xf32>) -> tensor<6xf32>
  return %3, %x : tensor<6xf32>, tensor<2x3xf32>
}
