// RUN: shift-opt %s --convert-shift-to-cpu -split-input-file -verify-diagnostics

func.func @main(%x: tensor<1x1x4x4x4x4xf32>)
    -> tensor<1x1x2x2x2x2xf32> {
  // expected-error @below {{'onnx.MaxPool' (node 'pool') is not supported in compiled code: expected one to three spatial dimensions, got 4; --engine=reference runs it}}
  %0 = onnx.MaxPool %x {ceil_mode = 0 : i64, dilations = array<i64: 1, 1, 1, 1>,
    kernel_shape = array<i64: 2, 2, 2, 2>, node_name = "pool",
    pads = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>,
    strides = array<i64: 2, 2, 2, 2>}
    : (tensor<1x1x4x4x4x4xf32>) -> tensor<1x1x2x2x2x2xf32>
  return %0 : tensor<1x1x2x2x2x2xf32>
}

// -----

func.func @main(%x: tensor<4x4xf64>) -> tensor<4x4xf64> {
  // expected-error @below {{'onnx.Add' is not supported in compiled code: operands are not float32; --engine=reference runs it}}
  %0 = onnx.Add %x, %x : (tensor<4x4xf64>, tensor<4x4xf64>) -> tensor<4x4xf64>
  return %0 : tensor<4x4xf64>
}

// -----

func.func @main(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xi32> {
  // expected-error @below {{'onnx.QuantizeLinear' is not supported in compiled code: expected quantized numbers of 8 to 16 bits; --engine=reference runs it}}
  %0 = onnx.QuantizeLinear %x, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// -----

// expected-error @below {{expected inputs and outputs of @main that are tensors of static shape, got 'tensor<?xf32>'}}
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

// expected-error @below {{expected a function @main of one block in the module}}
module {
  func.func @other() {
    return
  }
}
