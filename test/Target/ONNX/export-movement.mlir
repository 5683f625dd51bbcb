// Ops that keep the integers need no rounding of their own.
// RUN: shift-translate --export-onnx %s --activations=qdq -o %t.onnx
// RUN: %python %S/print-onnx.py %t.onnx | FileCheck %s --implicit-check-not=Linear

!q = !quant.uniform<i8:f32, 6.250000e-02>
func.func @main(%x: tensor<1x2x4x4x!q>) -> (tensor<1x2x3x2x!q>, tensor<1x2x8x8x!q>, tensor<1x2x4x2x!q>, tensor<1x2x2x1x!q>) {
  // CHECK: Pad (input0, [[PADS:.+]], [[BORDER:.+]])
  %p = shift.pad %x {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, value = 2.0 : f32} : (tensor<1x2x4x4x!q>) -> tensor<1x2x6x6x!q>
  // CHECK: MaxPool <kernel_shape: ints = [2, 3], pads: ints = [0, 0, 0, 0], strides: ints = [2, 3], ceil_mode: int = 0>
  %m = shift.max_pool %p {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 3>} : (tensor<1x2x6x6x!q>) -> tensor<1x2x3x2x!q>
  // A doubling is a Resize, any other choice of rows and columns two Gathers.
  // CHECK: Resize <mode: string = "nearest", coordinate_transformation_mode: string = "asymmetric", nearest_mode: string = "floor">
  %r = shift.resize_nearest %x {columns = array<i64: 0, 0, 1, 1, 2, 2, 3, 3>, rows = array<i64: 0, 0, 1, 1, 2, 2, 3, 3>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x8x8x!q>
  // CHECK: Gather <axis: int = 2>
  // CHECK: Gather <axis: int = 3>
  %g = shift.resize_nearest %x {columns = array<i64: 3, 0>, rows = array<i64: 0, 1, 2, 3>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x4x2x!q>
  // CHECK: Transpose <perm: ints = [0, 3, 2, 1]>
  %t = shift.transpose %g {perm = array<i64: 0, 3, 2, 1>} : (tensor<1x2x4x2x!q>) -> tensor<1x2x4x2x!q>
  // CHECK: Slice (input0, [[STARTS:.+]], [[ENDS:.+]], [[AXES:.+]], [[STEPS:.+]])
  %s = shift.slice %x {starts = array<i64: 0, 1, 3, 0>, steps = array<i64: 1, -1, -2, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x2x1x!q>
  return %m, %r, %t, %s : tensor<1x2x3x2x!q>, tensor<1x2x8x8x!q>, tensor<1x2x4x2x!q>, tensor<1x2x2x1x!q>
}
