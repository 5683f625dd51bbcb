// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @weight_c1_none() {
  // expected-error@+1 {{expected signs and exponents of 1 terms an entry, got 0 and 0}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8>, signs = array<i8>} : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c1_terms() {
  // expected-error@+1 {{expected signs and exponents of 2 terms an entry, got 3 and 3}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3, -4>, signs = array<i8: 0, 1, 1>}
    : tensor<2x!shift.pow2<-10:5, terms = 2>>
  return
}

// -----

func.func @weight_c2() {
  // expected-error@+1 {{expected 1 bits for 2 entries, got 2}}
  %w = shift.weight {bits = 2 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c3() {
  // expected-error@+1 {{expected codes of type tensor<2xi8>, got 'tensor<1xi8>'}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<9x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c4_sign() {
  // expected-error@+1 {{expected sign -1, 0 or 1, got 2 in codebook entry 1}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 2>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c4_range() {
  // expected-error@+1 {{expected exponent in [-10, 5], got 6 in codebook entry 1}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 6>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c4_exponent_of_no_term() {
  // expected-error@+1 {{expected exponent 0 of an absent term, got 3 in codebook entry 0}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 3, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c4_falling() {
  // expected-error@+1 {{expected falling exponents, got -3 before -3 in codebook entry 1}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 0, -3, -3>, signs = array<i8: 0, 0, 1, 1>}
    : tensor<2x!shift.pow2<-10:5, terms = 2>>
  return
}

// -----

func.func @weight_c4_span() {
  // expected-error@+1 {{expected exponents of a weight to span at most 23, got 24 in codebook entry 0}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 4, -20>, signs = array<i8: 1, 1>}
    : tensor<2x!shift.pow2<-20:5, terms = 2>>
  return
}

// -----

func.func @weight_c5_order() {
  // expected-error@+1 {{expected ascending codebook values, got entry 1 out of order}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -3, 0>, signs = array<i8: 1, 0>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c5_duplicate() {
  // expected-error@+1 {{expected ascending codebook values, got entry 1 out of order}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -3, -3>, signs = array<i8: 1, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c6() {
  // expected-error@+1 {{expected codes below 3, got 3 for weight 1}}
  %w = shift.weight {bits = 2 : i64, codes = dense<12> : tensor<1xi8>,
    exponents = array<i8: -3, 0, -3>, signs = array<i8: -1, 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c7_missing() {
  // expected-error@+1 {{expected one window top a channel exactly if the type has a window}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

func.func @weight_c7_count() {
  // expected-error@+1 {{expected one window top a channel exactly if the type has a window}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 1>} : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

func.func @weight_c7_without_window() {
  // expected-error@+1 {{expected one window top a channel exactly if the type has a window}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 1, 1>} : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c7_scalar() {
  // expected-error@+1 {{expected one window top a channel exactly if the type has a window}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 0>, signs = array<i8: 1>,
    window_tops = array<i8: 1>} : tensor<!shift.pow2<-10:5, window = 7>>
  return
}

// -----

func.func @weight_c7_top_low() {
  // expected-error@+1 {{expected window tops in -4 to 5, got -5}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 1, -5>} : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

func.func @weight_c7_top_high() {
  // expected-error@+1 {{expected window tops in -4 to 5, got 6}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 6, 1>} : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

// A window of more exponents than the range has one place.
func.func @weight_c7_top_of_wide_window() {
  // expected-error@+1 {{expected window tops in 5 to 5, got 4}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 5, 4>} : tensor<2x!shift.pow2<-10:5, window = 40>>
  return
}

// -----

func.func @weight_c7_exponent_low() {
  // expected-error@+1 {{expected exponents in a window of 7, -6 to 0, got -7}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -7>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 1, 1>} : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

func.func @weight_c7_exponent_high() {
  // expected-error@+1 {{expected exponents in a window of 7, -6 to 0, got 1}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, 1>, signs = array<i8: 0, 1>,
    window_tops = array<i8: 1, 1>} : tensor<2x!shift.pow2<-10:5, window = 7>>
  return
}

// -----

// Codes of no bits need no data, however many weights there are.
func.func @weight_c8() {
  // expected-error@+1 {{expected at most 2^31 weights, got 'tensor<2147483649x!shift.pow2<-10:5>>'}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 2>, signs = array<i8: -1>}
    : tensor<2147483649x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c8_overflow() {
  // expected-error@+1 {{expected at most 2^31 weights}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 2>, signs = array<i8: -1>}
    : tensor<4294967296x4294967296x2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c4_absent_term_first() {
  // expected-error@+1 {{expected absent terms last in codebook entry 0}}
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5, terms = 2>>
  return
}

// -----

func.func @weight_c1_exponents() {
  // expected-error@+1 {{expected signs and exponents of 1 terms an entry, got 2 and 1}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c3_rank() {
  // expected-error@+1 {{expected codes of type tensor<1xi8>, got 'tensor<1x1xi8>'}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1x1xi8>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}

// -----

func.func @weight_c3_element() {
  // expected-error@+1 {{expected codes of type tensor<1xi8>, got 'tensor<1xi16>'}}
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi16>,
    exponents = array<i8: 0, -3>, signs = array<i8: 0, 1>}
    : tensor<2x!shift.pow2<-10:5>>
  return
}
