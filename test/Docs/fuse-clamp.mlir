// The example of the pass's description.
// RUN: shift-opt %s --fuse-clamp | FileCheck %s

// CHECK: %[[Z:.+]] = shift.conv2d %{{.+}}, %{{.+}} {clamp_min = 0.000000e+00 : f32,
// CHECK-NEXT: return %[[Z]]
func.func @main(%x: tensor<1x3x8x8xf32>, %w: tensor<8x3x1x1x!shift.pow2<-10:5>>) -> tensor<1x8x8x8xf32> {
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x3x8x8xf32>, tensor<8x3x1x1x!shift.pow2<-10:5>>) -> tensor<1x8x8x8xf32>
  %z = onnx.Relu %y : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %z : tensor<1x8x8x8xf32>
}
