// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
#shared = #gpu.address_space<workgroup>
gpu.module @kernels {
  // Double buffering: the next tile is on its way while this one is used.
  // CHECK-LABEL: copies(const int8_t *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    __shared__ __align__(16) int8_t tile[2][1024];
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int at = tx * 16;
  // CHECK-NEXT:    __pipeline_memcpy_async(&tile[0][at], &x[at], 16);
  // CHECK-NEXT:    __pipeline_commit();
  // CHECK-NEXT:    int acc = 0;
  // CHECK-NEXT:    for (int i = 1; i < 8; ++i) {
  // CHECK-NEXT:      const int slot = i % 2;
  // CHECK-NEXT:      __pipeline_memcpy_async(&tile[slot][at], &x[i * 1024 + at], 16,
  // CHECK-NEXT:          16 - (16 - i));
  // CHECK-NEXT:      __pipeline_commit();
  // CHECK-NEXT:      __pipeline_wait_prior(1);
  // CHECK-NEXT:      __syncthreads();
  // CHECK-NEXT:      const int sum = acc + tile[1 - slot][tx];
  // CHECK-NEXT:      __syncthreads();
  // CHECK-NEXT:      acc = sum;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    __pipeline_wait_prior(0);
  // CHECK-NEXT:    y[tx] = acc;
  // CHECK-NEXT:  }
  gpu.func @copies(%x: memref<65536xi8> loc("x"), %y: memref<1024xi32> loc("y"))
      workgroup(%tile: memref<2x1024xi8, #shared>)
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    %c1024 = arith.constant 1024 : index
    %nil = arith.constant 0 : i32
    %at = arith.muli %tx, %c16 : index loc("at")
    %t0 = nvgpu.device_async_copy %x[%at], %tile[%c0, %at], 16 : memref<65536xi8> to memref<2x1024xi8, #shared>
    nvvm.cp.async.commit.group
    %sum = scf.for %i = %c1 to %c8 step %c1 iter_args(%acc = %nil) -> i32 {
      %slot = arith.remui %i, %c2 : index loc("slot")
      %start = arith.muli %i, %c1024 : index
      %from = arith.addi %start, %at : index
      %n = arith.subi %c16, %i : index
      %t = nvgpu.device_async_copy %x[%from], %tile[%slot, %at], 16, %n : memref<65536xi8> to memref<2x1024xi8, #shared>
      nvvm.cp.async.commit.group
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %other = arith.subi %c1, %slot : index
      %v = memref.load %tile[%other, %tx] : memref<2x1024xi8, #shared>
      %e = arith.extsi %v : i8 to i32
      %s = arith.addi %acc, %e overflow<nsw> : i32
      gpu.barrier
      scf.yield %s : i32
    }
    nvvm.cp.async.wait.group 0
    memref.store %sum, %y[%tx] : memref<1024xi32>
    gpu.return
  }
}
