// RUN: shift-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @identity_and_dropout
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK-NEXT: return %[[X]]
func.func @identity_and_dropout(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.Identity %x : (tensor<2xf32>) -> tensor<2xf32>
  %1 = onnx.Dropout %0 : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func @cast_to_the_same_type
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK-NEXT: return %[[X]]
func.func @cast_to_the_same_type(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.Cast %x : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// An integer cannot hold every float: this pair must stay.
// CHECK-LABEL: func @cast_there_and_back
// CHECK-COUNT-2: onnx.Cast
func.func @cast_there_and_back(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.Cast %x : (tensor<2xf32>) -> tensor<2xi32>
  %1 = onnx.Cast %0 : (tensor<2xi32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func @reshape_of_reshape
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK-NEXT: %[[Y:.+]] = onnx.Reshape %[[X]] : (tensor<2x3x4xf32>) -> tensor<24xf32>
// CHECK-NEXT: return %[[Y]]
func.func @reshape_of_reshape(%x: tensor<2x3x4xf32>) -> tensor<24xf32> {
  %0 = onnx.Reshape %x : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %1 = onnx.Reshape %0 : (tensor<6x4xf32>) -> tensor<24xf32>
  return %1 : tensor<24xf32>
}

// CHECK-LABEL: func @reshape_back
// CHECK-SAME: (%[[X:.+]]: tensor
// CHECK-NEXT: return %[[X]]
func.func @reshape_back(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = onnx.Reshape %x : (tensor<2x3xf32>) -> tensor<6xf32>
  %1 = onnx.Reshape %0 : (tensor<6xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK-LABEL: func @unused
// CHECK-NEXT: return
func.func @unused(%x: tensor<2xf32>) {
  %0 = onnx.Relu %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// CHECK-LABEL: func @shapes
// CHECK-DAG: %[[SHAPE:.+]] = onnx.Constant dense<[2, 3]> : tensor<2xi64>
// CHECK-DAG: %[[FILLED:.+]] = onnx.Constant dense<1.500000e+00> : tensor<4xf32>
// CHECK-NEXT: return %[[SHAPE]], %[[FILLED]]
func.func @shapes(%x: tensor<2x3xf32>) -> (tensor<2xi64>, tensor<4xf32>) {
  %0 = onnx.Shape %x {start = -9 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  %1 = onnx.ConstantOfShape {value = dense<1.5> : tensor<1xf32>} : () -> tensor<4xf32>
  return %0, %1 : tensor<2xi64>, tensor<4xf32>
}
