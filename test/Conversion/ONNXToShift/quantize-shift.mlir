// RUN: shift-opt %s --quantize-shift=-10:5 | FileCheck %s
// RUN: shift-opt %s --quantize-shift="range=-10:5" | FileCheck %s
// RUN: shift-opt %s --pass-pipeline="builtin.module(quantize-shift{range=-10:5 rounding=nearest underflow=zero window=0 terms=1 activation-bits=16})" | FileCheck %s
// RUN: shift-opt %s --quantize-shift | FileCheck %s

// What training and later passes need is in the module.
// CHECK: module attributes {shift.quantization = {activation_bits = 16 : i64, range = "-10:5", rounding = "nearest", terms = 1 : i64, underflow = "zero", window = 0 : i64}}

// 0.1 is between 2^-4 = 0.0625 and 2^-3 = 0.125, nearer to 0.125; 100
// saturates to 2^5; 0.0002 is below half of 2^-10; the Relu becomes a clamp.
// CHECK-LABEL: func @conv
// CHECK-SAME: (%[[X:.+]]: tensor<1x2x3x3xf32>)
// CHECK-DAG: %[[W:.+]] = shift.weight {bits = 2 : i64, codes = dense<57> : tensor<1xi8>, exponents = array<i8: -2, 0, -3, 5>, name = "w", shift.rounding = {saturated = 1 : i64, sqnr_db = {{.+}} : f64, underflowed = 1 : i64}, signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x1x1x!shift.pow2<-10:5>>
// CHECK-DAG: %[[B:.+]] = onnx.Constant {name = "b"}
// CHECK: %[[Y:.+]] = shift.conv2d %[[X]], %[[W]], %[[B]]
// CHECK-SAME: clamp_min = 0.000000e+00 : f32
// CHECK-SAME: node_name = "c"
// CHECK-SAME: pads = array<i64: 1, 0, 1, 0>
// CHECK-SAME: -> tensor<1x2x5x3xf32>
// CHECK-NEXT: return %[[Y]]
func.func @conv(%x: tensor<1x2x3x3xf32>) -> tensor<1x2x5x3xf32> {
  %w = onnx.Constant {name = "w"} dense<[[[[0.0002]], [[0.1]]], [[[100.0]], [[-0.25]]]]> : tensor<2x2x1x1xf32>
  %b = onnx.Constant {name = "b"} dense<[1.0, 2.0]> : tensor<2xf32>
  %y = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, node_name = "c",
    pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x3x3xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x5x3xf32>
  %z = onnx.Relu %y : (tensor<1x2x5x3xf32>) -> tensor<1x2x5x3xf32>
  return %z : tensor<1x2x5x3xf32>
}

// A weight of two convolutions is stored once.
// CHECK-LABEL: func @shared
// CHECK: %[[W:.+]] = shift.weight
// CHECK-NOT: shift.weight
// CHECK: shift.conv2d %{{.+}}, %[[W]]
// CHECK: shift.conv2d %{{.+}}, %[[W]]
func.func @shared(%x: tensor<1x1x3x3xf32>) -> tensor<1x1x1x1xf32> {
  %w = onnx.Constant {name = "head"} dense<0.5> : tensor<1x1x2x2xf32>
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %1 = onnx.Conv %0, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %1 : tensor<1x1x1x1xf32>
}

