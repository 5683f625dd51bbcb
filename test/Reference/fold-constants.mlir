// SPDX-License-Identifier: Apache-2.0
// RUN: shift-opt %s --fold-constants --split-input-file | FileCheck %s
// RUN: shift-opt %s --fold-constants=max-bytes=8 --split-input-file \
// RUN:   | FileCheck %s --check-prefix=SMALL

// The example of the pass's description.
// CHECK-LABEL: func.func @computed_weights
// CHECK-NEXT: %[[Y:.+]] = onnx.Constant {name = "w"} dense<[2.000000e+00, 4.000000e+00]>
// CHECK-NEXT: return %[[Y]]
func.func @computed_weights() -> tensor<2xf32> {
  %w = onnx.Constant {name = "w"} dense<[1.0, 2.0]> : tensor<2xf32>
  %y = onnx.Add %w, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// Half the height of an image: Shape, Gather, Div, all from a type.
// CHECK-LABEL: func.func @shape_arithmetic
// CHECK-NEXT: %[[H:.+]] = onnx.Constant dense<30> : tensor<1xi64>
// CHECK-NEXT: return %[[H]]
func.func @shape_arithmetic(%x: tensor<1x3x60x80xf32>) -> tensor<1xi64> {
  %s = onnx.Shape %x : (tensor<1x3x60x80xf32>) -> tensor<4xi64>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %h = onnx.Gather %s, %two {axis = 0 : i64}
    : (tensor<4xi64>, tensor<1xi64>) -> tensor<1xi64>
  %half = onnx.Div %h, %two : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return %half : tensor<1xi64>
}

// -----

// CHECK-LABEL: func.func @negative_start
// CHECK-NEXT: onnx.Constant dense<80> : tensor<1xi64>
func.func @negative_start(%x: tensor<1x3x60x80xf32>) -> tensor<1xi64> {
  %s = onnx.Shape %x {start = -1 : i64}
    : (tensor<1x3x60x80xf32>) -> tensor<1xi64>
  return %s : tensor<1xi64>
}

// -----

// An op with an operand that is no constant stays; its other operand folds.
// CHECK-LABEL: func.func @mixed
// CHECK-SAME: %[[X:.+]]: tensor<2xf32>
// CHECK-NEXT: %[[C:.+]] = onnx.Constant {name = "c"} dense<[1.000000e+00, 3.000000e+00]>
// CHECK-NEXT: onnx.Mul %[[X]], %[[C]]
// CHECK-NOT: onnx.
func.func @mixed(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = onnx.Constant {name = "c"} dense<[-1.0, 3.0]> : tensor<2xf32>
  %i = onnx.Identity %c : (tensor<2xf32>) -> tensor<2xf32>
  %a = onnx.Abs %i : (tensor<2xf32>) -> tensor<2xf32>
  %y = onnx.Mul %x, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

// CHECK-LABEL: func.func @large
// CHECK-NOT: onnx.Expand
// SMALL-LABEL: func.func @large
// SMALL: onnx.Expand
func.func @large() -> tensor<100xf32> {
  %a = onnx.Constant dense<1.0> : tensor<1xf32>
  %b = onnx.Expand %a : (tensor<1xf32>) -> tensor<100xf32>
  return %b : tensor<100xf32>
}

// -----

// What the interpreter refuses is left for whoever needs the value.
// CHECK-LABEL: func.func @division_by_zero
// CHECK: onnx.Div
func.func @division_by_zero() -> tensor<1xi32> {
  %c = onnx.Constant dense<0> : tensor<1xi32>
  %d = onnx.Div %c, %c : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
  return %d : tensor<1xi32>
}
