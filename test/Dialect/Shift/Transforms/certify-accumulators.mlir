// RUN: shift-opt %s --split-input-file --certify-accumulators --remarks-filter="shift-certify" --remark-policy=all --remark-format=emitRemark -verify-diagnostics | FileCheck %s

// The worst case of channel 0 is 7 * (4 * 4 + 2): its unit is 2^0, the bias 9
// is 9, and half of 2^2 is added. Channel 1: 7 * (3 * 2 + 3) in the unit 2^-1.
!u3 = !quant.uniform<u8<0:7>:f32, 1.0>
!s8 = !quant.uniform<i8:f32, 1.0>
!coarse = !quant.uniform<i8:f32, 4.0>

// CHECK: #certificate = #shift.certificate<sum_bits = 8, bound_bits = 9, chunk = 6, fits16 = dense<6> : tensor<2x1xui8>, fits32 = dense<6> : tensor<2x1xui8>>
// CHECK-LABEL: @unsigned_conv
// CHECK: shift.conv2d {{.*}}shift.certificate = #certificate
func.func @unsigned_conv(%x: tensor<1x3x4x4x!u3>) -> tensor<1x2x4x3x!coarse> {
  %b = onnx.Constant dense<[9.0, -1.0]> : tensor<2xf32>
  // Codes: channel 0 is 4 4 4 4 1 1, channel 1 is 1 1 1 0.5 0.5 0.5.
  %w = shift.weight {bits = 2 : i64, codes = dense<[-86, 85, 0]> : tensor<3xi8>,
    exponents = array<i8: -1, 0, 2>, name = "w", signs = array<i8: 1, 1, 1>}
    : tensor<2x3x1x2x!shift.pow2<-10:5>>
  // expected-remark@below {{shift.conv2d 'conv': sums take 8 bits, 9 with bias and rounding; of 6 products any 6 fit 16 bits, any 6 32 bits}}
  %y = shift.conv2d %x, %w, %b {dilations = array<i64: 1, 1>,
    node_name = "conv", pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>}
    : (tensor<1x3x4x4x!u3>, tensor<2x3x1x2x!shift.pow2<-10:5>>, tensor<2xf32>)
    -> tensor<1x2x4x3x!coarse>
  return %y : tensor<1x2x4x3x!coarse>
}

// -----

// Signed: 128 * (2 * 2^7 + 66). 68 taps are chunks of 64 and 4. Q = 128 leaves
// weights of 255 for 16 bits, so that the two large ones, which lie in the first
// chunk, do not fit together. A float result has no half.
!s8 = !quant.uniform<i8:f32, 1.0>

// CHECK: #shift.certificate<sum_bits = 17, bound_bits = 17, chunk = 64, fits16 = dense<{{\[\[}}1, 4]]> : tensor<1x2xui8>, fits32 = dense<{{\[\[}}64, 4]]> : tensor<1x2xui8>>
// CHECK-LABEL: @signed_linear
func.func @signed_linear(%x: tensor<2x68x!s8>) -> tensor<2x1xf32> {
  %w = shift.weight {bits = 1 : i64, codes = dense<[3, 0, 0, 0, 0, 0, 0, 0, 0]> : tensor<9xi8>,
    exponents = array<i8: 0, 7>, name = "w", signs = array<i8: 1, 1>}
    : tensor<1x68x!shift.pow2<-10:7>>
  // expected-remark@below {{sums take 17 bits, 17 with bias and rounding; of 64 products any 1 fit 16 bits, any 64 32 bits}}
  %y = shift.linear %x, %w : (tensor<2x68x!s8>, tensor<1x68x!shift.pow2<-10:7>>) -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// -----

// Two terms count with their magnitudes: 3 is 4 - 1, so 5;
// 32768 * 5 takes 19 bits, and no product fits 16.
!s16 = !quant.uniform<i16:f32, 1.0>

// CHECK: #shift.certificate<sum_bits = 19, bound_bits = 19, chunk = 1, fits16 = dense<0> : tensor<2x1xui8>, fits32 = dense<1> : tensor<2x1xui8>>
// CHECK-LABEL: @grouped_two_terms
func.func @grouped_two_terms(%x: tensor<1x2x3x3x!s16>) -> tensor<1x2x3x3x!s16> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 2, 0>, name = "w", signs = array<i8: 1, 1>}
    : tensor<2x1x1x1x!shift.pow2<-10:5, terms = 2>>
  // expected-remark@below {{sums take 19 bits, 19 with bias and rounding; of 1 products any 0 fit 16 bits, any 1 32 bits}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x3x3x!s16>, tensor<2x1x1x1x!shift.pow2<-10:5, terms = 2>>)
    -> tensor<1x2x3x3x!s16>
  return %y : tensor<1x2x3x3x!s16>
}

// -----

// Float activations have no integer sums; weights that nobody knows no bound.
!s8 = !quant.uniform<i8:f32, 1.0>

// CHECK-LABEL: @without
// CHECK-NOT: shift.certificate
func.func @without(%x: tensor<2xf32>, %q: tensor<2x!s8>, %w: tensor<1x2x!shift.pow2<-10:5>>) -> (tensor<1xf32>, tensor<1xf32>) {
  %0 = shift.linear %x, %w : (tensor<2xf32>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<1xf32>
  // expected-remark@below {{shift.linear 'fc': weights are not a constant}}
  %1 = shift.linear %q, %w {node_name = "fc"} : (tensor<2x!s8>, tensor<1x2x!shift.pow2<-10:5>>) -> tensor<1xf32>
  return %0, %1 : tensor<1xf32>, tensor<1xf32>
}