// The stored order is M x K whatever transB says: 1 2 / 4 8.
// CHECK-LABEL: func @gemm_trans_b
// CHECK: shift.weight {bits = 2 : i64, codes = dense<-28> : tensor<1xi8>, exponents = array<i8: 0, 1, 2, 3>
// CHECK: shift.linear
func.func @gemm_trans_b(%x: tensor<1x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  %w = onnx.Constant dense<[[1.0, 2.0], [4.0, 8.0]]> : tensor<2x2xf32>
  %y = onnx.Gemm %x, %w {transB = 1 : i64} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The rows of B are K, so codes are transposed: 1 4 / 2 8.
// alpha is rounded with the weights, beta goes to the bias.
// CHECK-LABEL: func @gemm_no_trans_b
// CHECK-DAG: %[[W:.+]] = shift.weight {bits = 2 : i64, codes = dense<-40> : tensor<1xi8>, exponents = array<i8: 1, 2, 3, 4>
// CHECK-DAG: %[[B:.+]] = onnx.Constant dense<[3.000000e+00, 6.000000e+00]> : tensor<2xf32>
// CHECK: shift.linear %{{.+}}, %[[W]], %[[B]]
func.func @gemm_no_trans_b(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = onnx.Constant dense<[[1.0, 2.0], [4.0, 8.0]]> : tensor<2x2xf32>
  %c = onnx.Constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %y = onnx.Gemm %x, %w, %c {alpha = 2.0 : f32, beta = 3.0 : f32}
    : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @matmul_and_add
// CHECK-NOT: onnx.Add
// CHECK: shift.linear %{{.+}}, %{{.+}}, %{{.+}} : (tensor<2x5x3xf32>, tensor<4x3x!shift.pow2<-10:5>>, tensor<4xf32>) -> tensor<2x5x4xf32>
// CHECK-NOT: onnx.Add
func.func @matmul_and_add(%x: tensor<2x5x3xf32>) -> tensor<2x5x4xf32> {
  %w = onnx.Constant dense<1.0> : tensor<3x4xf32>
  %b = onnx.Constant dense<0.5> : tensor<4xf32>
  %y = onnx.MatMul %x, %w : (tensor<2x5x3xf32>, tensor<3x4xf32>) -> tensor<2x5x4xf32>
  %z = onnx.Add %b, %y : (tensor<4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %z : tensor<2x5x4xf32>
}

// CHECK-LABEL: func @conv_1d
// CHECK: %[[X:.+]] = onnx.Reshape %{{.+}} -> tensor<1x2x1x8xf32>
// CHECK: %[[Y:.+]] = shift.conv2d %[[X]]
// CHECK-SAME: dilations = array<i64: 1, 2>
// CHECK-SAME: pads = array<i64: 0, 1, 0, 2>
// CHECK-SAME: strides = array<i64: 1, 3>
// CHECK: onnx.Reshape %[[Y]]
// CHECK-SAME: -> tensor<1x3x3xf32>
func.func @conv_1d(%x: tensor<1x2x8xf32>) -> tensor<1x3x3xf32> {
  %w = onnx.Constant dense<1.0> : tensor<3x2x3xf32>
  %y = onnx.Conv %x, %w {dilations = array<i64: 2>, pads = array<i64: 1, 2>, strides = array<i64: 3>}
    : (tensor<1x2x8xf32>, tensor<3x2x3xf32>) -> tensor<1x3x3xf32>
  return %y : tensor<1x3x3xf32>
}

// CHECK-LABEL: func @weights_that_are_not_constant
// CHECK: onnx.Conv
// CHECK: onnx.MatMul
func.func @weights_that_are_not_constant(%x: tensor<1x1x2x2xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32> {
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  %1 = onnx.MatMul %0, %x : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// Batch norm is folded before weights are rounded: 0.75 * 1.5 -> 1.
// CHECK-LABEL: func @batch_norm_first
// CHECK: shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>
// CHECK-NOT: onnx.BatchNormalization
func.func @batch_norm_first(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = onnx.Constant dense<0.75> : tensor<1x1x1x1xf32>
  %k = onnx.Constant dense<1.5> : tensor<1xf32>
  %0 = onnx.Constant dense<0.0> : tensor<1xf32>
  %1 = onnx.Constant dense<1.0> : tensor<1xf32>
  %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  %z = onnx.BatchNormalization %y, %k, %0, %0, %1 {epsilon = 0.0 : f32}
    : (tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  return %z : tensor<1x1x2x2xf32>
}

// An Add of a scalar behind a product with one column is no row of biases.
// CHECK-LABEL: func @scalar_behind_one_column
// CHECK: shift.linear
// CHECK: onnx.Add
func.func @scalar_behind_one_column(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  %w = onnx.Constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %b = onnx.Constant dense<3.0> : tensor<f32>
  %0 = onnx.MatMul %x, %w : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32>
  %1 = onnx.Add %0, %b : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  return %1 : tensor<3x1xf32>
}
