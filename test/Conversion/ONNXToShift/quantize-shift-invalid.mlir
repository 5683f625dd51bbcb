// RUN: not shift-opt %s --quantize-shift=5:-10 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not shift-opt %s --quantize-shift=-200:5 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not shift-opt %s --quantize-shift=wide 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: not shift-opt %s --quantize-shift="rounding=up" 2>&1 | FileCheck %s --check-prefix=ROUNDING
// RUN: not shift-opt %s --quantize-shift="underflow=drop" 2>&1 | FileCheck %s --check-prefix=UNDERFLOW
// RUN: not shift-opt %s --quantize-shift="terms=4" 2>&1 | FileCheck %s --check-prefix=TERMS
// RUN: not shift-opt %s --quantize-shift="activation-bits=3" 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not shift-opt %s --quantize-shift=-10:5 2>&1 | FileCheck %s --check-prefix=NAN

// ORDER: error: quantize-shift: expected range lo:hi with lo <= hi, got 5:-10
// OUTSIDE: error: quantize-shift: expected range within -126:127, got -200:5
// TEXT: error: quantize-shift: expected range lo:hi such as -10:5, got 'wide'
// ROUNDING: error: quantize-shift: expected rounding nearest, log or stochastic, got 'up'
// UNDERFLOW: error: quantize-shift: expected underflow zero or raise, got 'drop'
// TERMS: error: quantize-shift: expected terms in [1, 3], got 4
// BITS: error: quantize-shift: expected activation-bits in [4, 16], got 3
// NAN: error: initializer 'stem.weight' holds NaN at element 1
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = onnx.Constant {name = "stem.weight"} dense<[[[[1.0]]], [[[0x7FC00000]]]]> : tensor<2x1x1x1xf32>
  %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %y : tensor<1x2x4x4xf32>
}
