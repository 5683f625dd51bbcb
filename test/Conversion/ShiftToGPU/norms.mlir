// RUN: shift-opt %s --convert-shift-to-gpu | FileCheck %s

// 16 threads sum a plane of floats in the stated order.
// CHECK-LABEL: gpu.func @group_norm_sums_0_groups(
// CHECK-SAME:    memref<800xf32>, %{{.+}}: memref<8xf64>, %{{.+}}: memref<8xf64>)
// CHECK:         scf.for %{{.+}} = %{{.+}} to %{{.+}} step %c16{{.*}} iter_args
// CHECK:           arith.extf
// CHECK:         gpu.barrier
// CHECK:         gpu.return
// The first thread computes what all use.
// CHECK-LABEL: gpu.func @group_norm_1_groups(
// CHECK:         scf.if
// CHECK:           math.sqrt
// CHECK:         gpu.barrier
// CHECK:         arith.mulf
// CHECK:         arith.addf

// Integers are summed by all threads, in halves.
// CHECK-LABEL: gpu.func @group_norm_sums_2_groups(
// CHECK-SAME:    memref<800xi16>, %{{.+}}: memref<8xi64>
// CHECK-COUNT-8: gpu.barrier
// CHECK:         gpu.return
// CHECK-LABEL: gpu.func @group_norm_3_groups(

// CHECK-LABEL: gpu.func @reduce_4_lanes(
// CHECK:         memref<256xf64, #gpu.address_space<workgroup>>
// CHECK-LABEL: gpu.func @softmax_5_rows(
// CHECK:         arith.divf

!q = !quant.uniform<i16:f32, 0.0625>
func.func @main(%x: tensor<1x8x10x10xf32>, %y: tensor<1x8x10x10x!q>)
    -> (tensor<1x8x1x1xf32>, tensor<1x8x10x10xf32>, tensor<1x8x10x10x!q>) {
  %s = onnx.Constant dense<1.0> : tensor<8xf32>
  %b = onnx.Constant dense<0.5> : tensor<8xf32>
  %0 = onnx.GroupNormalization %x, %s, %b {epsilon = 1.0e-5 : f32, num_groups = 2 : i64}
    : (tensor<1x8x10x10xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x10x10xf32>
  %1 = shift.group_norm %y, %s, %b {epsilon = 1.0e-5 : f32, num_groups = 2 : i64}
    : (tensor<1x8x10x10x!q>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x10x10x!q>
  %2 = onnx.GlobalAveragePool %0 : (tensor<1x8x10x10xf32>) -> tensor<1x8x1x1xf32>
  %3 = onnx.Softmax %0 {axis = 1 : i64} : (tensor<1x8x10x10xf32>) -> tensor<1x8x10x10xf32>
  return %2, %3, %1 : tensor<1x8x1x1xf32>, tensor<1x8x10x10xf32>, tensor<1x8x10x10x!q>
}
