// RUN: shift-opt %s --split-input-file --select-gpu-kernels="strategies=*=dp4a" --convert-shift-to-gpu --canonicalize --cse | FileCheck %s

// Activations become bytes, channels last, once for both layers. Their 16 bits
// are two bytes; padding reads what lies behind each plane's pixels. Results
// are stored four at once.
// CHECK-LABEL: gpu.func @pack_bytes_0_map(
// CHECK-SAME:    memref<1440xi16>, %[[OUT:.+]]: memref<4640xi8>)
// CHECK:         arith.xori {{.*}} : vector<4xi8>
// CHECK:         vector.store {{.*}}, %[[OUT]]{{.*}} : memref<4640xi8>, vector<16xi8>
// CHECK:         vector.store {{.*}}, %[[OUT]]{{.*}} : memref<4640xi8>, vector<16xi8>
// CHECK-NOT:   @pack_bytes
// CHECK-LABEL: gpu.func @conv2d_2_dp4a(
// CHECK:         %[[PADDING:.+]] = arith.constant 2304 : index
// CHECK:         %[[SOURCE:.+]] = arith.select %{{.+}}, %{{.+}}, %[[PADDING]] : index
// CHECK:         nvgpu.device_async_copy %{{.+}}[%[[SOURCE]]], {{.*}}, 16 : memref<4640xi8> to
// CHECK:         nvvm.cp.async.commit.group
// CHECK:         scf.for
// CHECK:           nvvm.cp.async.wait.group 0
// CHECK-NEXT:      gpu.barrier
// CHECK-COUNT-4:   nvvm.dot.accumulate.4way %{{.+}} <signed>, %{{.+}} <signed>
// CHECK-NOT:     nvvm.dot
// CHECK:         vector.store {{.*}} : memref<{{.*}}xi16>, vector<4xi16>
// CHECK-LABEL: func.func @main
// CHECK-COUNT-1: gpu.launch_func @kernels::@pack_bytes
// CHECK-NOT:     gpu.launch_func @kernels::@pack_bytes

!q = !quant.uniform<i16:f32, 0.0625>
!w = tensor<16x10x3x3x!shift.pow2<-10:5>>
func.func @main(%x: tensor<1x10x12x12x!q>) -> (tensor<1x16x12x12x!q>, tensor<1x16x12x12x!q>) {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<180xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : !w
  %v = shift.weight {bits = 1 : i64, codes = dense<91> : tensor<180xi8>,
    exponents = array<i8: -2, 4>, name = "v", signs = array<i8: -1, 1>} : !w
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x10x12x12x!q>, !w) -> tensor<1x16x12x12x!q>
  %1 = shift.conv2d %x, %v {dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x10x12x12x!q>, !w) -> tensor<1x16x12x12x!q>
  return %0, %1 : tensor<1x16x12x12x!q>, tensor<1x16x12x12x!q>
}

// -----

// Three channels take copies of four bytes. A number of positions that four do
// not divide keeps neighbours apart.
// CHECK-LABEL: gpu.func @conv2d_2_dp4a(
// CHECK:         nvgpu.device_async_copy {{.*}}, 4 : memref<112xi8> to
// CHECK:         nvgpu.device_async_copy {{.*}}, 16 : memref<{{.+}}xi8> to
// CHECK-NOT:     vector.store {{.*}} : memref<200xi8>
// CHECK:         memref.store {{.*}} : memref<200xi8>

!q = !quant.uniform<i8:f32, 0.0625>
!w = tensor<8x3x1x1x!shift.pow2<-10:5>>
func.func @main(%x: tensor<1x3x5x5x!q>) -> tensor<1x8x5x5x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<3xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : !w
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x3x5x5x!q>, !w) -> tensor<1x8x5x5x!q>
  return %0 : tensor<1x8x5x5x!q>
}
