// RUN: shift-opt %s --fold-batch-norm --remarks-filter='fold-batch-norm' --remark-format=emitRemark --verify-diagnostics

func.func @weights_are_an_argument(%x: tensor<1x1x2x2xf32>, %w: tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32> {
  %p = onnx.Constant dense<1.0> : tensor<2xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  // expected-remark@+1 {{the layer's weights are not float32 constants}}
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

func.func @other_user(%x: tensor<1x1x2x2xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) {
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %p = onnx.Constant dense<1.0> : tensor<2xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  // expected-remark@+1 {{the convolution has other users}}
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %1, %2 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
}

func.func @no_convolution(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %p = onnx.Constant dense<1.0> : tensor<2xf32>
  // expected-remark@+1 {{its input is not a convolution}}
  %2 = onnx.BatchNormalization %x, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

func.func @parameters_are_arguments(%x: tensor<1x1x2x2xf32>, %p: tensor<2xf32>) -> tensor<1x2x2x2xf32> {
  %w = onnx.Constant {name = "w"} dense<1.0> : tensor<2x1x1x1xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  // expected-remark@+1 {{the parameters are not constant}}
  %2 = onnx.BatchNormalization %1, %p, %p, %p, %p : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}
