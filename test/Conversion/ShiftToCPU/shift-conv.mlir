// RUN: shift-opt %s --select-kernels="strategies=*=shift" --convert-shift-to-cpu --canonicalize --cse | FileCheck %s

!q = !quant.uniform<i16<-512:511>:f32, 0.0625>

// The lists stay packed; biases and shifts are a table.
// CHECK-DAG: memref.global "private" @[[$LISTS:weights_[0-9]+]] : memref<{{[0-9]+}}xi64> {alignment = 64 : i64, shift.codes = dense<27> : tensor<1xi8>, shift.expand = {bits = 2 : i64, codebook_exponents = array<i8: 1, 0, -2, 0>, codebook_signs = array<i8: -1, 0, 1, 1>, count = 4 : i64, layout = "shift-lists", out_channels = 2 : i64, taps_per_channel = 2 : i64, terms = 1 : i64}}
// Channel 0: e = 0, r = 0, bias 0.5 in units of 1/16; channel 1: e = 1, r = -1.
// CHECK-DAG: memref.global "private" constant @[[$TABLE:data_[0-9]+]] : memref<6xi32> = dense<[34, -16, 0, 1, 2, 0]>

// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[IN:.+]]: memref<40xi16> {shift.name = "image", shift.role = "input"
// CHECK-SAME:    %[[OUT:.+]]: memref<40xi16> {shift.name = "out", shift.role = "output"
// CHECK-DAG:     %[[W:.+]] = memref.get_global @[[$LISTS]]
// CHECK-DAG:     %[[T:.+]] = memref.get_global @[[$TABLE]]
// CHECK:         call @shift_conv2d_i16b10f4_i16b10f4_1x2x4x5_2x2x1x1_{{.*}}__shift(%[[IN]], %[[W]], %[[T]], %[[OUT]], %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}})
// CHECK-SAME:      accumulator_bits = 32
// CHECK-SAME:      name = "conv1", op = "shift.conv2d"
// CHECK-SAME:      strategy = "shift", value_id = 2 : i64, weight_bits = 2

// A kernel of additions and shifts: no product of vectors. Rows and their
// negations are 128 bytes long, a quad adds four of them.
// CHECK-LABEL: func.func private @shift_conv2d_
// CHECK-NOT:     arith.muli {{.*}} : vector
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (index, vector<32xi32>)
// CHECK:           scf.for {{.*}} iter_args({{.*}}) -> (vector<32xi32>)
// CHECK:             arith.shli {{.*}} : vector<32xi32>
// CHECK-COUNT-4:     vector.bitcast {{.*}} : vector<64xi16> to vector<32xi32>
// CHECK:           arith.shli {{.*}} : vector<32xi32>
// CHECK:         arith.shrsi {{.*}} : vector<32xi32>
// CHECK:         arith.maxsi
// CHECK:         arith.minsi
// CHECK:         arith.trunci {{.*}} : vector<32xi32> to vector<32xi16>
// CHECK-NOT:     arith.muli {{.*}} : vector
func.func @main(%x: tensor<1x2x4x5x!q> {onnx.name = "image"})
    -> (tensor<1x2x4x5x!q> {onnx.name = "out"}) {
  %w = shift.weight {bits = 2 : i64, codes = dense<[27]> : tensor<1xi8>,
    exponents = array<i8: 1, 0, -2, 0>, name = "w",
    signs = array<i8: -1, 0, 1, 1>} : tensor<2x2x1x1x!shift.pow2<-10:5>>
  %b = onnx.Constant dense<[0.5, -1.0]> : tensor<2xf32>
  %0 = shift.conv2d %x, %w, %b {clamp_min = 0.0 : f32,
    dilations = array<i64: 1, 1>, group = 1 : i64, node_name = "conv1",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x4x5x!q>, tensor<2x2x1x1x!shift.pow2<-10:5>>, tensor<2xf32>)
    -> tensor<1x2x4x5x!q>
  return %0 : tensor<1x2x4x5x!q>
}
