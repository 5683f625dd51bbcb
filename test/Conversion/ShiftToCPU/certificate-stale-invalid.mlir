// RUN: shift-opt %s --convert-shift-to-cpu -verify-diagnostics

// A certificate that claims less than the weights take is refused, not
// believed.
!q = !quant.uniform<i32:f32, 0.0625>

func.func @main(%x: tensor<2x!q>) -> tensor<1x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -10, 4>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x2x!shift.pow2<-10:5>>
  // expected-error@below {{expected the certificate of its weights and formats, got another; run certify-accumulators again}}
  %0 = shift.linear %x, %w {shift.certificate = #shift.certificate<
      sum_bits = 20, bound_bits = 20, chunk = 2,
      fits16 = dense<2> : tensor<1x1xui8>, fits32 = dense<2> : tensor<1x1xui8>>}
    : (tensor<2x!q>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<1x!q>
  return %0 : tensor<1x!q>
}
