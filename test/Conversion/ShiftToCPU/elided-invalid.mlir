// RUN: not shift-opt %s --convert-shift-to-cpu 2>&1 | FileCheck %s

// Weights that a printer left out are no zeros.
// CHECK: error: 'onnx.Constant' op expected data for 4 elements
func.func @main(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = onnx.Constant dense_resource<__elided__> : tensor<2x2xf32>
  %y = onnx.MatMul %x, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
