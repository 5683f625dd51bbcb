// The example of the pass's description.
// RUN: shift-opt %s --audit-multiplier-free 2>&1 | FileCheck %s

// CHECK: remark: onnx.Sigmoid 'score' multiplies: a function of polynomials
// CHECK: remark: 1 ops multiply
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = onnx.Sigmoid %x {node_name = "score"} : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
