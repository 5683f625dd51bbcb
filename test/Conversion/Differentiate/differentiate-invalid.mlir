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

!q = !quant.uniform<i8:f32, 0.0625>
func.func @main(%x: tensor<2x4x!q>) -> tensor<2x4x!q> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -3>, name = "w", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  // expected-error@+1 {{differentiate: expected a float32 result; train before quantize-activations}}
  %y = shift.linear %x, %w : (tensor<2x4x!q>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4x!q>
  return %y : tensor<2x4x!q>
}

// -----

// expected-error@+1 {{expected a function @main of one block}}
module {
}
