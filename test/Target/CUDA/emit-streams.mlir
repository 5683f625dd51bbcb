// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
// RUN: shift-translate --mlir-to-cuda %s --cuda-streams=2 | FileCheck %s --check-prefix=TWO
// RUN: shift-translate --mlir-to-cuda %s --cuda-streams=1 | FileCheck %s --check-prefix=ONE --implicit-check-not=cudaEvent

// CHECK:      constexpr int streamCount = 1, eventCount = 2;
// CHECK:      const cudaStream_t stream1 = model->streams[0];
// CHECK-NEXT: Steps steps;
// CHECK-NEXT: steps.launch("trunk", stream0, {{.*}} input0, work);
// CHECK-NEXT: steps.record(model->events[0], stream0);
// CHECK-NEXT: steps.launch("a1", stream0, {{.*}} work, work + 16384);
// CHECK-NEXT: steps.wait(stream1, model->events[0]);
// CHECK-NEXT: steps.launch("b1", stream1, {{.*}} work, work + 32768);
// No tower takes memory that the other one may still read.
// CHECK-NEXT: steps.launch("a2", stream0, {{.*}} work + 16384,
// CHECK-NEXT:     work + 49152);
// CHECK-NEXT: steps.launch("b2", stream1, {{.*}} work + 32768,
// CHECK-NEXT:     work + 65536);
// CHECK-NEXT: steps.record(model->events[1], stream1);
// CHECK-NEXT: steps.wait(stream0, model->events[1]);
// CHECK-NEXT: steps.launch("join", stream0, {{.*}} work + 49152,
// CHECK-NEXT:     work + 65536, output0);
// CHECK-NEXT: return steps.error;

// TWO: streamCount = 1, eventCount = 2;

// In line, memory is used again as soon as it is free.
// ONE:      constexpr size_t workspaceBytes = 49152;
// ONE:      steps.launch("a1", stream0,
// ONE-NEXT: steps.launch("b1", stream0,
// ONE-NEXT: steps.launch("a2", stream0, {{.*}} work + 16384, work);

// Two towers on one trunk, joined at the end.
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @map(%x: memref<4096xi32> loc("x"), %y: memref<4096xi32> loc("y")) kernel
        attributes {known_block_size = array<i32: 64, 1, 1>} {
      %tx = gpu.thread_id x
      %v = memref.load %x[%tx] : memref<4096xi32>
      memref.store %v, %y[%tx] : memref<4096xi32>
      gpu.return
    }
    gpu.func @add(%a: memref<4096xi32> loc("a"), %b: memref<4096xi32> loc("b"), %y: memref<4096xi32> loc("y")) kernel
        attributes {known_block_size = array<i32: 64, 1, 1>} {
      %tx = gpu.thread_id x
      %v = memref.load %a[%tx] : memref<4096xi32>
      %w = memref.load %b[%tx] : memref<4096xi32>
      %s = arith.addi %v, %w overflow<nsw> : i32
      memref.store %s, %y[%tx] : memref<4096xi32>
      gpu.return
    }
  }
  func.func @main(%in: memref<4096xi32> {shift.name = "image", shift.type = tensor<4096xi32>, shift.role = "input"},
                  %out: memref<4096xi32> {shift.name = "out", shift.type = tensor<4096xi32>, shift.role = "output"}) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %trunk = memref.alloc() : memref<4096xi32>
    %a1 = memref.alloc() : memref<4096xi32>
    %a2 = memref.alloc() : memref<4096xi32>
    %b1 = memref.alloc() : memref<4096xi32>
    %b2 = memref.alloc() : memref<4096xi32>
    gpu.launch_func @kernels::@map blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%in : memref<4096xi32>, %trunk : memref<4096xi32>) {shift.step = {name = "trunk"}}
    gpu.launch_func @kernels::@map blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%trunk : memref<4096xi32>, %a1 : memref<4096xi32>) {shift.step = {name = "a1"}}
    gpu.launch_func @kernels::@map blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%trunk : memref<4096xi32>, %b1 : memref<4096xi32>) {shift.step = {name = "b1"}}
    gpu.launch_func @kernels::@map blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%a1 : memref<4096xi32>, %a2 : memref<4096xi32>) {shift.step = {name = "a2"}}
    gpu.launch_func @kernels::@map blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%b1 : memref<4096xi32>, %b2 : memref<4096xi32>) {shift.step = {name = "b2"}}
    gpu.launch_func @kernels::@add blocks in (%c64, %c1, %c1) threads in (%c64, %c1, %c1) args(%a2 : memref<4096xi32>, %b2 : memref<4096xi32>, %out : memref<4096xi32>) {shift.step = {name = "join"}}
    return
  }
}
