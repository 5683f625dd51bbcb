// RUN: shift-opt %s --convert-shift-to-gpu | FileCheck %s
// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s --check-prefix=TEXT

// The least index of a bad element by all blocks, then its value.
// CHECK: gpu.func @check_0(%[[I:.+]]: memref<3000xi64>, %[[REPORT:.+]]: memref<2xi64>)
// CHECK: memref.atomic_rmw minu %{{.+}}, %[[REPORT]][%c0] : (i64, memref<2xi64>) -> i64
// CHECK: gpu.func @report_1_check(%[[I:.+]]: memref<3000xi64>, %[[REPORT:.+]]: memref<2xi64>)
// CHECK: memref.store %{{.+}}, %[[REPORT]][%c1]
// No index leaves the data.
// CHECK: gpu.func @gather_2_move(
// CHECK: arith.minsi
// CHECK: arith.maxsi
// CHECK-LABEL: func.func @main
// CHECK: %[[REPORT:.+]] = memref.alloc() : memref<2xi64>
// CHECK: gpu.launch_func @kernels::@check_0 {{.+}} args(%{{.+}} : memref<3000xi64>, %[[REPORT]] : memref<2xi64>)
// CHECK-SAME: fault = "expected indices in [-5, 5)"
// CHECK: gpu.launch_func @kernels::@report_1_check {{.+}} args(%{{.+}} : memref<3000xi64>, %[[REPORT]] : memref<2xi64>)

// TEXT: constexpr size_t workspaceBytes = 16;
// TEXT: constexpr size_t faultOffset = 0;
// TEXT-NEXT: constexpr int faultCount = 1;
// TEXT-NEXT: static const char *const faultTexts[] = {
// TEXT-NEXT:     "'onnx.Gather' (node 'pick'): expected indices in [-5, 5)",
// TEXT-NEXT: };
// TEXT: shift_cuda_run(
// TEXT: Steps steps;
// TEXT-NEXT: steps.clearFaults(workspace, stream0);
// TEXT: shift_cuda_fault(
func.func @main(%x: tensor<5x4xf32>, %i: tensor<3000xi64>) -> tensor<3000x4xf32> {
  %0 = onnx.Gather %x, %i {axis = 0 : i64, node_name = "pick"} : (tensor<5x4xf32>, tensor<3000xi64>) -> tensor<3000x4xf32>
  return %0 : tensor<3000x4xf32>
}
