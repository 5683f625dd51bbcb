// RUN: shift-opt %s --convert-shift-to-gpu --split-input-file | FileCheck %s

// A level of 70 candidates of which 50 stay: all digits of 32 + 13 bits.
// CHECK-LABEL: gpu.module @kernels
// Scores: a thread has a place, labels are a loop, the rest is cleared.
// CHECK: gpu.func @decode_scores_0(%{{.+}}: memref<70xf32>, %{{.+}}: memref<140xf32>, %{{.+}}: memref<4096xi32>)
// CHECK: arith.cmpf ogt, %{{.+}}, %cst{{.*}} : f32
// CHECK: gpu.func @decode_scores_1(%{{.+}}: memref<24xf32>, %{{.+}}: memref<48xf32>, %{{.+}}: memref<4096xi32>)
// CHECK: gpu.func @decode_clear_2(
// CHECK: gpu.func @decode_count_3(
// CHECK: memref.atomic_rmw addi %{{.+}}, %{{.+}}[%{{.+}}] : (i32, memref<256xi32, #gpu.address_space<workgroup>>) -> i32
// CHECK: memref.atomic_rmw addi %{{.+}}, %{{.+}}[%{{.+}}] : (i32, memref<512xi32>) -> i32
// CHECK: gpu.func @decode_choose_4(
// CHECK: gpu.func @decode_gather_5(
// CHECK: gpu.func @decode_sort_6(
// CHECK-SAME: workgroup(%{{.+}} : memref<1024xi64, #gpu.address_space<workgroup>>)
// CHECK: gpu.func @decode_boxes_7(
// CHECK: gpu.func @decode_suppress_8(
// CHECK: scf.while
// CHECK: memref.atomic_rmw mins
// CHECK-LABEL: func.func @main
// CHECK: gpu.launch_func @kernels::@decode_scores_0 blocks in
// CHECK: gpu.launch_func @kernels::@decode_scores_1
// CHECK: gpu.launch_func @kernels::@decode_clear_2
// CHECK-COUNT-6: gpu.launch_func @kernels::@decode_choose_4
// CHECK-NOT: gpu.launch_func @kernels::@decode_choose_4
// CHECK: gpu.launch_func @kernels::@decode_suppress_8
// CHECK-SAME: shift.step = {count = 36 : i64, dtype = "f32"
func.func @main(%c8: tensor<1x2x5x7xf32>, %b8: tensor<1x4x5x7xf32>, %c16: tensor<1x2x3x4xf32>, %b16: tensor<1x4x3x4xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>) {
  %0:4 = shift.decode %c8, %b8, %c16, %b16 {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8, 16], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c8\", \"c16\"], \"box\": [\"b8\", \"b16\"]}, \"max_detections\": 9, \"candidates_per_level\": 50}",
    head_names = ["c8", "b8", "c16", "b16"], input_height = 40 : i64, input_width = 56 : i64}
    : (tensor<1x2x5x7xf32>, tensor<1x4x5x7xf32>, tensor<1x2x3x4xf32>, tensor<1x4x3x4xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return %0#0, %0#1, %0#2, %0#3 : tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>
}

// -----

// All stay: nothing is counted.
// CHECK-LABEL: gpu.module @kernels
// CHECK-NOT: decode_count
// CHECK-LABEL: func.func @main
func.func @main(%c8: tensor<1x2x5x7xf32>, %b8: tensor<1x4x5x7xf32>, %c16: tensor<1x2x3x4xf32>, %b16: tensor<1x4x3x4xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>) {
  %0:4 = shift.decode %c8, %b8, %c16, %b16 {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8, 16], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c8\", \"c16\"], \"box\": [\"b8\", \"b16\"]}, \"max_detections\": 9, \"candidates_per_level\": 70}",
    head_names = ["c8", "b8", "c16", "b16"], input_height = 40 : i64, input_width = 56 : i64}
    : (tensor<1x2x5x7xf32>, tensor<1x4x5x7xf32>, tensor<1x2x3x4xf32>, tensor<1x4x3x4xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return %0#0, %0#1, %0#2, %0#3 : tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>
}
