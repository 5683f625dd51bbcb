// RUN: shift-opt %s --split-input-file --quantize-activations | FileCheck %s

// With eight bits a Relu's result is unsigned, unless a border below zero is
// put around it.
// CHECK-LABEL: func @main
// CHECK: shift.pad {{.*}}!quant.uniform<i8:f32
module attributes {shift.quantization = {activation_bits = 8 : i64}} {
  func.func @main(%x: tensor<1x1x2x2xf32> {shift.fraction = 4 : i64}) -> tensor<1x1x4x4xf32> {
    %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
    %y = shift.conv2d %x, %w {clamp_min = 0.0 : f32, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, shift.fractions = array<i64: 4>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x2x2xf32>
    %p = onnx.Pad %y {constant_value = -0.5 : f32, mode = "constant", pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, shift.fractions = array<i64: 4>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
    %z = shift.conv2d %p, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4xf32>
    return %z : tensor<1x1x4x4xf32>
  }
}

// -----

// Clip gives its maximum where that is below its minimum, here -1.
// CHECK-LABEL: func @main
// CHECK-NOT: !quant.uniform<u8
module attributes {shift.quantization = {activation_bits = 8 : i64}} {
  func.func @main(%x: tensor<1x1x2x2xf32> {shift.fraction = 4 : i64}) -> tensor<1x1x2x2xf32> {
    %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
    %c = onnx.Clip %x {min = 0.0 : f32, max = -1.0 : f32, shift.fractions = array<i64: 4>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
    %z = shift.conv2d %c, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x2x2xf32>
    return %z : tensor<1x1x2x2xf32>
  }
}
