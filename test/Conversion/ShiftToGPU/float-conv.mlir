// RUN: shift-opt %s --convert-shift-to-gpu --canonicalize | FileCheck %s
// RUN: shift-opt %s --convert-shift-to-gpu="arch=sm_80" --canonicalize | FileCheck %s --check-prefix=ASYNC

// Codes become floats by their table; every output's sum is a chain of fma.
// CHECK-LABEL: gpu.func @conv2d_0_float(
// CHECK-SAME:    memref<2xi32>
// CHECK:         %[[SUMS:.+]] = memref.alloca() : memref<4x2xf32>
// CHECK:         arith.bitcast {{.*}} : i32 to f32
// CHECK:         %[[SUM:.+]] = math.fma
// CHECK-NEXT:    memref.store %[[SUM]], %[[SUMS]]
// CHECK-NOT:     arith.mulf
// CHECK:         gpu.return

// From sm_80 on the input is copied while the step before is computed; outside
// the image, where no element is read, the copy is zeros.
// ASYNC-LABEL: gpu.func @conv2d_0_float(
// ASYNC:         nvgpu.device_async_copy {{.*}}, 1, %{{.+}} : memref<288xf32> to memref<{{.+}}xf32, #gpu.address_space<workgroup>>
// ASYNC:         nvvm.cp.async.commit.group
// ASYNC:         scf.for
// ASYNC:           nvvm.cp.async.wait.group 0
// ASYNC-NEXT:      gpu.barrier
// ASYNC:           nvvm.cp.async.commit.group

// Depthwise: a thread an output, the channel's words in shared memory.
// CHECK-LABEL: gpu.func @depthwise_1_float(
// CHECK-SAME:    workgroup(%{{.+}} : memref<2xi32, #gpu.address_space<workgroup>>, %{{.+}} : memref<9xi32, #gpu.address_space<workgroup>>)
// CHECK-COUNT-1: math.fma
// CHECK-NOT:     math.fma
// CHECK:         gpu.return

// Matrix products of floats.
// CHECK-LABEL: gpu.func @matmul_2_float(
// CHECK:         math.fma
// CHECK:         gpu.return

!p = !shift.pow2<-10:5>
func.func @main(%x: tensor<1x8x6x6xf32>, %m: tensor<2x5x8xf32>, %n: tensor<8x7xf32>)
    -> (tensor<1x8x6x6xf32>, tensor<2x5x7xf32>) {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<72xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : tensor<8x8x3x3x!p>
  %d = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<9xi8>,
    exponents = array<i8: -2, 4>, name = "d", signs = array<i8: -1, 1>} : tensor<8x1x3x3x!p>
  %b = onnx.Constant dense<0.5> : tensor<8xf32>
  %0 = shift.conv2d %x, %w, %b {dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x8x6x6xf32>, tensor<8x8x3x3x!p>, tensor<8xf32>) -> tensor<1x8x6x6xf32>
  %1 = shift.conv2d %0, %d {dilations = array<i64: 1, 1>, group = 8 : i64,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x8x6x6xf32>, tensor<8x1x3x3x!p>) -> tensor<1x8x6x6xf32>
  %2 = onnx.MatMul %m, %n : (tensor<2x5x8xf32>, tensor<8x7xf32>) -> tensor<2x5x7xf32>
  return %1, %2 : tensor<1x8x6x6xf32>, tensor<2x5x7xf32>
}
