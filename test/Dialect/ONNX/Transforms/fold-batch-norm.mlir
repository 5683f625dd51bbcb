// RUN: shift-opt %s --split-input-file --fold-batch-norm --canonicalize | FileCheck %s

// k = scale / sqrt(var + epsilon) is 2, -1, 0; B' = (B - mean) * k + beta.
// CHECK-LABEL: func @batch_norm
func.func @batch_norm(%x: tensor<1x1x2x2xf32>) -> tensor<1x3x2x2xf32> {
  // CHECK-DAG: %[[W:.+]] = onnx.Constant {name = "w"} dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}-1.000000e+00]]], {{\[\[\[}}0.000000e+00]]]]>
  // CHECK-DAG: %[[B:.+]] = onnx.Constant {name = "b"} dense<[3.000000e+00, 5.000000e-01, 1.000000e+00]>
  // CHECK: onnx.Conv %{{.+}}, %[[W]], %[[B]]
  // CHECK-NOT: onnx.BatchNormalization
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<3x1x1x1xf32>
  %b = onnx.Constant {name = "b"} dense<1.5> : tensor<3xf32>
  %scale = onnx.Constant dense<[4.0, -2.0, 0.0]> : tensor<3xf32>
  %beta = onnx.Constant dense<1.0> : tensor<3xf32>
  %mean = onnx.Constant dense<[0.5, 1.0, 9.0]> : tensor<3xf32>
  %var = onnx.Constant dense<3.0> : tensor<3xf32>
  %y = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<3x1x1x1xf32>, tensor<3xf32>) -> tensor<1x3x2x2xf32>
  %z = onnx.BatchNormalization %y, %scale, %beta, %mean, %var {epsilon = 1.0 : f32} : (tensor<1x3x2x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x2x2xf32>
  return %z : tensor<1x3x2x2xf32>
}

// -----

// Frozen batch norm: Mul and Add by a constant a channel.
// CHECK-LABEL: func @frozen
func.func @frozen(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK-DAG: dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+00]]]]>
  // CHECK-DAG: dense<[1.000000e+00, -1.000000e+00]>
  // CHECK: onnx.Conv
  // CHECK-NOT: onnx.Mul
  // CHECK-NOT: onnx.Add
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %k = onnx.Constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %c = onnx.Constant dense<[[[[1.0]], [[-1.0]]]]> : tensor<1x2x1x1xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.Mul %1, %k : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %3 = onnx.Add %2, %c : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}

// -----

// The other user of the convolution would see changed values.
// CHECK-LABEL: func @other_user
func.func @other_user(%x: tensor<1x1x2x2xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) {
  // CHECK: onnx.Conv
  // CHECK: onnx.BatchNormalization
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %p = onnx.Constant dense<2.0> : tensor<2xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %1, %2 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
}

// -----

// A weight that another convolution shares stays as it is for that one.
// CHECK-LABEL: func @shared_weight
func.func @shared_weight(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK-DAG: %[[W:.+]] = onnx.Constant {name = "w"} dense<1.000000e+00>
  // CHECK-DAG: %[[W2:.+]] = onnx.Constant {name = "w"} dense<{{.*}}2.000000e+00
  // CHECK: onnx.Conv %{{.+}}, %[[W2]]
  // CHECK: onnx.Conv %{{.+}}, %[[W]] {
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x2x1x1xf32>
  %k = onnx.Constant dense<2.0> : tensor<f32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.Mul %1, %k : (tensor<1x2x2x2xf32>, tensor<f32>) -> tensor<1x2x2x2xf32>
  %3 = onnx.Conv %2, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}
