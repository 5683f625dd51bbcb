// RUN: shift-opt %s --select-gpu-kernels | FileCheck %s --check-prefix=AUTO
// RUN: shift-opt %s --select-gpu-kernels="arch=sm_60" | FileCheck %s --check-prefix=OLD
// RUN: shift-opt %s --select-gpu-kernels="strategies=large=dp4a,*=mma" | FileCheck %s --check-prefix=ASKED
// RUN: not shift-opt %s --select-gpu-kernels="strategies=*=dot8" 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not shift-opt %s --select-gpu-kernels="arch=ampere" 2>&1 | FileCheck %s --check-prefix=ARCH
// RUN: not shift-opt %s --convert-shift-to-gpu 2>&1 | FileCheck %s --check-prefix=MISSING

// AUTO: node_name = "large"{{.*}}shift.strategy = "mma", shift.strategy_reason = "predicted on T4 {{[0-9.]+}} us mma, {{[0-9.]+}} us dp4a, {{[0-9.]+}} us shift"
// AUTO: node_name = "small"{{.*}}shift.strategy = "dp4a", shift.strategy_reason = "predicted on T4 {{[0-9.]+}} us dp4a, {{[0-9.]+}} us mma, {{[0-9.]+}} us shift"
// AUTO: node_name = "wide"{{.*}}shift.strategy = "shift", shift.strategy_reason = "not mma: a channel has weights that are no bytes relative to its smallest one; not dp4a: a channel has weights that are no bytes relative to its smallest one"
// AUTO: node_name = "float"{{.*}}shift.strategy = "float"

// OLD: node_name = "large"{{.*}}shift.strategy = "shift", shift.strategy_reason = "not mma: sm_60 does not have it; not dp4a: sm_60 does not have it"

// ASKED: node_name = "large"{{.*}}shift.strategy = "dp4a", shift.strategy_reason = "asked for"
// ASKED: node_name = "small"{{.*}}shift.strategy = "mma", shift.strategy_reason = "asked for"
// ASKED: node_name = "wide"{{.*}}shift.strategy = "shift"

// STRATEGY: expected pattern=strategy with auto, mma, dp4a, shift, float, got '*=dot8'
// ARCH: expected an architecture of the form sm_75, got 'ampere'
// MISSING: error: 'shift.conv2d' (node 'large') has a choice of strategies (shift, dp4a, mma); run select-kernels before

!q = !quant.uniform<u8:f32, 0.0625>
!r = !quant.uniform<i16:f32, 0.0625>
!p = !shift.pow2<-10:5>
func.func @main(%x: tensor<1x4x8x8x!q>, %y: tensor<1x4x8x8x!r>, %f: tensor<1x4x8x8xf32>)
    -> (tensor<1x2x8x8x!q>, tensor<1x32x8x8x!r>, tensor<1x32x8x8xf32>) {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<16xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : tensor<32x4x1x1x!p>
  %v = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<8xi8>,
    exponents = array<i8: -2, 4>, name = "v", signs = array<i8: -1, 1>} : tensor<2x32x1x1x!p>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, node_name = "large",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8x!q>, tensor<32x4x1x1x!p>) -> tensor<1x32x8x8x!q>
  %1 = shift.conv2d %0, %v {dilations = array<i64: 1, 1>, node_name = "small",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x32x8x8x!q>, tensor<2x32x1x1x!p>) -> tensor<1x2x8x8x!q>
  %u = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<16xi8>,
    exponents = array<i8: -4, 4>, name = "u", signs = array<i8: -1, 1>} : tensor<32x4x1x1x!p>
  %2 = shift.conv2d %y, %u {dilations = array<i64: 1, 1>, node_name = "wide",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8x!r>, tensor<32x4x1x1x!p>) -> tensor<1x32x8x8x!r>
  %3 = shift.conv2d %f, %w {dilations = array<i64: 1, 1>, node_name = "float",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<32x4x1x1x!p>) -> tensor<1x32x8x8xf32>
  return %1, %2, %3 : tensor<1x2x8x8x!q>, tensor<1x32x8x8x!r>, tensor<1x32x8x8xf32>
}
