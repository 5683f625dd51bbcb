// The example of the pass's description.
// RUN: shift-opt %s --extract-parameters | FileCheck %s

// CHECK: func.func @main(%[[X:.+]]: tensor<1x8xf32>, %[[W:.+]]: tensor<1x8x!shift.pow2<-10:5>> {shift.parameter = "w"}) -> tensor<1x1xf32> {
// CHECK-NEXT: shift.linear %[[X]], %[[W]]
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x1xf32> {
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: -3>, name = "w", signs = array<i8: 1>}
    : tensor<1x8x!shift.pow2<-10:5>>
  %y = shift.linear %x, %w
    : (tensor<1x8xf32>, tensor<1x8x!shift.pow2<-10:5>>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
