// RUN: shift-opt %s --split-input-file --fuse-group-norm --canonicalize | FileCheck %s

// CHECK-LABEL: func @exported
func.func @exported(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK-DAG: %[[SCALE:.+]] = onnx.Constant {name = "gamma"} dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]>
  // CHECK-DAG: %[[BIAS:.+]] = onnx.Constant {name = "beta"} dense<5.000000e-01>
  // CHECK: %[[Y:.+]] = onnx.GroupNormalization %{{.+}}, %[[SCALE]], %[[BIAS]] {epsilon = {{.+}} : f32, num_groups = 2 : i64}
  // CHECK: return %[[Y]]
  %one = onnx.Constant dense<1.0> : tensor<2xf32>
  %zero = onnx.Constant dense<0.0> : tensor<2xf32>
  %gamma = onnx.Constant {name = "gamma"} dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %beta = onnx.Constant {name = "beta"} dense<0.5> : tensor<4x1x1xf32>
  %1 = onnx.Reshape %x : (tensor<1x4x2x2xf32>) -> tensor<1x2x8xf32>
  %2 = onnx.InstanceNormalization %1, %one, %zero {epsilon = 1.0e-3 : f32} : (tensor<1x2x8xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8xf32>
  %3 = onnx.Reshape %2 : (tensor<1x2x8xf32>) -> tensor<1x4x2x2xf32>
  %4 = onnx.Mul %3, %gamma : (tensor<1x4x2x2xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %5 = onnx.Add %4, %beta : (tensor<1x4x2x2xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x2xf32>
  return %5 : tensor<1x4x2x2xf32>
}

// -----

// A scale per group is no unit scale.
// CHECK-LABEL: func @scaled_groups
func.func @scaled_groups(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: onnx.InstanceNormalization
  %two = onnx.Constant dense<2.0> : tensor<2xf32>
  %zero = onnx.Constant dense<0.0> : tensor<2xf32>
  %1 = onnx.Reshape %x : (tensor<1x4x2x2xf32>) -> tensor<1x2x8xf32>
  %2 = onnx.InstanceNormalization %1, %two, %zero {epsilon = 1.0e-3 : f32} : (tensor<1x2x8xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x8xf32>
  %3 = onnx.Reshape %2 : (tensor<1x2x8xf32>) -> tensor<1x4x2x2xf32>
  return %3 : tensor<1x4x2x2xf32>
}

// -----

// A constant of more dimensions changes the type, so it is no scale.
// CHECK-LABEL: func @scale_of_higher_rank
// CHECK: onnx.GroupNormalization
// CHECK: onnx.Mul
func.func @scale_of_higher_rank(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x2x2xf32> {
  %one = onnx.Constant dense<1.0> : tensor<1xf32>
  %zero = onnx.Constant dense<0.0> : tensor<1xf32>
  %k = onnx.Constant dense<2.0> : tensor<1x1x1x1x1xf32>
  %0 = onnx.GroupNormalization %x, %one, %zero {epsilon = 1.0e-3 : f32, num_groups = 1 : i64} : (tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  %1 = onnx.Mul %0, %k : (tensor<1x1x2x2xf32>, tensor<1x1x1x1x1xf32>) -> tensor<1x1x1x2x2xf32>
  return %1 : tensor<1x1x1x2x2xf32>
}
