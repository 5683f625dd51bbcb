// Weights are float32 initializers of exact sums of powers of two; clamps are
// Relu or Clip; fixed-point steps vanish, or become pairs of QuantizeLinear and
// DequantizeLinear.
// RUN: shift-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/print-onnx.py %t.onnx | FileCheck %s --implicit-check-not=Linear
// RUN: shift-translate --export-onnx %s --activations=qdq -o %t.qdq.onnx
// RUN: %python %S/print-onnx.py %t.qdq.onnx | FileCheck %s --check-prefix=QDQ

!q = !quant.uniform<i16:f32, 6.250000e-02>
!ten = !quant.uniform<i16<-512:511>:f32, 6.250000e-02>
!u = !quant.uniform<u8:f32, 2.500000e-01>

// CHECK: ir_version: 7
// CHECK: opset_import: ["" : 13]
// CHECK: main (float[1,2,4,4] image) => (float[1,2,4,4] sum, float[1,3] logits)
// CHECK-DAG: float[2,2,1,1] w = {0,0.5,-2,6}
// CHECK-DAG: float[2] b = {1,2}
// CHECK-DAG: float[3,32] fc_w
// QDQ: opset_import: ["" : 21]
// The bounds of the 10-bit range: the lower one is the clamp's.
// QDQ: = {-1}
// QDQ-SAME: = {6}
// QDQ-NOT: = {31.9375}
module attributes {shift.detector = "{\"kind\":\"fcos\"}"} {
  func.func @main(%x: tensor<1x2x4x4xf32> {onnx.name = "image"})
      -> (tensor<1x2x4x4xf32> {onnx.name = "sum"},
          tensor<1x3xf32> {onnx.name = "logits"}) {
    %b = onnx.Constant {name = "b"} dense<[1.0, 2.0]> : tensor<2xf32>
    %w = shift.weight {bits = 2 : i64, codes = dense<-55> : tensor<1xi8>,
      exponents = array<i8: 1, 0, 0, 0, -1, 0, 2, 1>, name = "w",
      signs = array<i8: -1, 0, 0, 0, 1, 0, 1, 1>}
      : tensor<2x2x1x1x!shift.pow2<-10:5, terms = 2>>
    // CHECK: [stem] [[STEM:.+]] = Conv <dilations: ints = [1, 1], group: int = 1, kernel_shape: ints = [1, 1], pads: ints = [0, 0, 0, 0], strides: ints = [1, 1]> (image, w, b)
    // CHECK: {{^ +\[.*\] }}[[RELU:[^ ]+]] = Relu ([[STEM]])
    // QDQ: {{^ +\[.*\] }}[[Q0:[^ ]+]] = QuantizeLinear (image,
    // QDQ: {{^ +\[.*\] }}[[D0:[^ ]+]] = DequantizeLinear ([[Q0]],
    // QDQ: [stem] [[STEM:.+]] = Conv {{.*}} ([[D0]], w, b)
    // QDQ: {{^ +\[.*\] }}[[RELU:[^ ]+]] = Relu ([[STEM]])
    // QDQ: {{^ +\[.*\] }}[[Q1:[^ ]+]] = QuantizeLinear ([[RELU]],
    // QDQ: {{^ +\[.*\] }}[[D1:[^ ]+]] = DequantizeLinear ([[Q1]],
    %q = shift.quantize %x {node_name = "in"} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4x!q>
    %c = shift.conv2d %q, %w, %b {clamp_min = 0.0 : f32,
      dilations = array<i64: 1, 1>, group = 1 : i64, node_name = "stem",
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
      : (tensor<1x2x4x4x!q>, tensor<2x2x1x1x!shift.pow2<-10:5, terms = 2>>,
         tensor<2xf32>) -> tensor<1x2x4x4x!q>
    // The second user of the weights shares the initializer.
    // CHECK: [head] [[HEAD:.+]] = Conv {{.*}} ([[RELU]], w, b)
    // CHECK: {{^ +\[.*\] }}[[CLIP:[^ ]+]] = Clip ([[HEAD]], [[LOW:.+]], [[HIGH:.+]])
    %h = shift.conv2d %c, %w, %b {clamp_max = 6.0 : f32, clamp_min = -1.0 : f32,
      dilations = array<i64: 1, 1>, group = 1 : i64, node_name = "head",
      pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
      : (tensor<1x2x4x4x!q>, tensor<2x2x1x1x!shift.pow2<-10:5, terms = 2>>,
         tensor<2xf32>) -> tensor<1x2x4x4x!ten>
    // A range narrower than the storage saturates before it is rounded.
    // QDQ: [head] [[HEAD:.+]] = Conv {{.*}} ([[D1]], w, b)
    // QDQ: {{^ +\[.*\] }}[[TEN:[^ ]+]] = Clip ([[HEAD]],
    // QDQ: {{^ +\[.*\] }}[[Q2:[^ ]+]] = QuantizeLinear ([[TEN]],
    // QDQ: {{^ +\[.*\] }}[[D2:[^ ]+]] = DequantizeLinear ([[Q2]],
    // CHECK: [join] [[SUM:.+]] = Add ([[RELU]], [[CLIP]])
    // What saturated at 0 stays so.
    // CHECK: {{.*}}sum = Relu ([[SUM]])
    // QDQ: [join] [[SUM:.+]] = Add ([[D1]], [[D2]])
    // QDQ-NEXT: {{^ +\[.*\] }}[[Q3:[^ ]+]] = QuantizeLinear ([[SUM]],
    // QDQ-NEXT: {{\] }}sum = DequantizeLinear ([[Q3]],
    %s = shift.add %c, %h {node_name = "join"} : (tensor<1x2x4x4x!q>, tensor<1x2x4x4x!ten>) -> tensor<1x2x4x4x!u>
    %y = shift.dequantize %s : (tensor<1x2x4x4x!u>) -> tensor<1x2x4x4xf32>
    %r = shift.reshape %s {node_name = "flat"} : (tensor<1x2x4x4x!u>) -> tensor<1x32x!u>
    %fc = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
      exponents = array<i8: -3>, name = "fc_w", signs = array<i8: 1>}
      : tensor<3x32x!shift.pow2<-10:5>>
    // CHECK: [flat] [[FLAT:.+]] = Reshape (sum,
    // CHECK: [fc] logits = Gemm <transB: int = 1> ([[FLAT]], fc_w)
    %l = shift.linear %r, %fc {node_name = "fc"} : (tensor<1x32x!u>, tensor<3x32x!shift.pow2<-10:5>>) -> tensor<1x3xf32>
    return %y, %l : tensor<1x2x4x4xf32>, tensor<1x3xf32>
  }
}
// CHECK-LABEL: metadata shift.detector: {"kind":"fcos"}
