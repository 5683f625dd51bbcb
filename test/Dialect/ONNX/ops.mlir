// RUN: shift-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func @constants
func.func @constants() -> (tensor<2xf32>, tensor<3xi64>, tensor<2x2xf32>) {
  // CHECK: onnx.Constant {name = "w"} dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: onnx.Constant {node_name = "shape"} dense<3> : tensor<3xi64>
  // CHECK-NEXT: onnx.Constant dense_resource<blob> : tensor<2x2xf32>
  %0 = onnx.Constant {name = "w"} dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = onnx.Constant {node_name = "shape"} dense<3> : tensor<3xi64>
  %2 = onnx.Constant dense_resource<blob> : tensor<2x2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<3xi64>, tensor<2x2xf32>
}

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: onnx.Relu %{{.+}} {node_name = "r"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: onnx.Sigmoid
  // CHECK-NEXT: onnx.HardSwish
  // CHECK-NEXT: onnx.Tanh
  // CHECK-NEXT: onnx.Exp
  // CHECK-NEXT: onnx.Log
  // CHECK-NEXT: onnx.Sqrt
  // CHECK-NEXT: onnx.Abs
  // CHECK-NEXT: onnx.Neg
  // CHECK-NEXT: onnx.Reciprocal
  // CHECK-NEXT: onnx.Identity
  // CHECK-NEXT: onnx.Dropout
  // CHECK-NEXT: onnx.LeakyRelu %{{.+}} {alpha = 2.000000e-01 : f32}
  // CHECK-NEXT: onnx.Elu %{{.+}} {alpha = 2.000000e+00 : f32}
  // CHECK-NEXT: onnx.HardSigmoid %{{.+}} {alpha = 2.500000e-01 : f32, beta = 2.500000e-01 : f32}
  // CHECK-NEXT: onnx.Clip %{{.+}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
  // CHECK-NEXT: onnx.Softmax %{{.+}} {axis = 0 : i64}
  %0 = onnx.Relu %x {node_name = "r"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = onnx.Sigmoid %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = onnx.HardSwish %1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = onnx.Tanh %2 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = onnx.Exp %3 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = onnx.Log %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = onnx.Sqrt %5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = onnx.Abs %6 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = onnx.Neg %7 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %9 = onnx.Reciprocal %8 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %10 = onnx.Identity %9 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %11 = onnx.Dropout %10 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %12 = onnx.LeakyRelu %11 {alpha = 0.2 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %13 = onnx.Elu %12 {alpha = 2.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %14 = onnx.HardSigmoid %13 {alpha = 0.25 : f32, beta = 0.25 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %15 = onnx.Clip %14 {max = 6.0 : f32, min = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %16 = onnx.Softmax %15 {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %16 : tensor<2x3xf32>
}

// CHECK-LABEL: func @broadcasting
func.func @broadcasting(%x: tensor<2x3xf32>, %r: tensor<3xf32>, %s: tensor<f32>, %e: tensor<i32>) -> tensor<2x3xf32> {
  // CHECK: onnx.Add %{{.+}}, %{{.+}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: onnx.Sub
  // CHECK-NEXT: onnx.Mul
  // CHECK-NEXT: onnx.Div
  // CHECK-NEXT: onnx.Pow %{{.+}}, %{{.+}} : (tensor<2x3xf32>, tensor<i32>) -> tensor<2x3xf32>
  // CHECK-NEXT: onnx.PRelu
  // CHECK-NEXT: onnx.Min %{{.+}}, %{{.+}}, %{{.+}} :
  // CHECK-NEXT: onnx.Max %{{.+}} :
  %0 = onnx.Add %x, %r : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = onnx.Sub %s, %0 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = onnx.Mul %1, %r : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %3 = onnx.Div %2, %s : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %4 = onnx.Pow %3, %e : (tensor<2x3xf32>, tensor<i32>) -> tensor<2x3xf32>
  %5 = onnx.PRelu %4, %r : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %6 = onnx.Min %5, %r, %s : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %7 = onnx.Max %6 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// CHECK-LABEL: func @reduce
func.func @reduce(%x: tensor<2x3x4xf32>) -> tensor<3xf32> {
  // CHECK: onnx.ReduceMean %{{.+}} {axes = array<i64: 2>} : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
  // CHECK-NEXT: onnx.ReduceSum %{{.+}} {axes = array<i64: 0, 2>, keepdims = 0 : i64} : (tensor<2x3x1xf32>) -> tensor<3xf32>
  %0 = onnx.ReduceMean %x {axes = array<i64: 2>, keepdims = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
  %1 = onnx.ReduceSum %0 {axes = array<i64: 0, 2>, keepdims = 0 : i64} : (tensor<2x3x1xf32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// CHECK-LABEL: func @layers
func.func @layers(%x: tensor<1x4x8x8xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>, %t: tensor<6x1x2x2xf32>, %m: tensor<16x5xf32>, %g: tensor<5x7xf32>) -> tensor<6x7xf32> {
  // CHECK: onnx.Conv %{{.+}}, %{{.+}}, %{{.+}} {dilations = array<i64: 1, 1>, group = 2 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 2>}
  // CHECK-NEXT: onnx.ConvTranspose %{{.+}}, %{{.+}} {dilations = array<i64: 1, 1>, group = 6 : i64, output_padding = array<i64: 0, 1>
  // CHECK-SAME: -> tensor<1x6x8x7xf32>
  // CHECK: onnx.MatMul
  // CHECK-SAME: -> tensor<6x5xf32>
  // CHECK-NEXT: onnx.Gemm %{{.+}}, %{{.+}} {alpha = 5.000000e-01 : f32}
  %0 = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, group = 2 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<1x6x4x3xf32>
  %1 = onnx.ConvTranspose %0, %t {dilations = array<i64: 1, 1>, group = 6 : i64, output_padding = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x6x4x3xf32>, tensor<6x1x2x2xf32>) -> tensor<1x6x8x7xf32>
  %2 = onnx.Constant dense<1.0> : tensor<6x16xf32>
  %3 = onnx.MatMul %2, %m : (tensor<6x16xf32>, tensor<16x5xf32>) -> tensor<6x5xf32>
  %4 = onnx.Gemm %3, %g {alpha = 0.5 : f32, transA = 0 : i64} : (tensor<6x5xf32>, tensor<5x7xf32>) -> tensor<6x7xf32>
  return %4 : tensor<6x7xf32>
}

// CHECK-LABEL: func @norms
func.func @norms(%x: tensor<1x4x2x2xf32>, %s: tensor<4xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: onnx.BatchNormalization %{{.+}} {epsilon = 1.000000e-03 : f32}
  // CHECK-NEXT: onnx.InstanceNormalization
  // CHECK-NEXT: onnx.GroupNormalization %{{.+}} {num_groups = 2 : i64}
  %0 = onnx.BatchNormalization %x, %s, %s, %s, %s {epsilon = 1.0e-3 : f32}
    : (tensor<1x4x2x2xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  %1 = onnx.InstanceNormalization %0, %s, %s : (tensor<1x4x2x2xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  %2 = onnx.GroupNormalization %1, %s, %s {num_groups = 2 : i64} : (tensor<1x4x2x2xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  return %2 : tensor<1x4x2x2xf32>
}

// CHECK-LABEL: func @pools
func.func @pools(%x: tensor<1x4x8x8xf32>) -> (tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>) {
  // CHECK: onnx.MaxPool %{{.+}} {ceil_mode = 1 : i64, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>
  // CHECK-NEXT: onnx.AveragePool %{{.+}} {count_include_pad = 1 : i64
  // CHECK-NEXT: onnx.GlobalAveragePool
  // CHECK-NEXT: onnx.GlobalMaxPool
  %0 = onnx.MaxPool %x {ceil_mode = 1 : i64, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %1 = onnx.AveragePool %0 {count_include_pad = 1 : i64, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x4x4x4xf32>) -> tensor<1x4x5x5xf32>
  %2 = onnx.GlobalAveragePool %1 : (tensor<1x4x5x5xf32>) -> tensor<1x4x1x1xf32>
  %3 = onnx.GlobalMaxPool %1 : (tensor<1x4x5x5xf32>) -> tensor<1x4x1x1xf32>
  return %2, %3 : tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>
}

// CHECK-LABEL: func @movement
func.func @movement(%x: tensor<2x3x4xf32>, %i: tensor<2xi64>) -> tensor<24x1xf32> {
  // CHECK: onnx.Concat %{{.+}}, %{{.+}} {axis = 1 : i64}
  // CHECK-NEXT: onnx.Split %{{.+}} {axis = 1 : i64, split = array<i64: 2, 4>} : (tensor<2x6x4xf32>) -> (tensor<2x2x4xf32>, tensor<2x4x4xf32>)
  // CHECK-NEXT: onnx.Slice %{{.+}} {axes = array<i64: 1>, ends = array<i64: -5>, starts = array<i64: -1>, steps = array<i64: -2>}
  // CHECK-SAME: -> tensor<2x2x4xf32>
  // CHECK-NEXT: onnx.Transpose %{{.+}} {perm = array<i64: 2, 0, 1>}
  // CHECK-NEXT: onnx.Gather %{{.+}}, %{{.+}} :
  // CHECK-NEXT: onnx.Pad %{{.+}} {constant_value = 5.000000e-01 : f32, pads = array<i64: 0, 0, 0, 1, 0, 2>}
  // CHECK-NEXT: onnx.Reshape
  // CHECK-NEXT: onnx.Flatten
  // CHECK-NEXT: onnx.Squeeze
  // CHECK-NEXT: onnx.Unsqueeze
  %0 = onnx.Concat %x, %x {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x6x4xf32>
  %1:2 = onnx.Split %0 {axis = 1 : i64, split = array<i64: 2, 4>} : (tensor<2x6x4xf32>) -> (tensor<2x2x4xf32>, tensor<2x4x4xf32>)
  %2 = onnx.Slice %1#1 {axes = array<i64: 1>, ends = array<i64: -5>, starts = array<i64: -1>, steps = array<i64: -2>} : (tensor<2x4x4xf32>) -> tensor<2x2x4xf32>
  %3 = onnx.Transpose %2 {perm = array<i64: 2, 0, 1>} : (tensor<2x2x4xf32>) -> tensor<4x2x2xf32>
  %4 = onnx.Gather %3, %i {axis = 0 : i64} : (tensor<4x2x2xf32>, tensor<2xi64>) -> tensor<2x2x2xf32>
  %5 = onnx.Pad %4 {constant_value = 0.5 : f32, mode = "constant", pads = array<i64: 0, 0, 0, 1, 0, 2>} : (tensor<2x2x2xf32>) -> tensor<3x2x4xf32>
  %6 = onnx.Reshape %5 : (tensor<3x2x4xf32>) -> tensor<1x6x4xf32>
  %7 = onnx.Flatten %6 {axis = 3 : i64} : (tensor<1x6x4xf32>) -> tensor<24x1xf32>
  %8 = onnx.Squeeze %7 {axes = array<i64: 1>} : (tensor<24x1xf32>) -> tensor<24xf32>
  %9 = onnx.Unsqueeze %8 {axes = array<i64: 1>} : (tensor<24xf32>) -> tensor<24x1xf32>
  return %9 : tensor<24x1xf32>
}

// CHECK-LABEL: func @shapes
func.func @shapes(%x: tensor<2x3x4xf32>) -> (tensor<2xi64>, tensor<2x3xf32>, tensor<4x3xi32>) {
  // CHECK: onnx.Shape %{{.+}} {end = 3 : i64, start = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2xi64>
  // CHECK-NEXT: onnx.ConstantOfShape {value = dense<1.000000e+00> : tensor<1xf32>} : () -> tensor<2x3xf32>
  // CHECK-NEXT: onnx.Cast
  // CHECK-NEXT: onnx.Slice
  // CHECK-NEXT: onnx.Expand
  %0 = onnx.Shape %x {end = 3 : i64, start = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2xi64>
  %1 = onnx.ConstantOfShape {value = dense<1.0> : tensor<1xf32>} : () -> tensor<2x3xf32>
  %2 = onnx.Cast %1 : (tensor<2x3xf32>) -> tensor<2x3xi32>
  %3 = onnx.Slice %2 {axes = array<i64: 0>, ends = array<i64: 1>, starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<2x3xi32>) -> tensor<1x3xi32>
  %4 = onnx.Expand %3 : (tensor<1x3xi32>) -> tensor<4x3xi32>
  return %0, %1, %4 : tensor<2xi64>, tensor<2x3xf32>, tensor<4x3xi32>
}

// CHECK-LABEL: func @resampling
func.func @resampling(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x8x8xf32> {
  // CHECK: onnx.Resize %{{.+}} {coordinate_transformation_mode = "asymmetric", nearest_mode = "floor", scales = array<f32: 1.000000e+00, 1.000000e+00, 2.000000e+00, 2.000000e+00>}
  // CHECK-NEXT: onnx.Upsample %{{.+}} {mode = "linear"
  %0 = onnx.Resize %x {coordinate_transformation_mode = "asymmetric", mode = "nearest", nearest_mode = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  %1 = onnx.Upsample %0 {mode = "linear", scales = array<f32: 1.0, 1.0, 2.0, 2.0>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x8x8xf32>
  return %1 : tensor<1x1x8x8xf32>
}

// CHECK-LABEL: func @quantization
func.func @quantization(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %z: tensor<3xui8>) -> tensor<2x3xf32> {
  // CHECK: onnx.QuantizeLinear %{{.+}}, %{{.+}}, %{{.+}} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
  // CHECK-NEXT: onnx.DequantizeLinear
  %0 = onnx.QuantizeLinear %x, %s, %z {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
  %1 = onnx.DequantizeLinear %0, %s, %z {axis = 1 : i64} : (tensor<2x3xui8>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

{-#
  dialect_resources: {
    builtin: {
      blob: "0x040000000000803F000000400000404000008040"
    }
  }
#-}
