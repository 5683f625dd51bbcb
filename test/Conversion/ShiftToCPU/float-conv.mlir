// RUN: shift-opt %s --convert-shift-to-cpu --canonicalize --cse | FileCheck %s

// Seven channels: a tile of six and one of one, each with its accumulators over
// all taps; weights are packed [tile][tap][row].
// CHECK-DAG:     memref.global "private" constant @{{.+}} : memref<14xf32> = dense<[1.000000e+00, 3.000000e+00, 5.000000e+00, 7.000000e+00, 9.000000e+00, 1.100000e+01, 2.000000e+00, 4.000000e+00, 6.000000e+00, 8.000000e+00, 1.000000e+01, 1.200000e+01, 1.300000e+01, 1.400000e+01]>
// CHECK-LABEL:   func.func @main
// CHECK:           call @shift_conv_{{.*}}__float(
// CHECK-SAME:        macs = 280 : i64
// CHECK-LABEL:   func.func private @shift_conv_
// CHECK-NOT:       fastmath
// CHECK-COUNT-6:   math.fma {{.*}} : vector<16xf32>
// CHECK:           math.fma {{.*}} : vector<16xf32>
// CHECK-NOT:       math.fma
// CHECK-NOT:       fastmath
func.func @main(%x: tensor<1x2x4x5xf32>) -> tensor<1x7x4x5xf32> {
  %w = onnx.Constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]],
    [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]], [[[9.0]], [[10.0]]],
    [[[11.0]], [[12.0]]], [[[13.0]], [[14.0]]]]> : tensor<7x2x1x1xf32>
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x5xf32>, tensor<7x2x1x1xf32>) -> tensor<1x7x4x5xf32>
  return %0 : tensor<1x7x4x5xf32>
}
