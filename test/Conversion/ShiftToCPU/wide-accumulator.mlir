// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu --remarks-filter-passed="shift-cpu" --remark-policy=all --remark-format=emitRemark -verify-diagnostics | FileCheck %s

// 32-bit activations times 2^14: the certificate asks for 64 bits. The three
// rows are one block of four.
!q = !quant.uniform<i32:f32, 0.0625>

// CHECK: accumulator_bits = 64 : i64, bound_bits = 47 : i64
// CHECK: vector<4xi64>
func.func @main(%x: tensor<3x2x!q>) -> tensor<3x1x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -10, 4>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x2x!shift.pow2<-10:5>>
  // expected-remark@below {{shift.linear 'fc' takes strategy shift: weights are powers of two, the worst case takes 47 bits; asked for; accumulator of 64 bits}}
  %0 = shift.linear %x, %w {node_name = "fc"}
    : (tensor<3x2x!q>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<3x1x!q>
  return %0 : tensor<3x1x!q>
}
