// The example of the pass's description.
// RUN: shift-opt %s --differentiate | FileCheck %s

// CHECK: func.func @backward(%[[DY:.+]]: tensor<1x1xf32>, %[[X:.+]]: tensor<1x8xf32> {shift.residual = 0 : i64}) -> (tensor<1x8xf32> {shift.parameter = "w"}) {
// CHECK-NEXT: %[[DW:.+]] = shift.linear_grad_weight %[[X]], %[[DY]]
// CHECK-NEXT: return %[[DW]]
func.func @main(%x: tensor<1x8xf32>,
    %w: tensor<1x8x!shift.pow2<-10:5>> {shift.parameter = "w"})
    -> tensor<1x1xf32> {
  %y = shift.linear %x, %w
    : (tensor<1x8xf32>, tensor<1x8x!shift.pow2<-10:5>>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
