// RUN: shift-opt %s --quantize-activations="mode=deepshift" | FileCheck %s
// RUN: not shift-opt %s --quantize-activations="mode=other" 2>&1 | FileCheck %s --check-prefix=MODE

// MODE: error: quantize-activations: expected mode calibrated or deepshift, got 'other'

// The input that two layers share is rounded once, results stay float32.
// CHECK-LABEL: func @main
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK: %[[Q:.+]] = shift.quantize %[[X]] {floor} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2x!quant.uniform<i32:f32, 1.52587890625E-5>>
// CHECK: %[[Y:.+]] = shift.conv2d %[[Q]], {{.*}} -> tensor<1x1x2x2xf32>
// CHECK: %[[Z:.+]] = shift.conv2d %[[Q]], {{.*}} -> tensor<1x1x2x2xf32>
// CHECK: onnx.Add %[[Y]], %[[Z]]
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x2x2xf32>
  %z = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x2x2xf32>
  %s = onnx.Add %y, %z : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %s : tensor<1x1x2x2xf32>
}
