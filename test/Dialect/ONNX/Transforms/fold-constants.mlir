// RUN: shift-opt %s --fold-constants | FileCheck %s
// RUN: shift-opt %s --fold-constants="max-bytes=8" | FileCheck %s --check-prefix=SMALL

// The result is called like the first named constant that it came from.
// CHECK-LABEL: func @arithmetic
// CHECK: %[[Y:.+]] = onnx.Constant {name = "w"} dense<[2.500000e+00, 3.500000e+00]> : tensor<2xf32>
// CHECK-NOT: onnx.Add
// CHECK: return %[[Y]]
func.func @arithmetic() -> tensor<2xf32> {
  %w = onnx.Constant {name = "w"} dense<[1.0, 2.0]> : tensor<2xf32>
  %b = onnx.Constant {name = "b"} dense<0.5> : tensor<f32>
  %1 = onnx.Constant dense<1.0> : tensor<1xf32>
  %0 = onnx.Add %w, %b : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %2 = onnx.Add %0, %1 : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// float32 op by op: 1 + 2^-24 rounds to 1.
// CHECK-LABEL: func @float32_steps
// CHECK: onnx.Constant dense<0.000000e+00> : tensor<f32>
func.func @float32_steps() -> tensor<f32> {
  %0 = onnx.Constant dense<1.0> : tensor<f32>
  %1 = onnx.Constant dense<5.9604644775390625e-08> : tensor<f32>
  %2 = onnx.Add %0, %1 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %3 = onnx.Sub %2, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %3 : tensor<f32>
}

// CHECK-LABEL: func @unknown_operand
// CHECK: onnx.Add
func.func @unknown_operand(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.Constant dense<1.0> : tensor<2xf32>
  %1 = onnx.Add %x, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// Four floats are 16 bytes.
// CHECK-LABEL: func @limit
// CHECK: onnx.Constant dense<1.000000e+00> : tensor<4xf32>
// SMALL-LABEL: func @limit
// SMALL: onnx.Expand
func.func @limit() -> tensor<4xf32> {
  %0 = onnx.Constant dense<1.0> : tensor<1xf32>
  %1 = onnx.Expand %0 : (tensor<1xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// The arithmetic on shapes that exporters write.
// CHECK-LABEL: func @shape_arithmetic
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK: %[[Y:.+]] = onnx.Constant dense<[2, 12]> : tensor<2xi64>
// CHECK-NEXT: return %[[Y]]
func.func @shape_arithmetic(%x: tensor<2x3x4xf32>) -> tensor<2xi64> {
  %i = onnx.Constant dense<[0]> : tensor<1xi64>
  %r = onnx.Constant dense<[12]> : tensor<1xi64>
  %0 = onnx.Shape %x : (tensor<2x3x4xf32>) -> tensor<3xi64>
  %1 = onnx.Gather %0, %i {axis = 0 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  %2 = onnx.Concat %1, %r {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %2 : tensor<2xi64>
}

// An index that is out of range is left for the run to report.
// CHECK-LABEL: func @refused
// CHECK: onnx.Gather
func.func @refused() -> tensor<1xf32> {
  %0 = onnx.Constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = onnx.Constant dense<[7]> : tensor<1xi64>
  %1 = onnx.Gather %0, %i : (tensor<2xf32>, tensor<1xi64>) -> tensor<1xf32>
  return %1 : tensor<1xf32>
}

// CHECK-LABEL: func @shape
// CHECK-DAG: onnx.Constant dense<[2, 3, 4]> : tensor<3xi64>
// CHECK-DAG: onnx.Constant dense<[3, 4]> : tensor<2xi64>
// CHECK-DAG: onnx.Constant dense<2> : tensor<1xi64>
// CHECK-DAG: onnx.Constant dense<> : tensor<0xi64>
// CHECK-NOT: onnx.Shape
func.func @shape(%x: tensor<2x3x4xf32>) -> (tensor<3xi64>, tensor<2xi64>, tensor<1xi64>, tensor<0xi64>) {
  %0 = onnx.Shape %x : (tensor<2x3x4xf32>) -> tensor<3xi64>
  %1 = onnx.Shape %x {start = -2 : i64} : (tensor<2x3x4xf32>) -> tensor<2xi64>
  %2 = onnx.Shape %x {start = -9 : i64, end = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<1xi64>
  %3 = onnx.Shape %x {start = 2 : i64, end = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<0xi64>
  return %0, %1, %2, %3 : tensor<3xi64>, tensor<2xi64>, tensor<1xi64>, tensor<0xi64>
}

// CHECK-LABEL: func @constant_of_shape
// CHECK: onnx.Constant dense<7> : tensor<2x2xi32>
func.func @constant_of_shape() -> tensor<2x2xi32> {
  %0 = onnx.ConstantOfShape {value = dense<7> : tensor<1xi32>} : () -> tensor<2x2xi32>
  return %0 : tensor<2x2xi32>
}
