// RUN: not shift-opt %s --quantize-activations 2>&1 | FileCheck %s

// CHECK: error: argument 0 has no calibrated shift.fraction; run shift-compile --calibrate=FOLDER
module {
  func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
    %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
    %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4xf32>
    return %y : tensor<1x1x4x4xf32>
  }
}
