// The example of the pass's description.
// RUN: shift-opt %s --quantize-activations | FileCheck %s

// CHECK: shift.quantize
// CHECK: shift.conv2d {{.*}} -> tensor<1x4x8x8x!quant.uniform<i16:f32, 3.906250e-03>>
// CHECK: shift.conv2d {{.*}} -> tensor<1x4x8x8xf32>
module attributes {shift.quantization = {activation_bits = 16 : i64}} {
  func.func @main(%0: tensor<1x4x8x8xf32> {shift.fraction = 8 : i64}) -> tensor<1x4x8x8xf32> {
    %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -2>, signs = array<i8: 1>}
      : tensor<4x4x1x1x!shift.pow2<-10:5>>
    %1 = shift.conv2d %0, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, shift.fractions = array<i64: 8>, strides = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>) -> tensor<1x4x8x8xf32>
    %2 = shift.conv2d %1, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, shift.fractions = array<i64: 8>, strides = array<i64: 1, 1>}
      : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>) -> tensor<1x4x8x8xf32>
    return %2 : tensor<1x4x8x8xf32>
  }
}
