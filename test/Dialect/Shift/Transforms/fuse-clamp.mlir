// RUN: shift-opt %s --fuse-clamp | FileCheck %s

!w = tensor<4x3x!shift.pow2<-10:5>>
!k = tensor<1x1x1x1x!shift.pow2<-10:5>>

// CHECK-LABEL: func @relu
// CHECK: %[[Y:.+]] = shift.linear %{{.+}}, %{{.+}} {clamp_min = 0.000000e+00 : f32}
// CHECK-NEXT: return %[[Y]]
func.func @relu(%x: tensor<2x3xf32>, %w: !w) -> tensor<2x4xf32> {
  %0 = shift.linear %x, %w : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %1 = onnx.Relu %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// CHECK-LABEL: func @clip
// CHECK: %[[Y:.+]] = shift.conv2d
// CHECK-SAME: clamp_max = 6.000000e+00 : f32, clamp_min = -1.000000e+00 : f32
// CHECK-NEXT: return %[[Y]]
func.func @clip(%x: tensor<1x1x2x2xf32>, %w: !k) -> tensor<1x1x2x2xf32> {
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, !k) -> tensor<1x1x2x2xf32>
  %1 = onnx.Clip %0 {min = -1.0 : f32, max = 6.0 : f32} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// CHECK-LABEL: func @clip_of_one_bound
// CHECK-NOT: clamp_min
// CHECK: shift.linear {{.*}}clamp_max = 6.000000e+00 : f32
// CHECK-NOT: onnx.Clip
func.func @clip_of_one_bound(%x: tensor<2x3xf32>, %w: !w) -> tensor<2x4xf32> {
  %0 = shift.linear %x, %w : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %1 = onnx.Clip %0 {max = 6.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// The other user must see values below zero.
// CHECK-LABEL: func @other_user
// CHECK-NOT: clamp_min
// CHECK: onnx.Relu
func.func @other_user(%x: tensor<2x3xf32>, %w: !w) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %0 = shift.linear %x, %w : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %1 = onnx.Relu %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: func @clamped_already
// CHECK: shift.linear {{.*}}{clamp_max = 6.000000e+00 : f32}
// CHECK: onnx.Relu
func.func @clamped_already(%x: tensor<2x3xf32>, %w: !w) -> tensor<2x4xf32> {
  %0 = shift.linear %x, %w {clamp_max = 6.0 : f32} : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %1 = onnx.Relu %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// ONNX allows bounds that cross and a NaN bound; a clamp has neither.
// CHECK-LABEL: func @no_interval
// CHECK-NOT: clamp
// CHECK: onnx.Clip
// CHECK: onnx.Clip
func.func @no_interval(%x: tensor<2x3xf32>, %w: !w) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %0 = shift.linear %x, %w : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %1 = onnx.Clip %0 {min = 2.0 : f32, max = 1.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = shift.linear %x, %w : (tensor<2x3xf32>, !w) -> tensor<2x4xf32>
  %3 = onnx.Clip %2 {min = 0x7FC00000 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1, %3 : tensor<2x4xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: func @no_layer
// CHECK: onnx.Relu
func.func @no_layer(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.Relu %x : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
