// RUN: not shift-opt %s --select-kernels="strategies=*=magic" 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not shift-opt %s --select-kernels="isa=sse9" 2>&1 | FileCheck %s --check-prefix=ISA
// RUN: not shift-opt %s --convert-shift-to-cpu 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu 2>&1 | FileCheck %s --check-prefix=WRONG

// STRATEGY: expected pattern=strategy with auto, dot8, dot16, shift, float, got '*=magic'
// ISA: expected an instruction set of baseline, avx2, avx512, avx512vnni, got 'sse9'

!q = !quant.uniform<u8:f32, 0.0625>
func.func @main(%x: tensor<3x2x!q>, %f: tensor<3x2xf32>) -> (tensor<3x1x!q>, tensor<3x2xf32>) {
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 1>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x2x!shift.pow2<-10:5>>
  // MISSING: error: 'shift.linear' (node 'fc') has a choice of strategies (shift, dot8, dot16); run select-kernels before
  %0 = shift.linear %x, %w {node_name = "fc"}
    : (tensor<3x2x!q>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<3x1x!q>
  // WRONG: error: 'onnx.Relu' (node 'relu') cannot take strategy 'dot8'
  %1 = onnx.Relu %f {node_name = "relu", shift.strategy = "dot8"} : (tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0, %1 : tensor<3x1x!q>, tensor<3x2xf32>
}
