// What a layer leaves idle counts: tiles, multiprocessors.
// RUN: shift-opt %s --select-gpu-kernels="arch=sm_75" | FileCheck %s --check-prefixes=CHECK,T4
// RUN: shift-opt %s --select-gpu-kernels="arch=sm_90" | FileCheck %s --check-prefixes=CHECK,H100
// RUN: shift-opt %s --select-gpu-kernels="arch=sm_86" | FileCheck %s --check-prefixes=CHECK,A100
// RUN: shift-opt %s --select-gpu-kernels="arch=sm_120" | FileCheck %s --check-prefixes=CHECK,B200

!q = !quant.uniform<i8:f32, 0.0625>
!p = !shift.pow2<-4:0>

// Full tiles for every multiprocessor.
// CHECK-LABEL: @many_channels
// T4: shift.strategy_reason = "predicted on T4 {{.*}} us mma, {{.*}} us dp4a, {{.*}} us shift"
// A100: shift.strategy_reason = "predicted on A100 {{.*}} us mma, {{.*}} us dp4a, {{.*}} us shift"
// H100: shift.strategy_reason = "predicted on H100 {{.*}} us mma, {{.*}} us dp4a, {{.*}} us shift"
// B200: shift.strategy_reason = "predicted on B200 {{.*}} us mma, {{.*}} us dp4a, {{.*}} us shift"
func.func @many_channels(%x: tensor<1x64x128x128x!q>) -> tensor<1x64x128x128x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<4608xi8>,
    exponents = array<i8: -2, 0>, name = "w", signs = array<i8: -1, 1>} : tensor<64x64x3x3x!p>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x128x128x!q>, tensor<64x64x3x3x!p>) -> tensor<1x64x128x128x!q>
  return %0 : tensor<1x64x128x128x!q>
}

// An eighth of the rows of a tensor core's tile.
// CHECK-LABEL: @few_channels
// T4: shift.strategy_reason = "predicted on T4 {{.*}} us dp4a, {{.*}} us mma, {{.*}} us shift"
// H100: shift.strategy_reason = "predicted on H100 {{.*}} us dp4a, {{.*}} us mma, {{.*}} us shift"
func.func @few_channels(%x: tensor<1x64x128x128x!q>) -> tensor<1x4x128x128x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<288xi8>,
    exponents = array<i8: -2, 0>, name = "w", signs = array<i8: -1, 1>} : tensor<4x64x3x3x!p>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x128x128x!q>, tensor<4x64x3x3x!p>) -> tensor<1x4x128x128x!q>
  return %0 : tensor<1x4x128x128x!q>
}
