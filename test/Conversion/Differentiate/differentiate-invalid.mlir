// RUN: shift-opt %s --split-input-file --extract-parameters --differentiate --verify-diagnostics

func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<4xf32>
  %s = onnx.Mul %x, %w : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // expected-error@+1 {{differentiate: no gradient of 'onnx.Log' is known}}
  %y = onnx.Log %s : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// expected-error@+1 {{differentiate: no output depends on parameter 'w'; exclude it in extract-parameters}}
func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<4xf32>
  %s = onnx.Mul %x, %w : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %y = onnx.Neg %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// expected-error@+1 {{expected a function @main of one block}}
module {
}
