// The example of the pass's description.
// RUN: shift-opt %s --fuse-group-norm | FileCheck %s

// CHECK-DAG: %[[S:.+]] = onnx.Constant dense<3.000000e+00> : tensor<4xf32>
// CHECK-DAG: %[[B:.+]] = onnx.Constant dense<5.000000e+00> : tensor<4xf32>
// CHECK: %[[Y:.+]] = onnx.GroupNormalization %{{.+}}, %[[S]], %[[B]] {num_groups = 2 : i64}
// CHECK-NEXT: return %[[Y]]
func.func @main(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %ones = onnx.Constant dense<1.0> : tensor<2xf32>
  %zeros = onnx.Constant dense<0.0> : tensor<2xf32>
  %scale = onnx.Constant dense<3.0> : tensor<4x1x1xf32>
  %bias = onnx.Constant dense<5.0> : tensor<4x1x1xf32>
  %1 = onnx.Reshape %x : (tensor<1x4x8x8xf32>) -> tensor<1x2x128xf32>
  %2 = onnx.InstanceNormalization %1, %ones, %zeros : (tensor<1x2x128xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x128xf32>
  %3 = onnx.Reshape %2 : (tensor<1x2x128xf32>) -> tensor<1x4x8x8xf32>
  %4 = onnx.Mul %3, %scale : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %5 = onnx.Add %4, %bias : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  return %5 : tensor<1x4x8x8xf32>
}
