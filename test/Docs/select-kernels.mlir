// The example of the pass's description: weights of 1 and 256.
// RUN: shift-opt %s --select-kernels | FileCheck %s
// RUN: shift-opt %s --select-kernels="strategies=conv=dot8" | FileCheck %s --check-prefix=ASKED

// CHECK: shift.conv2d
// CHECK-SAME: node_name = "conv"
// CHECK-SAME: shift.strategy = "[[FIRST:[a-z0-9]+]]"
// CHECK-SAME: shift.strategy_reason = "predicted {{.+}} ms [[FIRST]], {{.+}} ms

// ASKED: shift.conv2d
// ASKED-SAME: shift.strategy = "dot16"
// ASKED-SAME: shift.strategy_reason = "dot8 asked, but channel 0 has weights above 64 times its smallest, and two planes are slower than dot16; the nearest that can"
func.func @main(%x: tensor<1x2x8x8x!quant.uniform<i8:f32, 1.0>>) -> tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>> {
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 8>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x2x1x1x!shift.pow2<0:8>>
  %0 = shift.conv2d %x, %w {node_name = "conv", dilations = array<i64: 1, 1>,
    group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x8x8x!quant.uniform<i8:f32, 1.0>>, tensor<1x2x1x1x!shift.pow2<0:8>>) -> tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>
  return %0 : tensor<1x1x8x8x!quant.uniform<i8:f32, 1.0>>
}
