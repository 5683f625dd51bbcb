// The example of the pass's description.
// RUN: shift-opt %s --fold-constants | FileCheck %s

// CHECK: %[[Y:.+]] = onnx.Constant {name = "w"} dense<[2.000000e+00, 4.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: return %[[Y]]
func.func @main() -> tensor<2xf32> {
  %w = onnx.Constant {name = "w"} dense<[1.0, 2.0]> : tensor<2xf32>
  %y = onnx.Add %w, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
