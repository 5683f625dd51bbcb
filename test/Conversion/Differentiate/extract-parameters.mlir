// RUN: shift-opt %s --extract-parameters | FileCheck %s
// RUN: shift-opt %s --extract-parameters="include=w* exclude=*2" | FileCheck %s --check-prefix=SOME
// RUN: not shift-opt %s --extract-parameters="include=[" 2>&1 | FileCheck %s --check-prefix=PATTERN

// PATTERN: error: extract-parameters: expected a pattern, got '['

// A parameter without a name of its own has the node's; a shared one is one.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %{{.+}}: tensor<2x4xf32>,
// CHECK-SAME:    %[[W:.+]]: tensor<4x4x!shift.pow2<-10:5>> {shift.parameter = "w"},
// CHECK-SAME:    %{{.+}}: tensor<4xf32> {shift.parameter = "first/2"},
// CHECK-SAME:    %{{.+}}: tensor<4x4x!shift.pow2<-10:5>> {shift.parameter = "w2"})
// CHECK-NOT:     shift.weight
// CHECK:         onnx.Constant dense<5.000000e-01>

// SOME: tensor<4x4x!shift.pow2<-10:5>> {shift.parameter = "w"})
// SOME: shift.weight {{.*}}name = "w2"
func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -3>, name = "w", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  %w2 = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -2>, name = "w2", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  %b = onnx.Constant dense<0.25> : tensor<4xf32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %0 = shift.linear %x, %w, %b {node_name = "first"} : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>, tensor<4xf32>) -> tensor<2x4xf32>
  %1 = shift.linear %0, %w {node_name = "second"} : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  %2 = shift.linear %1, %w2 {node_name = "third"} : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  %y = onnx.Mul %2, %half : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
