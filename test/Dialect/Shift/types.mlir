// RUN: shift-opt %s --verify-roundtrip | FileCheck %s

// CHECK: func private @pow2(tensor<1x!shift.pow2<-10:5>>)
func.func private @pow2(tensor<1x!shift.pow2<-10:5>>)
// CHECK: func private @widest(tensor<1x!shift.pow2<-126:127>>)
func.func private @widest(tensor<1x!shift.pow2<-126:127>>)
// CHECK: func private @one_exponent(tensor<1x!shift.pow2<3:3>>)
func.func private @one_exponent(tensor<1x!shift.pow2<3:3>>)
// CHECK: func private @terms(tensor<1x!shift.pow2<-10:5, terms = 3>>)
func.func private @terms(tensor<1x!shift.pow2<-10:5, terms = 3>>)
// CHECK: func private @window(tensor<1x!shift.pow2<-10:5, window = 7>>)
func.func private @window(tensor<1x!shift.pow2<-10:5, window = 7>>)
// Defaults are not printed.
// CHECK: func private @defaults(tensor<1x!shift.pow2<-10:5>>)
func.func private @defaults(tensor<1x!shift.pow2<-10:5, terms = 1, window = 0>>)
