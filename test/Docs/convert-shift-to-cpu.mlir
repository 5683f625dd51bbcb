// The example of the pass's description.
// RUN: shift-opt %s --convert-shift-to-cpu | FileCheck %s

// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.+]]: memref<64xi16> {shift.name = "input0", shift.role = "input"
// CHECK-SAME:    %[[Y:.+]]: memref<64xi8> {shift.name = "output0", shift.role = "output"
// CHECK:         %[[SCRATCH:.+]] = memref.alloca() : memref<1xi8>
// CHECK:         %[[C0:.+]] = arith.constant 0 : index
// CHECK:         %[[C1:.+]] = arith.constant 1 : index
// CHECK:         call @[[KERNEL:shift_requantize_.+__map]](%[[X]], %[[Y]], %[[SCRATCH]], %[[C0]], %[[C1]])
// CHECK-SAME:      {shift.step = {{{.*}}extent = 1 : i64, {{.*}}name = "relu", op = "shift.requantize", {{.*}}strategy = "map"
// CHECK-NEXT:    return

// CHECK:       func.func private @[[KERNEL]](
// CHECK-SAME:    %[[FROM:.+]]: memref<64xi16> {{{.+}}}, %[[TO:.+]]: memref<64xi8> {{{.+}}}, %{{.+}}: memref<1xi8> {{{.+}}}, %[[BEGIN:.+]]: index, %[[END:.+]]: index)
// CHECK:         scf.for %{{.+}} = %[[BEGIN]] to %[[END]]
// CHECK:           scf.for %{{.+}} = %{{.+}} to %{{.+}} step
// CHECK:             %[[Q:.+]] = vector.load %[[FROM]][%{{.+}}] : memref<64xi16>, vector<16xi16>
// CHECK:             %[[WIDE:.+]] = arith.extsi %[[Q]] : vector<16xi16> to vector<16xi32>
// CHECK:             %[[HALF:.+]] = arith.constant dense<2> : vector<16xi32>
// CHECK:             %[[SUM:.+]] = arith.addi %[[WIDE]], %[[HALF]]
// CHECK:             %[[SHIFT:.+]] = arith.constant dense<2> : vector<16xi32>
// CHECK:             %[[R:.+]] = arith.shrsi %[[SUM]], %[[SHIFT]]
// CHECK-DAG:         %[[MIN:.+]] = arith.constant dense<0> : vector<16xi32>
// CHECK-DAG:         %[[MAX:.+]] = arith.constant dense<127> : vector<16xi32>
// CHECK:             %[[LOW:.+]] = arith.maxsi %[[R]], %[[MIN]]
// CHECK:             %[[CLAMPED:.+]] = arith.minsi %[[LOW]], %[[MAX]]
// CHECK:             %[[NARROW:.+]] = arith.trunci %[[CLAMPED]] : vector<16xi32> to vector<16xi8>
// CHECK:             vector.store %[[NARROW]], %[[TO]][%{{.+}}] : memref<64xi8>, vector<16xi8>
// CHECK:           scf.for
// CHECK:             memref.load %[[FROM]]
func.func @main(%x: tensor<64x!quant.uniform<i16:f32, 0.0625>>)
    -> tensor<64x!quant.uniform<i8:f32, 0.25>> {
  %y = shift.requantize %x {clamp_min = 0.0 : f32, node_name = "relu"}
    : (tensor<64x!quant.uniform<i16:f32, 0.0625>>)
    -> tensor<64x!quant.uniform<i8:f32, 0.25>>
  return %y : tensor<64x!quant.uniform<i8:f32, 0.25>>
}
