// RUN: shift-opt %s --quantize-shift=-10:5 --split-input-file --verify-diagnostics

func.func @nan(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  %w = onnx.Constant {name = "stem.weight"} dense<[[[[1.0, 2.0], [0x7FC00000, 1.0]]]]> : tensor<1x1x2x2xf32>
  // expected-error@+1 {{initializer 'stem.weight' holds NaN at element 2; power-of-two weights must be finite}}
  %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

func.func @infinity(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = onnx.Constant {name = "fc.weight"} dense<[[1.0], [0xFF800000]]> : tensor<2x1xf32>
  // expected-error@+1 {{initializer 'fc.weight' holds infinity at element 1; power-of-two weights must be finite}}
  %y = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

// alpha makes the weights infinite.
func.func @infinity_by_alpha(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = onnx.Constant {name = "fc.weight"} dense<3.0e+38> : tensor<1x1xf32>
  // expected-error@+1 {{initializer 'fc.weight' holds infinity at element 0}}
  %y = onnx.Gemm %x, %w {alpha = 2.0 : f32} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

func.func @nan_bias(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = onnx.Constant {name = "stem.weight"} dense<1.0> : tensor<1x1x1x1xf32>
  %b = onnx.Constant {name = "stem.bias"} dense<0x7FC00000> : tensor<1xf32>
  // expected-error@+1 {{initializer 'stem.bias': expected finite values, got nan at index 0}}
  %y = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}
