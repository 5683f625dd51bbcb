// RUN: shift-opt %s --split-input-file --quantize-shift=-10:5 | FileCheck %s
// RUN: shift-opt %s --split-input-file --quantize-shift="range=-10:5 rounding=log" | FileCheck %s --check-prefix=LOG
// RUN: shift-opt %s --split-input-file --quantize-shift="range=-10:5 terms=2" | FileCheck %s --check-prefix=TWO
// RUN: shift-opt %s --split-input-file --quantize-shift="range=-10:5 window=3" | FileCheck %s --check-prefix=WINDOW
// RUN: shift-opt %s --split-input-file --quantize-shift="range=-10:5 exclude=head*" | FileCheck %s --check-prefix=EXCLUDE
// RUN: shift-opt %s --split-input-file --pass-pipeline="builtin.module(quantize-shift{range=-10:5})" | FileCheck %s
// RUN: shift-opt %s --split-input-file --quantize-shift=-10:5 --remarks-filter='shift.*' --remark-format=emitRemark 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// 0.1 is between 2^-4 and 2^-3, nearer to 2^-3; 0.09 is nearer to 2^-4 but above
// sqrt(2) * 2^-4, the border of the log rule. 1.5 is a tie, 3 too.
// CHECK-LABEL: func @rounding
// LOG-LABEL: func @rounding
// TWO-LABEL: func @rounding
// WINDOW-LABEL: func @rounding
func.func @rounding(%x: tensor<1x1x4x4xf32>) -> tensor<1x5x4x4xf32> {
  // CHECK: shift.weight {bits = 3 : i64
  // CHECK-SAME: exponents = array<i8: 1, 0, -4, -3, 1>
  // CHECK-SAME: signs = array<i8: -1, 0, 1, 1, 1>
  // CHECK-NOT: onnx.Conv
  // CHECK: shift.conv2d
  // LOG: exponents = array<i8: 2, 0, -3, 1>
  // LOG-SAME: signs = array<i8: -1, 0, 1, 1>
  // TWO: shift.pow2<-10:5, terms = 2>
  // WINDOW: window_tops = array<i8: -3, -4, 1, 1, -8>
  // WINDOW-SAME: shift.pow2<-10:5, window = 3>
  %w = onnx.Constant {name = "w"} dense<[[[[0.1]]], [[[0.09]]], [[[-3.0]]], [[[1.6]]], [[[0.0]]]]> : tensor<5x1x1x1xf32>
  %y = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, node_name = "head"} : (tensor<1x1x4x4xf32>, tensor<5x1x1x1xf32>) -> tensor<1x5x4x4xf32>
  // EXCLUDE: onnx.Conv
  return %y : tensor<1x5x4x4xf32>
}
// REMARK: remark: [Passed] Rounded
// REMARK-SAME: w: {{.*}} dB, 0 saturated, 0 underflowed, 3 bits a weight

// -----

// A weight that two convolutions share is rounded and stored once, and the Relu
// behind one of them becomes its clamp.
// CHECK-LABEL: func @shared
func.func @shared(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  // CHECK: %[[W:.+]] = shift.weight
  // CHECK-NOT: shift.weight
  // CHECK: shift.conv2d %{{.+}}, %[[W]] {clamp_min = 0.000000e+00 : f32
  // CHECK: shift.conv2d %{{.+}}, %[[W]] {dilations
  %w = onnx.Constant {name = "w"} dense<0.5> : tensor<2x2x1x1xf32>
  %1 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %2 = onnx.Relu %1 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = onnx.Conv %2, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %2, %3 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}

// -----

// The matrix of a MatMul is stored K x M, shift.linear wants M x K; the Add of a
// row behind it is its bias.
// CHECK-LABEL: func @matmul
func.func @matmul(%x: tensor<1x2xf32>) -> tensor<1x3xf32> {
  // CHECK: shift.weight
  // CHECK-SAME: tensor<3x2x!shift.pow2<-10:5>>
  // CHECK: shift.linear %{{.+}}, %{{.+}}, %{{.+}} :
  // CHECK-NOT: onnx.Add
  %w = onnx.Constant {name = "w"} dense<[[1.0, 2.0, 4.0], [0.5, 0.25, 0.125]]> : tensor<2x3xf32>
  %b = onnx.Constant {name = "b"} dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %1 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  %2 = onnx.Add %1, %b : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return %2 : tensor<1x3xf32>
}
