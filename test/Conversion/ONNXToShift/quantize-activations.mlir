// RUN: shift-opt %s --split-input-file --quantize-activations --canonicalize | FileCheck %s

// The input is quantized, the Relu becomes a requantize, the result is float32
// straight from the sum.
// CHECK-LABEL: func @main
// CHECK: %[[Q:.+]] = shift.quantize %{{.+}} -> tensor<1x1x4x4x!quant.uniform<i16:f32, 3.906250e-03>>
// CHECK: %[[Y:.+]] = shift.conv2d %[[Q]]
// CHECK-SAME: -> tensor<1x1x4x4x!quant.uniform<i16:f32, 7.812500e-03>>
// CHECK: %[[S:.+]] = shift.add %[[Y]], %[[Q]] {clamp_min = 0.000000e+00 : f32}
// CHECK-SAME: -> tensor<1x1x4x4x!quant.uniform<i16:f32, 1.562500e-02>>
// CHECK: %[[Z:.+]] = shift.conv2d %[[S]]
// CHECK-SAME: -> tensor<1x1x4x4xf32>
// CHECK: return %[[Z]]
module attributes {shift.quantization = {activation_bits = 16 : i64}} {
  func.func @main(%x: tensor<1x1x4x4xf32> {shift.fraction = 8 : i64}) -> tensor<1x1x4x4xf32> {
    %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
    %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, shift.fractions = array<i64: 7>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4xf32>
    %s = onnx.Add %y, %x {shift.fractions = array<i64: 7>} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
    %r = onnx.Relu %s {shift.fractions = array<i64: 6>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
    %z = shift.conv2d %r, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4xf32>
    return %z : tensor<1x1x4x4xf32>
  }
}
