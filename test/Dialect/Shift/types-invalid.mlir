// RUN: shift-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected a range lo:hi with -126 <= lo <= hi <= 127, got 5:-10}}
func.func private @pow2_c1_reversed(tensor<1x!shift.pow2<5:-10>>)

// -----

// expected-error@+1 {{expected a range lo:hi with -126 <= lo <= hi <= 127, got -127:5}}
func.func private @pow2_c1_low(tensor<1x!shift.pow2<-127:5>>)

// -----

// expected-error@+1 {{expected a range lo:hi with -126 <= lo <= hi <= 127, got -10:128}}
func.func private @pow2_c1_high(tensor<1x!shift.pow2<-10:128>>)

// -----

// expected-error@+1 {{expected 1 to 3 terms, got 0}}
func.func private @pow2_c2_none(tensor<1x!shift.pow2<-10:5, terms = 0>>)

// -----

// expected-error@+1 {{expected 1 to 3 terms, got 4}}
func.func private @pow2_c2_many(tensor<1x!shift.pow2<-10:5, terms = 4>>)

// -----

// expected-error@+1 {{expected a window of 0 to 128, got -1}}
func.func private @pow2_c3(tensor<1x!shift.pow2<-10:5, window = -1>>)

// -----

func.func @scale_is_no_power_of_two(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<i8:f32, 3.000000e-01>>
  return
}

// -----

func.func @zero_point(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:128>>
  return
}

// -----

func.func @range_is_no_number_of_bits(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<i8<-100:100>:f32, 5.0e-01>>
  return
}

// -----

// expected-error@+1 {{expected a window of 0 to 128, got 129}}
func.func private @pow2_c3_wide(tensor<1x!shift.pow2<-10:5, window = 129>>)

// -----

func.func @fraction_beyond_range(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<i16:f32, 2.3283064365386963e-10>>
  return
}

// -----

func.func @unsigned_16_bits(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<u16:f32, 5.0e-01>>
  return
}

// -----

func.func @one_scale_a_channel(%x: tensor<2xf32>) {
  // expected-error@+1 {{fixed point (!quant.uniform with scale 2^-f, zero point 0)}}
  %0 = shift.quantize %x
    : (tensor<2xf32>) -> tensor<2x!quant.uniform<i8:f32:0, {5.0e-01, 2.5e-01}>>
  return
}
