// The example of the pass's description.
// RUN: shift-opt %s --quantize-shift=-10:5 | FileCheck %s

// CHECK: %[[W1:.+]] = shift.weight {{.*}} : tensor<8x3x3x3x!shift.pow2<-10:5>>
// CHECK-NEXT: %[[Z:.+]] = shift.conv2d %{{.+}}, %[[W1]], %{{.+}} {clamp_min = 0.000000e+00 : f32,
// CHECK-NEXT: return %[[Z]]
func.func @main(%x: tensor<1x3x8x8xf32>, %b: tensor<8xf32>) -> tensor<1x8x8x8xf32> {
  %w = onnx.Constant {name = "w"} dense<0.3> : tensor<8x3x3x3xf32>
  %y = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x3x8x8xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x8x8x8xf32>
  %z = onnx.Relu %y : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %z : tensor<1x8x8x8xf32>
}
