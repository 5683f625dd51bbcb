// RUN: shift-opt %s --quantize-shift="rounding=nearest" | FileCheck %s --check-prefix=NEAREST
// RUN: shift-opt %s --quantize-shift="rounding=log" | FileCheck %s --check-prefix=LOG
// RUN: shift-opt %s --quantize-shift="underflow=raise" | FileCheck %s --check-prefix=RAISE
// RUN: shift-opt %s --quantize-shift="terms=2" | FileCheck %s --check-prefix=TERMS
// RUN: shift-opt %s --quantize-shift="window=7" | FileCheck %s --check-prefix=WINDOW
// RUN: shift-opt %s --quantize-shift="rounding=stochastic seed=1" -o %t.1
// RUN: shift-opt %s --quantize-shift="rounding=stochastic seed=1" -o %t.again
// RUN: shift-opt %s --quantize-shift="rounding=stochastic seed=2" -o %t.2
// RUN: shift-opt %s --quantize-shift="rounding=stochastic seed=1 step=1" -o %t.step
// RUN: diff %t.1 %t.again
// RUN: not diff %t.1 %t.2 >%t.diff
// RUN: not diff %t.1 %t.step >%t.diff
// RUN: FileCheck %s --check-prefix=STOCHASTIC --input-file=%t.1
// RUN: shift-opt %s --quantize-shift="range=-10:5 include=head*" | FileCheck %s --check-prefix=INCLUDE
// RUN: shift-opt %s --quantize-shift="range=-10:5 exclude=head*" | FileCheck %s --check-prefix=EXCLUDE
// RUN: shift-opt %s --quantize-shift="include=stem,head.* exclude=head.last" | FileCheck %s --check-prefix=BOTH
// RUN: shift-opt %s --quantize-shift="activation-bits=8" | FileCheck %s --check-prefix=BITS

// 0.1 is 2^-3.32: nearest by value 2^-3 (0.125) over 2^-4 (0.0625), nearest by
// exponent 2^-3 too. 1.45 is 2^0.536: 1 by value, 2 by exponent. 0.0001 is
// below 2^-11, so zero unless it is raised to 2^-10. 3.0 ties between 2 and 4,
// and the smaller wins; by exponent it is 2^1.58, so 4.
// NEAREST: shift.weight {bits = 2 : i64, codes = dense<-100>
// NEAREST-SAME: exponents = array<i8: 0, -3, 0, 1>
// NEAREST-SAME: signs = array<i8: 0, 1, 1, 1>
// LOG: shift.weight
// LOG-SAME: exponents = array<i8: 0, -3, 1, 2>
// LOG-SAME: signs = array<i8: 0, 1, 1, 1>
// RAISE: shift.weight
// RAISE-SAME: exponents = array<i8: -10, -3, 0, 1>
// RAISE-SAME: signs = array<i8: 1, 1, 1, 1>

// 0.1 becomes 0.09375, 1.45 becomes 1.5; equal values have one form.
// TERMS: shift.weight
// TERMS-SAME: exponents = array<i8: 0, 0, -4, -5, 0, -1, 1, 0>
// TERMS-SAME: signs = array<i8: 0, 0, 1, 1, 1, 1, 1, 1>
// TERMS-SAME: !shift.pow2<-10:5, terms = 2>

// Windows up to 1 and up to 2 lose equally little; the smaller top wins.
// WINDOW: shift.weight
// WINDOW-SAME: window_tops = array<i8: 1>
// WINDOW-SAME: !shift.pow2<-10:5, window = 7>

// STOCHASTIC: rounding = "stochastic"
// STOCHASTIC: shift.weight
// BITS: shift.quantization = {activation_bits = 8 : i64

// INCLUDE: onnx.Conv {{.*}}node_name = "stem"
// INCLUDE: shift.conv2d {{.*}}node_name = "head.first"
// INCLUDE: shift.conv2d {{.*}}node_name = "head.last"
// EXCLUDE: shift.conv2d {{.*}}node_name = "stem"
// EXCLUDE: onnx.Conv {{.*}}node_name = "head.first"
// EXCLUDE: onnx.Conv {{.*}}node_name = "head.last"
// BOTH: shift.conv2d {{.*}}node_name = "stem"
// BOTH: shift.conv2d {{.*}}node_name = "head.first"
// BOTH: onnx.Conv {{.*}}node_name = "head.last"
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x1x1xf32> {
  %w = onnx.Constant {name = "stem.w"} dense<[[[[0.0001, 3.0], [0.1, 1.45]]]]> : tensor<1x1x2x2xf32>
  %v = onnx.Constant {name = "first.w"} dense<[[[[0.3, 0.6], [0.7, 0.35]]]]> : tensor<1x1x2x2xf32>
  %u = onnx.Constant {name = "last.w"} dense<[[[[0.3, 0.6], [0.4, 0.15]]]]> : tensor<1x1x2x2xf32>
  %0 = onnx.Conv %x, %w {node_name = "stem", dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x3x3xf32>
  %1 = onnx.Conv %0, %v {node_name = "head.first", dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %2 = onnx.Conv %1, %u {node_name = "head.last", dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %2 : tensor<1x1x1x1xf32>
}
