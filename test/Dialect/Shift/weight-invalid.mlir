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
