// RUN: shift-opt %s --convert-shift-to-gpu -split-input-file -verify-diagnostics

func.func @main(%x: tensor<65536x65536xf32>) -> tensor<65536x65536xf32> {
  // expected-error @below {{'onnx.Relu' uses a buffer of 4294967296 elements, expected at most 2147483647 in gpu code}}
  %0 = onnx.Relu %x : (tensor<65536x65536xf32>) -> tensor<65536x65536xf32>
  return %0 : tensor<65536x65536xf32>
}

// -----

func.func @main(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %s = onnx.Constant dense<1.0> : tensor<4xf32>
  // expected-error @below {{'onnx.BatchNormalization' is not supported in compiled code: expected a batch normalization that is part of a convolution; --engine=reference runs it}}
  %0 = onnx.BatchNormalization %x, %s, %s, %s, %s {epsilon = 1.0e-5 : f32}
    : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}
