// RUN: shift-opt %s --convert-shift-to-cpu | FileCheck %s

// Numbers that an op cannot take are found by a step before it, which completes
// no value; constants that are fine need none.
// CHECK-LABEL: func.func @main
// CHECK-NOT:     call @shift_check
// CHECK:         call @shift_div_{{.+}}__map
// CHECK-NOT:     call @shift_div
// CHECK:         call @shift_check_{{.+}}__check
// CHECK-SAME:      fault = "expected a divisor that is not 0"
// CHECK-SAME:      value_id = -1
// CHECK:         call @shift_div_{{.+}}__map
// CHECK-SAME:      value_id = 2
// CHECK:         call @shift_check_{{.+}}__check
// CHECK-SAME:      fault = "expected indices in [-9, 9)"
// CHECK-SAME:      value_id = -1
// CHECK:         call @shift_gather_{{.+}}__move
// CHECK-SAME:      value_id = 3
// CHECK-NOT:     call @shift_check

// CHECK-LABEL: func.func private @shift_check
// CHECK:         arith.cmpi eq
// CHECK-LABEL: func.func private @shift_check
// CHECK:         arith.cmpi slt
// CHECK:         arith.cmpi sge
func.func @main(%x: tensor<9xi32>, %y: tensor<9xi32>)
    -> (tensor<9xi32>, tensor<9xi32>, tensor<9xi32>) {
  %seven = onnx.Constant dense<7> : tensor<i32>
  %0 = onnx.Div %x, %seven : (tensor<9xi32>, tensor<i32>) -> tensor<9xi32>
  %1 = onnx.Div %x, %y : (tensor<9xi32>, tensor<9xi32>) -> tensor<9xi32>
  %2 = onnx.Gather %x, %y : (tensor<9xi32>, tensor<9xi32>) -> tensor<9xi32>
  return %0, %1, %2 : tensor<9xi32>, tensor<9xi32>, tensor<9xi32>
}
