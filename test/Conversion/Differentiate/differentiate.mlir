// RUN: shift-opt %s --split-input-file --extract-parameters --differentiate | FileCheck %s

// A convolution and what follows it. Its input needs no gradient; the result of
// Relu tells where it passes.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.+]]: tensor<1x2x4x4xf32> {shift.residual = 1 : i64},
// CHECK-SAME:    %[[W:.+]]: tensor<3x2x3x3xf32> {shift.parameter = "w"},
// CHECK-SAME:    %[[B:.+]]: tensor<3xf32> {shift.parameter = "b"})
// CHECK-SAME:    -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32> {shift.residual = 0 : i64})
// CHECK:         %[[C:.+]] = onnx.Conv %[[X]], %[[W]], %[[B]]
// CHECK:         %[[R:.+]] = onnx.Relu %[[C]]
// CHECK:         %[[Y:.+]] = onnx.Neg %[[R]]
// CHECK:         return %[[Y]], %[[R]]
// CHECK-LABEL: func.func @backward(
// CHECK-SAME:    %[[DY:.+]]: tensor<1x3x4x4xf32>, %[[RES:.+]]: tensor<1x3x4x4xf32> {shift.residual = 0 : i64}, %[[IN:.+]]: tensor<1x2x4x4xf32> {shift.residual = 1 : i64})
// CHECK-SAME:    -> (tensor<3x2x3x3xf32> {shift.parameter = "w"}, tensor<3xf32> {shift.parameter = "b"})
// CHECK:         %[[DR:.+]] = onnx.Neg %[[DY]]
// CHECK:         %[[DC:.+]] = shift.clip_grad %[[RES]], %[[DR]] {min = 0.000000e+00 : f32}
// CHECK-NOT:     conv2d_grad_input
// CHECK-DAG:     %[[DW:.+]] = shift.conv2d_grad_weight %[[IN]], %[[DC]]
// CHECK-DAG:     %[[DB:.+]] = shift.conv2d_grad_bias %[[DC]]
// CHECK:         return %[[DW]], %[[DB]]
func.func @main(%x: tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %w = onnx.Constant {name = "w"} dense<0.5> : tensor<3x2x3x3xf32>
  %b = onnx.Constant {name = "b"} dense<0.0> : tensor<3xf32>
  %c = onnx.Conv %x, %w, %b {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>, tensor<3xf32>) -> tensor<1x3x4x4xf32>
  %r = onnx.Relu %c : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %y = onnx.Neg %r : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %y : tensor<1x3x4x4xf32>
}

// -----

// Weights that two layers share get the sum of their gradients, the last use's
// first; a rounded weight's gradient is float32.
// CHECK-LABEL: func.func @backward(
// CHECK-SAME:    %[[DY:.+]]: tensor<2x4xf32>,
// CHECK-SAME:    -> (tensor<4x4xf32> {shift.parameter = "w"})
// CHECK:         %[[DH:.+]] = shift.linear_grad_input %[[DY]], %{{.+}} : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
// CHECK:         %[[LAST:.+]] = shift.linear_grad_weight %{{.+}}, %[[DY]]
// CHECK:         %[[FIRST:.+]] = shift.linear_grad_weight %{{.+}}, %[[DH]]
// CHECK:         %[[SUM:.+]] = onnx.Add %[[LAST]], %[[FIRST]]
// CHECK:         return %[[SUM]]
func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -3>, name = "w", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  %h = shift.linear %x, %w : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  %y = shift.linear %h, %w : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// A constant that broadcasts gets the sum over what it was repeated for; one
// without a name is no parameter. A clamp that a layer has fused masks.
// CHECK-LABEL: func.func @backward(
// CHECK:         %[[HALF:.+]] = onnx.Constant dense<5.000000e-01> : tensor<f32>
// CHECK:         %[[DS:.+]] = onnx.Mul %{{.+}}, %[[HALF]]
// CHECK:         %[[PRODUCT:.+]] = onnx.Mul %[[DS]],
// CHECK:         %[[REDUCED:.+]] = onnx.ReduceSum %{{.+}} {axes = array<i64: 0, 1>} : (tensor<2x4xf32>) -> tensor<1x1xf32>
// CHECK:         %[[DSCALE:.+]] = onnx.Reshape %[[REDUCED]] {{.*}}-> tensor<f32>
// CHECK:         shift.clip_grad {{.*}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -3>, name = "w", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  %scale = onnx.Constant {name = "scale"} dense<1.0> : tensor<f32>
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %h = shift.linear %x, %w {clamp_max = 6.0 : f32, clamp_min = 0.0 : f32} : (tensor<2x4xf32>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  %s = onnx.Mul %h, %scale : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %y = onnx.Mul %s, %half : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Steps that round get a second result, where gradients pass; the gradient of
// the sum is that of both.
// CHECK-LABEL: func.func @main(
// CHECK:         %[[Q:.+]] = shift.quantize %{{.+}} : (tensor<2x4xf32>) -> tensor<2x4x!quant
// CHECK:         %[[H:.+]], %[[HI:.+]] = shift.linear %[[Q]], {{.*}} -> (tensor<2x4x!quant.{{.*}}>, tensor<2x4xi1>)
// CHECK:         %[[S:.+]], %[[SI:.+]] = shift.add %[[H]], %[[Q]]
// CHECK:         %[[Y:.+]] = shift.dequantize %[[S]]
// CHECK:         return %[[Y]], %[[SI]], %[[HI]]
// CHECK-LABEL: func.func @backward(
// CHECK-SAME:    %[[DY:.+]]: tensor<2x4xf32>, %[[SI:.+]]: tensor<2x4xi1> {shift.residual = 0 : i64}, %[[HI:.+]]: tensor<2x4xi1> {shift.residual = 1 : i64}, %[[X:.+]]: tensor<2x4x!quant
// CHECK:         %[[DS:.+]] = shift.mask %[[DY]], %[[SI]]
// CHECK:         %[[DH:.+]] = shift.mask %[[DS]], %[[HI]]
// CHECK:         shift.linear_grad_weight %[[X]], %[[DH]]
!q = !quant.uniform<i8:f32, 0.0625>
func.func @main(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>, exponents = array<i8: -3>, name = "w", signs = array<i8: 1>} : tensor<4x4x!shift.pow2<-10:5>>
  %q = shift.quantize %x : (tensor<2x4xf32>) -> tensor<2x4x!q>
  %h = shift.linear %q, %w : (tensor<2x4x!q>, tensor<4x4x!shift.pow2<-10:5>>) -> tensor<2x4x!q>
  %s = shift.add %h, %q : (tensor<2x4x!q>, tensor<2x4x!q>) -> tensor<2x4x!q>
  %y = shift.dequantize %s : (tensor<2x4x!q>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
