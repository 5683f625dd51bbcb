// RUN: shift-translate --mlir-to-cuda %s -o %t.cu --cuda-streams=1
// RUN: FileCheck %s --input-file=%t.cu
// The interface is C's, and a model of one stream has no events.
// RUN: FileCheck %s --input-file=%t.cu --check-prefix=ABI --implicit-check-not=cudaEvent
// Same input, same bytes.
// RUN: shift-translate --mlir-to-cuda %s -o %t.again.cu --cuda-streams=1
// RUN: cmp %t.cu %t.again.cu
// RUN: cmp %t.weights.bin %t.again.weights.bin
// RUN: shift-translate --mlir-to-cuda %s --cuda-main | FileCheck %s --check-prefix=MAIN

// CHECK-LABEL: decode(const int8_t *__restrict__ codes, int8_t *__restrict__ w) {
// CHECK:       // conv1: a product and a bias
// CHECK-LABEL: scale(const int8_t *__restrict__ x, const int8_t *__restrict__ w,
// CHECK-NEXT:      const int *__restrict__ bias, int *__restrict__ y, int n) {
// A step runs in place, so here the pointers may be equal.
// CHECK-LABEL: limit(const int *x, int *y) {

// CHECK-LABEL: // Host program
// CHECK:       constexpr size_t workspaceBytes = 64;
// CHECK-NEXT:  constexpr size_t weightBytes = 68;
// CHECK-NEXT:  constexpr uint64_t weightHash = 0x{{[0-9a-f]+}}u;
// CHECK-NEXT:  constexpr size_t expandedBytes = 64;
// CHECK-NEXT:  constexpr int inputCount = 1;
// CHECK-NEXT:  constexpr size_t inputBytes[] = {16, 0};
// CHECK-NEXT:  constexpr int outputCount = 1;
// CHECK-NEXT:  constexpr size_t outputBytes[] = {64, 0};

// CHECK-LABEL: static const char *setUp(ShiftCudaModel *model) {
// CHECK-NEXT:    if (const char *error = check(cudaFuncSetAttribute(scale,
// CHECK-NEXT:        cudaFuncAttributeMaxDynamicSharedMemorySize, 65536), "scale"))
// CHECK-NEXT:      return error;
// CHECK-NEXT:    const Memory weights{model->weights};
// CHECK-NEXT:    const Memory expanded{model->expanded};
// CHECK-NEXT:    Steps steps;
// CHECK-NEXT:    steps.launch("decode", nullptr, dim3(1), dim3(16), 0, decode, weights + 64,
// CHECK-NEXT:        expanded);
// CHECK-NEXT:    return steps.error;

// CHECK-LABEL: shift_cuda_run(ShiftCudaModel *model, void *stream, const void *const *inputs,
// CHECK-NEXT:      void *const *outputs, void *workspace) {
// CHECK:         steps.launch("conv1", stream0, dim3(1), dim3(16), 65536, scale, input0,
// CHECK-NEXT:        expanded, weights, work, 1);
// CHECK-NEXT:    steps.launch("relu", stream0, dim3(1), dim3(16), 0, limit, work, work);
// CHECK-NEXT:    steps.launch("shift.clamp", stream0, dim3(1), dim3(16), 0, limit, work,
// CHECK-NEXT:        output0);
// CHECK-NEXT:    return steps.error;

// ABI-DAG: extern "C" const char *shift_cuda_create(const void *weights, size_t bytes,
// ABI-DAG: extern "C" const char *shift_cuda_create_from_file(const char *path,
// ABI-DAG: extern "C" size_t shift_cuda_workspace_bytes(const ShiftCudaModel *)
// ABI-DAG: shift_cuda_run(ShiftCudaModel *model, void *stream, const void *const *inputs,
// ABI-DAG: extern "C" const char *shift_cuda_run_host(ShiftCudaModel *model,
// ABI-DAG: extern "C" void shift_cuda_destroy(ShiftCudaModel *model)
// ABI-DAG: extern "C" const char shift_plan[];
// ABI-DAG: {\"name\":\"fcos\"}
// ABI-DAG: \"isas\":[\"cuda\"]

// MAIN: int main(int argc, char **argv) {

