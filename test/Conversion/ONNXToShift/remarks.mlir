// RUN: shift-opt %s --quantize-shift=-10:5 --remarks-filter='shift.*' --remark-format=emitRemark 2>&1 >/dev/null | FileCheck %s
// RUN: shift-opt %s --quantize-shift=-10:5 2>&1 >/dev/null | FileCheck %s --check-prefix=QUIET --implicit-check-not=remark:

// Saturation alone is said without being asked.
// QUIET: warning: initializer 'b' has 1 of 2 weights above its range, the largest 100; they saturate
// QUIET-NOT: warning

// 0.75 becomes 0.5, a noise of 0.0625 beside a signal of 1 + 0.5625, so
// 10 log10(1.5625 / 0.0625) = 14.0 dB.
// CHECK-DAG: remark: [Passed] Rounded | {{.*}}a: 14.0 dB, 0 saturated, 0 underflowed, 1 bits a weight
// CHECK-DAG: remark: [Passed] Rounded | {{.*}}b: {{.*}} dB, 1 saturated, 1 underflowed, 1 bits a weight
// CHECK-DAG: remark: [Passed] Rounded | {{.*}}exact: exact, 0 saturated, 0 underflowed, 0 bits a weight
// CHECK-DAG: remark: [Missed] Kept | {{.*}}Remark=onnx.MatMul, Remark=" stays float: ", Remark="its right side is no constant matrix
// CHECK-DAG: remark: [Analysis] Total | {{.*}}5 weights, 0.80 bits a weight, 1 saturated, 1 underflowed
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %a = onnx.Constant {name = "a"} dense<[[1.0], [0.75]]> : tensor<2x1xf32>
  %b = onnx.Constant {name = "b"} dense<[[100.0, 0.0001]]> : tensor<1x2xf32>
  %c = onnx.Constant {name = "exact"} dense<[[0.5]]> : tensor<1x1xf32>
  %0 = onnx.MatMul %x, %a : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %1 = onnx.MatMul %0, %c : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %2 = onnx.MatMul %1, %b : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %3 = onnx.Transpose %x {perm = array<i64: 1, 0>} : (tensor<1x2xf32>) -> tensor<2x1xf32>
  %4 = onnx.MatMul %2, %3 : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %4 : tensor<1x1xf32>
}
