// RUN: shift-opt %s --canonicalize | FileCheck %s

!i8 = !quant.uniform<i8:f32, 0.125>
!u8 = !quant.uniform<u8:f32, 0.125>
!i32 = !quant.uniform<i32:f32, 1.52587890625e-5>

// CHECK-LABEL: func @requantize_to_its_own_type
// CHECK-SAME: (%[[X:.+]]: tensor
func.func @requantize_to_its_own_type(%x: tensor<2x!i8>) -> tensor<2x!i8> {
  // CHECK-NEXT: return %[[X]]
  %0 = shift.requantize %x : (tensor<2x!i8>) -> tensor<2x!i8>
  return %0 : tensor<2x!i8>
}

// CHECK-LABEL: func @requantize_that_clamps_stays
func.func @requantize_that_clamps_stays(%x: tensor<2x!i8>) -> tensor<2x!i8> {
  // CHECK-NEXT: shift.requantize
  %0 = shift.requantize %x {clamp_min = 0.0 : f32}
    : (tensor<2x!i8>) -> tensor<2x!i8>
  return %0 : tensor<2x!i8>
}

// CHECK-LABEL: func @requantize_to_unsigned_stays
func.func @requantize_to_unsigned_stays(%x: tensor<2x!i8>) -> tensor<2x!u8> {
  // CHECK-NEXT: shift.requantize
  %0 = shift.requantize %x : (tensor<2x!i8>) -> tensor<2x!u8>
  return %0 : tensor<2x!u8>
}

// CHECK-LABEL: func @quantize_of_dequantize
// CHECK-SAME: (%[[X:.+]]: tensor
func.func @quantize_of_dequantize(%x: tensor<2x!i8>) -> tensor<2x!i8> {
  // CHECK-NEXT: return %[[X]]
  %0 = shift.dequantize %x : (tensor<2x!i8>) -> tensor<2xf32>
  %1 = shift.quantize %0 : (tensor<2xf32>) -> tensor<2x!i8>
  return %1 : tensor<2x!i8>
}

// 32 bits do not pass through float32 unchanged.
// CHECK-LABEL: func @quantize_of_dequantize_of_32_bits_stays
func.func @quantize_of_dequantize_of_32_bits_stays(%x: tensor<2x!i32>)
    -> tensor<2x!i32> {
  // CHECK-NEXT: shift.dequantize
  // CHECK-NEXT: shift.quantize
  %0 = shift.dequantize %x : (tensor<2x!i32>) -> tensor<2xf32>
  %1 = shift.quantize %0 : (tensor<2xf32>) -> tensor<2x!i32>
  return %1 : tensor<2x!i32>
}

// CHECK-LABEL: func @reshape_of_reshape
// CHECK-SAME: (%[[X:.+]]: tensor
func.func @reshape_of_reshape(%x: tensor<2x3x!i8>) -> (tensor<6x!i8>, tensor<2x3x!i8>) {
  // CHECK-NEXT: %[[Y:.+]] = shift.reshape %[[X]] : {{.*}} -> tensor<6x
  // CHECK-NEXT: return %[[Y]], %[[X]]
  %0 = shift.reshape %x : (tensor<2x3x!i8>) -> tensor<3x2x!i8>
  %1 = shift.reshape %0 : (tensor<3x2x!i8>) -> tensor<6x!i8>
  %2 = shift.reshape %0 : (tensor<3x2x!i8>) -> tensor<2x3x!i8>
  return %1, %2 : tensor<6x!i8>, tensor<2x3x!i8>
}

// CHECK-LABEL: func @unused_weight_goes
func.func @unused_weight_goes() {
  // CHECK-NEXT: return
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 2>, signs = array<i8: -1>}
    : tensor<3x!shift.pow2<-10:5>>
  return
}
