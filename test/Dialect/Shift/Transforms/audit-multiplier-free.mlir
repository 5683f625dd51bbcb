// RUN: shift-opt %s --split-input-file --audit-multiplier-free 2>&1 | FileCheck %s --implicit-check-not=remark:

// Integer layers, aligned adds, requantizing and pools of 4 only shift and add.
// CHECK: remark: 0 ops multiply; the model is free of multipliers
func.func @main(%x: tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x1x2x2x!quant.uniform<i8:f32, 0.25>> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>
  %s = shift.add %x, %y : (tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>, tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>
  %p = shift.average_pool %s {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x1x4x4x!quant.uniform<i8:f32, 0.25>>) -> tensor<1x1x2x2x!quant.uniform<i8:f32, 0.25>>
  return %p : tensor<1x1x2x2x!quant.uniform<i8:f32, 0.25>>
}

// -----

// Of float32 too, powers of two only change exponents.
// CHECK: remark: onnx.Mul 'by three' multiplies: a product
// CHECK: remark: onnx.ReduceMean 'of three' multiplies: divides sums by their count
// CHECK: remark: 2 ops multiply
func.func @main(%x: tensor<1x3x4x4xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>, tensor<1x1x4x4xf32>) {
  %half = onnx.Constant dense<[0.5, -4.0, 0.0, 1.0]> : tensor<4xf32>
  %three = onnx.Constant dense<3.0> : tensor<f32>
  %m = onnx.Mul %x, %half : (tensor<1x3x4x4xf32>, tensor<4xf32>) -> tensor<1x3x4x4xf32>
  %d = onnx.Div %m, %half : (tensor<1x3x4x4xf32>, tensor<4xf32>) -> tensor<1x3x4x4xf32>
  %t = onnx.Mul %d, %three {node_name = "by three"} : (tensor<1x3x4x4xf32>, tensor<f32>) -> tensor<1x3x4x4xf32>
  %g = onnx.GlobalAveragePool %x : (tensor<1x3x4x4xf32>) -> tensor<1x3x1x1xf32>
  %r = onnx.ReduceMean %x {axes = array<i64: 1>, keepdims = 1 : i64, node_name = "of three"} : (tensor<1x3x4x4xf32>) -> tensor<1x1x4x4xf32>
  return %t, %g, %r : tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>, tensor<1x1x4x4xf32>
}

// -----

// CHECK: remark: shift.conv2d 'conv' multiplies: float32 activations by powers of two; calibrate the model to make them integers
// CHECK: remark: onnx.Div 'div' multiplies: a quotient
// CHECK: remark: onnx.Resize 'up' multiplies: interpolates
// CHECK: remark: 3 ops multiply
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x8x8xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: 0>, name = "w", signs = array<i8: 1>} : tensor<1x1x1x1x!shift.pow2<-10:5>>
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, node_name = "conv", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x4x4xf32>, tensor<1x1x1x1x!shift.pow2<-10:5>>) -> tensor<1x1x4x4xf32>
  %d = onnx.Div %y, %x {node_name = "div"} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  %z = onnx.Resize %d {coordinate_transformation_mode = "half_pixel", mode = "linear", nearest_mode = "floor", node_name = "up", scales = array<f32: 1.0, 1.0, 2.0, 2.0>}
    : (tensor<1x1x4x4xf32>) -> tensor<1x1x8x8xf32>
  return %z : tensor<1x1x8x8xf32>
}
