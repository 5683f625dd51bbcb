// A window at the border holds fewer elements: the kernel reads the divisor.
// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s

// CHECK: average_pool_0_window(
// CHECK: / divisor - int(rest != 0 && (rest ^ divisor) < 0)
!q = !quant.uniform<i8:f32, 0.125>
func.func @main(%x: tensor<1x2x8x8x!q> {onnx.name = "x"})
    -> (tensor<1x2x8x8x!q> {onnx.name = "y"}) {
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
    strides = array<i64: 1, 1>} : (tensor<1x2x8x8x!q>) -> tensor<1x2x8x8x!q>
  return %0 : tensor<1x2x8x8x!q>
}
