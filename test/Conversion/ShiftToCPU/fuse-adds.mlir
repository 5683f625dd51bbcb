// RUN: shift-opt %s --fuse-adds --split-input-file | FileCheck %s
// RUN: shift-opt %s --shift-to-cpu-pipeline --split-input-file | FileCheck %s --check-prefix=PLAN
// RUN: shift-opt %s --shift-to-cpu-pipeline="keep-all-values=true" --split-input-file | FileCheck %s --check-prefix=KEEP

!q = !quant.uniform<i8:f32, 0.0625>
!r = !quant.uniform<u8:f32, 0.125>

// Of two convolutions the later one takes the add. Its step reads the other's
// result and writes the sum, which has the number of the add.
// CHECK-LABEL: func.func @main
// CHECK:         shift.conv2d
// CHECK-NOT:       shift.fused
// CHECK:         shift.conv2d
// CHECK-SAME:      shift.fused
// CHECK:         shift.add

// PLAN-LABEL:  func.func @main(
// PLAN-SAME:     memref<16xi8>
// PLAN-SAME:     %[[OUT:.+]]: memref<16xi8>
// PLAN:          %[[LEFT:.+]] = memref.alloc() : memref<16xi8>
// PLAN:          call @shift_conv2d_
// PLAN-SAME:       value_id = 2
// PLAN:          call @shift_conv2d_{{.+}}(%{{.+}}, %{{.+}}, %{{.+}}, %[[LEFT]], %[[OUT]],
// PLAN-SAME:       in_place = array<i64: 3>
// PLAN-SAME:       value_id = 4
// PLAN-NOT:      call
// PLAN:          return

// KEEP-LABEL:  func.func @main(
// KEEP:          call @shift_conv2d_
// KEEP:          call @shift_conv2d_
// KEEP:          call @shift_add_
func.func @main(%x: tensor<1x1x4x4x!q>) -> tensor<1x1x4x4x!r> {
  %w = shift.weight {bits = 2 : i64, codes = dense<[2]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %v = shift.weight {bits = 2 : i64, codes = dense<[3]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "v",
    signs = array<i8: -1, 0, 1, 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4x!q>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4x!q>
  %1 = shift.conv2d %x, %v {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4x!q>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4x!q>
  %2 = shift.add %0, %1 {clamp_min = 0.0 : f32} : (tensor<1x1x4x4x!q>, tensor<1x1x4x4x!q>) -> tensor<1x1x4x4x!r>
  return %2 : tensor<1x1x4x4x!r>
}

// -----

!q = !quant.uniform<i8:f32, 0.0625>

// A doubling goes with the add, other resampling and values with other uses do
// not.
// CHECK-LABEL: func.func @main
// CHECK:         shift.resize_nearest
// CHECK-SAME:      shift.fused
// CHECK:         shift.resize_nearest
// CHECK-NOT:       shift.fused
// CHECK:         return

// PLAN-LABEL:  func.func @main(
// PLAN:          call @shift_upsample_add_{{.+}}__map
// PLAN:          call @shift_resize_nearest
// PLAN:          call @shift_add_
// PLAN:          return
func.func @main(%x: tensor<1x1x2x2x!q>, %y: tensor<1x1x3x4x!q>) -> (tensor<1x1x3x4x!q>, tensor<1x1x3x4x!q>) {
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 0, 1>, columns = array<i64: 0, 0, 1, 1>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x3x4x!q>
  %1 = shift.add %0, %y : (tensor<1x1x3x4x!q>, tensor<1x1x3x4x!q>) -> tensor<1x1x3x4x!q>
  %2 = shift.resize_nearest %x {rows = array<i64: 0, 1, 1>, columns = array<i64: 0, 0, 1, 1>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x3x4x!q>
  %3 = shift.add %2, %y : (tensor<1x1x3x4x!q>, tensor<1x1x3x4x!q>) -> tensor<1x1x3x4x!q>
  return %1, %3 : tensor<1x1x3x4x!q>, tensor<1x1x3x4x!q>
}
