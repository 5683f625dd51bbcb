// The example of the pass's description.
// RUN: shift-opt %s --fold-batch-norm | FileCheck %s

// k = 4 / sqrt(3 + 1) = 2, so W' = 2 * 3 and B' = (0 - 1) * 2 + 5.
// CHECK-DAG: %[[W2:.+]] = onnx.Constant dense<6.000000e+00> : tensor<2x1x1x1xf32>
// CHECK-DAG: %[[B2:.+]] = onnx.Constant dense<3.000000e+00> : tensor<2xf32>
// CHECK: %[[Z:.+]] = onnx.Conv %{{.+}}, %[[W2]], %[[B2]]
// CHECK-NEXT: return %[[Z]]
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w = onnx.Constant dense<3.0> : tensor<2x1x1x1xf32>
  %scale = onnx.Constant dense<4.0> : tensor<2xf32>
  %b = onnx.Constant dense<5.0> : tensor<2xf32>
  %mean = onnx.Constant dense<1.0> : tensor<2xf32>
  %var = onnx.Constant dense<3.0> : tensor<2xf32>
  %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %z = onnx.BatchNormalization %y, %scale, %b, %mean, %var {epsilon = 1.0 : f32}
    : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %z : tensor<1x2x2x2xf32>
}
