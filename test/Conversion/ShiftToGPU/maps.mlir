// RUN: shift-opt %s --convert-shift-to-gpu | FileCheck %s
// RUN: shift-opt %s --shift-to-gpu-pipeline | FileCheck %s --check-prefix=PIPELINE

// The interface and the launch of each step; threads of a block take
// neighbouring elements.

// CHECK: gpu.container_module
// CHECK-LABEL: gpu.func @requantize_0_map(
// CHECK-SAME:    memref<4096xi16>, %{{.+}}: memref<4096xi8>) kernel
// CHECK-SAME:    known_block_size = array<i32: 256, 1, 1>
// CHECK-SAME:    shift.comment = "shift.requantize 'relu' 1x4x32x32 i16f4 to 1x4x32x32 i8f2, strategy map: element by element"
// CHECK:         %[[BLOCK:.+]] = gpu.block_id x
// CHECK:         %[[FIRST:.+]] = arith.muli %[[BLOCK]], %c1024
// CHECK:         %[[THREAD:.+]] = gpu.thread_id x
// CHECK:         %[[LO:.+]] = arith.addi %[[FIRST]], %[[THREAD]]
// CHECK:         scf.for %[[I:.+]] = %[[LO]] to %{{.+}} step %c256
// CHECK:           memref.load %{{.+}} : memref<4096xi16>
// CHECK-NOT:       vector
// CHECK:           memref.store %{{.+}}, %{{.+}}[%[[I]]] : memref<4096xi8>

// A transposition reads at strides of its own.
// CHECK-LABEL: gpu.func @transpose_1_move(
// CHECK:         arith.remui
// CHECK:         memref.load
// CHECK:         memref.store

// A thread computes one maximum.
// CHECK-LABEL: gpu.func @max_pool_2_window(
// CHECK:         arith.maxsi

// CHECK-LABEL: func.func @main(
// CHECK-SAME:    memref<4096xi16> {shift.name = "input0", shift.role = "input"
// CHECK-SAME:    shift.role = "output"
// CHECK:         gpu.launch_func @kernels::@requantize_0_map blocks in (%c4, %{{.+}}, %{{.+}}) threads in (%c256, %{{.+}}, %{{.+}})
// CHECK-SAME:      shift.step = {{{.*}}extent = 4 : i64, {{.*}}name = "relu", op = "shift.requantize", {{.*}}strategy = "map"
// CHECK:         gpu.launch_func @kernels::@transpose_1_move
// CHECK:         gpu.launch_func @kernels::@max_pool_2_window

// PIPELINE: gpu.func @requantize_0_map
// PIPELINE: gpu.launch_func @kernels::@requantize_0_map

!a = !quant.uniform<i16:f32, 0.0625>
!b = !quant.uniform<i8:f32, 0.25>
func.func @main(%x: tensor<1x4x32x32x!a>) -> (tensor<1x32x32x4x!b>, tensor<1x4x16x16x!b>) {
  %0 = shift.requantize %x {clamp_min = 0.0 : f32, node_name = "relu"}
    : (tensor<1x4x32x32x!a>) -> tensor<1x4x32x32x!b>
  %1 = shift.transpose %0 {perm = array<i64: 0, 2, 3, 1>}
    : (tensor<1x4x32x32x!b>) -> tensor<1x32x32x4x!b>
  %2 = shift.max_pool %0 {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
    : (tensor<1x4x32x32x!b>) -> tensor<1x4x16x16x!b>
  return %1, %2 : tensor<1x32x32x4x!b>, tensor<1x4x16x16x!b>
}
