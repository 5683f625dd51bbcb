// RUN: shift-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 1 <= sum_bits <= bound_bits <= 128, got 9 and 8}}
func.func private @certificate_c1() attributes {a = #shift.certificate<sum_bits = 9, bound_bits = 8, chunk = 1, fits16 = dense<1> : tensor<1x1xui8>, fits32 = dense<1> : tensor<1x1xui8>>}

// -----

// expected-error@+1 {{expected 1 <= sum_bits <= bound_bits <= 128, got 9 and 129}}
func.func private @certificate_c1_wide() attributes {a = #shift.certificate<sum_bits = 9, bound_bits = 129, chunk = 1, fits16 = dense<1> : tensor<1x1xui8>, fits32 = dense<1> : tensor<1x1xui8>>}

// -----

// expected-error@+1 {{expected a chunk of 1 to 255 taps, got 256}}
func.func private @certificate_c2() attributes {a = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 256, fits16 = dense<1> : tensor<1x1xui8>, fits32 = dense<1> : tensor<1x1xui8>>}

// -----

// expected-error@+1 {{expected fits16 and fits32 of one type tensor<channels x chunks x ui8>, got 'tensor<1x1xui8>' and 'tensor<2x1xui8>'}}
func.func private @certificate_c3() attributes {a = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 1, fits16 = dense<1> : tensor<1x1xui8>, fits32 = dense<1> : tensor<2x1xui8>>}

// -----

// expected-error@+1 {{expected fits16 and fits32 of one type tensor<channels x chunks x ui8>, got 'tensor<1x1xi32>' and 'tensor<1x1xi32>'}}
func.func private @certificate_c3_element() attributes {a = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 1, fits16 = dense<1> : tensor<1x1xi32>, fits32 = dense<1> : tensor<1x1xi32>>}

// -----

// expected-error@+1 {{expected fits16 <= fits32 <= chunk, got 2, 1 and 4}}
func.func private @certificate_c4() attributes {a = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 4, fits16 = dense<2> : tensor<1x1xui8>, fits32 = dense<1> : tensor<1x1xui8>>}

// -----

func.func @certificate_c5(%x: tensor<1xf32>, %w: tensor<1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected the attribute "shift.certificate" to be a #shift.certificate of a conv2d or linear with fixed-point input}}
  %y = shift.linear %x, %w {shift.certificate = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 1, fits16 = dense<1> : tensor<1x1xui8>, fits32 = dense<1> : tensor<1x1xui8>>}
    : (tensor<1xf32>, tensor<1x1x!shift.pow2<-10:5>>) -> tensor<1xf32>
  return
}

// -----

func.func @certificate_c5_kind(%x: tensor<1x!quant.uniform<i8:f32, 1.0>>, %w: tensor<1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected the attribute "shift.certificate" to be a #shift.certificate}}
  %y = shift.linear %x, %w {shift.certificate = 8 : i64}
    : (tensor<1x!quant.uniform<i8:f32, 1.0>>, tensor<1x1x!shift.pow2<-10:5>>) -> tensor<1xf32>
  return
}

// -----

func.func @certificate_c6(%x: tensor<70x!quant.uniform<i8:f32, 1.0>>, %w: tensor<3x70x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a certificate of chunks of 64 taps and of shape 3x2 for 3 channels of 70 taps, got chunks of 64 and shape 1x2}}
  %y = shift.linear %x, %w {shift.certificate = #shift.certificate<sum_bits = 8, bound_bits = 8, chunk = 64, fits16 = dense<1> : tensor<1x2xui8>, fits32 = dense<1> : tensor<1x2xui8>>}
    : (tensor<70x!quant.uniform<i8:f32, 1.0>>, tensor<3x70x!shift.pow2<-10:5>>) -> tensor<3xf32>
  return
}
