// RUN: shift-compile %s -o %t.so
// RUN: llvm-nm -D --defined-only %t.so | FileCheck %s
// Nothing is asked of the machine that runs it: no symbol is undefined.
// RUN: llvm-nm -D --undefined-only %t.so | FileCheck %s --check-prefix=UNDEFINED --allow-empty

// CHECK-DAG: T shift_conv2d_{{.+}}__float__avx2
// CHECK-DAG: T shift_conv2d_{{.+}}__float__baseline
// CHECK-DAG: T shift_exp_{{.+}}__map__avx2
// CHECK-DAG: shift_constants
// CHECK-DAG: shift_plan
// UNDEFINED-NOT: U
func.func @main(%x: tensor<1x2x4x5xf32> {onnx.name = "image"})
    -> (tensor<1x2x4x5xf32> {onnx.name = "out"}) {
  %w = shift.weight {bits = 2 : i64, codes = dense<[27]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x5xf32>, tensor<2x2x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x2x4x5xf32>
  %1 = onnx.Exp %0 : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  return %1 : tensor<1x2x4x5xf32>
}