module attributes {gpu.container_module, shift.detector = "{\"name\":\"fcos\"}", shift.image_input = "{\"mean\":[0.5]}"} {
  memref.global "private" constant @constant_0 : memref<4xi8> = dense<[1, -2, 3, 4]>
  memref.global "private" constant @constant_1 : memref<2xi32> = dense<[5, 6]>
  memref.global "private" @expanded_0 : memref<16xi8> = uninitialized
  gpu.module @kernels {
    gpu.func @decode(%codes: memref<4xi8> loc("codes"), %w: memref<16xi8> loc("w")) kernel
        attributes {known_block_size = array<i32: 16, 1, 1>} {
      %tx = gpu.thread_id x
      %c4 = arith.constant 4 : index
      %at = arith.remui %tx, %c4 : index
      %v = memref.load %codes[%at] : memref<4xi8>
      memref.store %v, %w[%tx] : memref<16xi8>
      gpu.return
    }
    gpu.func @scale(%x: memref<16xi8> loc("x"), %w: memref<16xi8> loc("w"), %b: memref<2xi32> loc("bias"), %y: memref<16xi32> loc("y"), %n: index loc("n")) kernel
        attributes {known_block_size = array<i32: 16, 1, 1>, shift.comment = "conv1: a product and a bias"} {
      %tx = gpu.thread_id x
      %v = memref.load %x[%tx] : memref<16xi8>
      %u = memref.load %w[%tx] : memref<16xi8>
      %0 = arith.extsi %v : i8 to i32
      %1 = arith.extsi %u : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %c = memref.load %b[%n] : memref<2xi32>
      %3 = arith.addi %2, %c overflow<nsw> : i32
      memref.store %3, %y[%tx] : memref<16xi32>
      gpu.return
    }
    gpu.func @limit(%x: memref<16xi32> loc("x"), %y: memref<16xi32> loc("y")) kernel
        attributes {known_block_size = array<i32: 16, 1, 1>} {
      %tx = gpu.thread_id x
      %nil = arith.constant 0 : i32
      %v = memref.load %x[%tx] : memref<16xi32>
      %m = arith.maxsi %v, %nil : i32
      memref.store %m, %y[%tx] : memref<16xi32>
      gpu.return
    }
  }
  func.func @setup() {
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %codes = memref.get_global @constant_0 : memref<4xi8>
    %w = memref.get_global @expanded_0 : memref<16xi8>
    gpu.launch_func @kernels::@decode blocks in (%c1, %c1, %c1) threads in (%c16, %c1, %c1) args(%codes : memref<4xi8>, %w : memref<16xi8>)
    return
  }
  func.func @main(%in: memref<16xi8> {shift.name = "image", shift.type = tensor<1x16xi8>, shift.role = "input"},
                  %out: memref<16xi32> {shift.name = "out", shift.type = tensor<1x16xi32>, shift.role = "output"}) {
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %shared = arith.constant 65536 : i32
    %w = memref.get_global @expanded_0 : memref<16xi8>
    %b = memref.get_global @constant_1 : memref<2xi32>
    %a = memref.alloc() : memref<16xi32>
    %r = memref.alloc() : memref<16xi32>
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1) threads in (%c16, %c1, %c1) dynamic_shared_memory_size %shared
        args(%in : memref<16xi8>, %w : memref<16xi8>, %b : memref<2xi32>, %a : memref<16xi32>, %c1 : index)
        {shift.step = {name = "conv1", op = "shift.conv2d", strategy = "dp4a", macs = 16 : i64}}
    gpu.launch_func @kernels::@limit blocks in (%c1, %c1, %c1) threads in (%c16, %c1, %c1)
        args(%a : memref<16xi32>, %r : memref<16xi32>)
        {shift.step = {name = "relu", op = "shift.clamp", strategy = "map", in_place = array<i64: 0>}}
    gpu.launch_func @kernels::@limit blocks in (%c1, %c1, %c1) threads in (%c16, %c1, %c1)
        args(%r : memref<16xi32>, %out : memref<16xi32>)
        {shift.step = {name = "", op = "shift.clamp", strategy = "map"}}
    return
  }
}
