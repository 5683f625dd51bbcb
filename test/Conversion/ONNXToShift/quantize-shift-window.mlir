// RUN: shift-opt %s --quantize-shift="range=-10:5 window=7" | FileCheck %s
// RUN: shift-opt %s --quantize-shift="range=-10:5 window=7" --remarks-filter='shift.*' --remark-format=emitRemark 2>&1 >/dev/null | FileCheck %s --check-prefix=BITS

// Channels of different size take the same codes, relative to their windows'
// tops: 32 and 0.25 are both a top. Seven exponents and signs are fewer than
// sixteen values, 4 bits.
// BITS: 4 bits a weight
// CHECK: shift.weight {bits = 4 : i64
// CHECK-SAME: exponents = array<i8: -1, -2, -3, -4, -5, -6, -6, -5, -4, -3, -2, -1, 0>
// CHECK-SAME: window_tops = array<i8: 5, -2>
func.func @main(%x: tensor<1x7xf32>) -> tensor<1x2xf32> {
  %w = onnx.Constant {name = "w"} dense<[
    [32.0, 0.25], [16.0, -0.125], [-8.0, 0.0625], [4.0, -0.03125],
    [-2.0, 0.015625], [1.0, -0.0078125], [-0.5, 0.00390625]]> : tensor<7x2xf32>
  %y = onnx.MatMul %x, %w : (tensor<1x7xf32>, tensor<7x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
