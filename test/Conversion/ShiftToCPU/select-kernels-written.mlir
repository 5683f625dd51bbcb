// A strategy that stands in the module is kept, but for what options ask; a
// pattern that matches no layer is said so.
// RUN: shift-opt %s --select-kernels | FileCheck %s
// RUN: shift-opt %s --select-kernels | shift-opt --select-kernels="strategies=first=dot8" | FileCheck %s --check-prefix=ASKED
// RUN: shift-opt %s --select-kernels="strategies=none*=dot8" 2>&1 | FileCheck %s --check-prefix=UNUSED
// RUN: not shift-opt %s --select-kernels="strategies==dot8" 2>&1 | FileCheck %s --check-prefix=EMPTY

// CHECK: node_name = "first", shift.strategy = "shift", shift.strategy_reason = "asked for in the module"
// CHECK: node_name = "second", shift.strategy = "shift", shift.strategy_reason = "the module asks for float, but the layer is of fixed point; the nearest that can"
// ASKED: node_name = "first", shift.strategy = "dot8", shift.strategy_reason = "asked for"
// UNUSED: warning: the pattern 'none*' of strategy dot8 matches no layer
// EMPTY: error: expected pattern=strategy with auto, dot8, dot16, shift, float, got '=dot8'

!q = !quant.uniform<u8:f32, 0.0625>
func.func @main(%x: tensor<3x2x!q>) -> (tensor<3x1x!q>, tensor<3x1x!q>) {
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 1>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x2x!shift.pow2<-10:5>>
  %0 = shift.linear %x, %w {node_name = "first", shift.strategy = "shift"}
    : (tensor<3x2x!q>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<3x1x!q>
  %1 = shift.linear %x, %w {node_name = "second", shift.strategy = "float"}
    : (tensor<3x2x!q>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<3x1x!q>
  return %0, %1 : tensor<3x1x!q>, tensor<3x1x!q>
}
