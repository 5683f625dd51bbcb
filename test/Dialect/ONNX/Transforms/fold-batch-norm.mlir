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
  %k = onnx.Constant dense<2.0> : tensor<2x1x1xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.Mul %1, %k : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %3 = onnx.Conv %2, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}

// -----

// Layers that share their weight and their batch norm share the folded weight.
// CHECK-LABEL: func @shared_weight_and_norm
func.func @shared_weight_and_norm(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: %[[W:.+]] = onnx.Constant {name = "w"} dense_resource
  // CHECK-NOT: name = "w"
  // CHECK: onnx.Conv %{{.+}}, %[[W]], %[[B:.+]] {
  // CHECK-NEXT: onnx.Conv %{{.+}}, %[[W]], %[[B]] {
  %w = onnx.Constant {name = "w"} dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]], [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]]> : tensor<2x2x3x3xf32>
  %p = onnx.Constant dense<2.0> : tensor<2xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x3x3xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %3 = onnx.Conv %2, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x3x3xf32>) -> tensor<1x2x2x2xf32>
  %4 = onnx.BatchNormalization %3, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %4 : tensor<1x2x2x2xf32>
}

// -----

// FCOS multiplies its shared box branch by one number a level: not a batch
// norm, and folding it would unshare the weights.
// CHECK-LABEL: func @scalar
func.func @scalar(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: onnx.Conv
  // CHECK: onnx.Mul
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %k = onnx.Constant dense<2.0> : tensor<f32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.Mul %1, %k : (tensor<1x2x2x2xf32>, tensor<f32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// -----

// (y - 1) / 4 * 2 + 3, rounded once.
// CHECK-LABEL: func @chain
func.func @chain(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK-DAG: %[[W:.+]] = onnx.Constant {name = "w"} dense<1.500000e+00> : tensor<2x1x1x1xf32>
  // CHECK-DAG: %[[B:.+]] = onnx.Constant dense<2.500000e+00>
  // CHECK: %[[Y:.+]] = onnx.Conv %{{.+}}, %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %w = onnx.Constant {name = "w"} dense<3.0> : tensor<2x1x1x1xf32>
  %one = onnx.Constant dense<1.0> : tensor<2x1x1xf32>
  %two = onnx.Constant dense<2.0> : tensor<2x1x1xf32>
  %three = onnx.Constant dense<3.0> : tensor<2x1x1xf32>
  %four = onnx.Constant dense<4.0> : tensor<1x2x1x1xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.Sub %1, %one : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %3 = onnx.Div %2, %four : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %4 = onnx.Mul %two, %3 : (tensor<2x1x1xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %5 = onnx.Add %4, %three : (tensor<1x2x2x2xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %5 : tensor<1x2x2x2xf32>
}

// -----

// W is C x M/group: output channel 2 of group 1 has the weights W[1][1].
// CHECK-LABEL: func @transposed_convolution
func.func @transposed_convolution(%x: tensor<1x2x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK-DAG: %[[W:.+]] = onnx.Constant {name = "w"} dense<{{\[\[\[\[}}1.000000e+00]], {{\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+00]], {{\[\[}}4.000000e+00]]]]>
  // CHECK: onnx.ConvTranspose %{{.+}}, %[[W]]
  // CHECK-NOT: onnx.Mul
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x2x1x1xf32>
  %k = onnx.Constant dense<[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]> : tensor<4x1x1xf32>
  %1 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  %2 = onnx.Mul %1, %k : (tensor<1x4x2x2xf32>, tensor<4x1x1xf32>) -> tensor<1x4x2x2xf32>
  return %2 : tensor<1x4x2x2xf32>
}

// -----

// CHECK-LABEL: func @linear
func.func @linear(%x: tensor<2x2xf32>) -> tensor<2x3xf32> {
  // CHECK-DAG: %[[W:.+]] = onnx.Constant {name = "w"} dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00], [1.000000e+00, 2.000000e+00, 3.000000e+00]]>
  // CHECK-DAG: %[[B:.+]] = onnx.Constant {name = "b"} dense<[5.000000e-01, 1.000000e+00, 1.500000e+00]>
  // CHECK: %[[Y:.+]] = onnx.Gemm %{{.+}}, %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x3xf32>
  %b = onnx.Constant {name = "b"} dense<0.5> : tensor<3xf32>
  %k = onnx.Constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %1 = onnx.Gemm %x, %w, %b : (tensor<2x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %2 = onnx.Mul %1, %k : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

// -----

// A scale that is not finite would ruin the weights; the norm stays.
// CHECK-LABEL: func @variance_below_zero
func.func @variance_below_zero(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: onnx.BatchNormalization
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %p = onnx.Constant dense<1.0> : tensor<2xf32>
  %v = onnx.Constant dense<[1.0, -1.0]> : tensor<2xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %v : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// One square matrix, used straight and transposed: the factors belong to its
// columns here and to its rows there.
// CHECK-LABEL: func @shared_both_ways
// CHECK-DAG: onnx.Constant {{.*}}dense<{{\[\[}}1.000000e+01, 2.000000e+02], [3.000000e+01, 4.000000e+02]]>
// CHECK-DAG: onnx.Constant {{.*}}dense<{{\[\[}}1.000000e+01, 2.000000e+01], [3.000000e+02, 4.000000e+02]]>
// CHECK-NOT: onnx.Mul
func.func @shared_both_ways(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = onnx.Constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %k = onnx.Constant dense<[[10.0, 100.0]]> : tensor<1x2xf32>
  %0 = onnx.Gemm %x, %w {transB = 0 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = onnx.Mul %0, %k : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = onnx.Gemm %x, %w {transB = 1 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = onnx.Mul %2, %k : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1, %3 : tensor<1x2xf32>, tensor<1x2xf32>
}

// The bias that folding adds is not scaled by beta.
// CHECK-LABEL: func @beta_without_bias
// CHECK: onnx.Constant dense<[1.000000e+01, 1.000000e+02]>
// CHECK: onnx.Gemm
// CHECK-NOT: beta = 2
// CHECK: return
func.func @beta_without_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = onnx.Constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = onnx.Constant dense<[[10.0, 100.0]]> : tensor<1x2xf32>
  %0 = onnx.Gemm %x, %w {beta = 2.0 : f32} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = onnx.Add %0, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}
