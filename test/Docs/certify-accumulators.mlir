// The example of the pass's description.
// RUN: shift-opt %s --certify-accumulators | FileCheck %s

// CHECK: #certificate = #shift.certificate<sum_bits = 17, bound_bits = 17, chunk = 4, fits16 = dense<0> : tensor<1x1xui8>, fits32 = dense<4> : tensor<1x1xui8>>
// CHECK: shift.linear %{{.+}}, %{{.+}} {shift.certificate = #certificate}
func.func @main(%x: tensor<4x!quant.uniform<i8:f32, 1.0>>) -> tensor<1x!quant.uniform<i8:f32, 1.0>> {
  %w = shift.weight {bits = 2 : i64, codes = dense<-55> : tensor<1xi8>,
    exponents = array<i8: 7, 0, 1, 8>, name = "w", signs = array<i8: -1, 1, 1, 1>}
    : tensor<1x4x!shift.pow2<0:8>>
  %y = shift.linear %x, %w
    : (tensor<4x!quant.uniform<i8:f32, 1.0>>, tensor<1x4x!shift.pow2<0:8>>) -> tensor<1x!quant.uniform<i8:f32, 1.0>>
  return %y : tensor<1x!quant.uniform<i8:f32, 1.0>>
}
