// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
#shared = #gpu.address_space<workgroup>
gpu.module @kernels {
  // CHECK-LABEL: static_arrays(const int8_t *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    __shared__ __align__(16) int tile[16][40];
  // CHECK-NEXT:    __align__(16) int local[4];
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int ty = threadIdx.y;
  // CHECK-NEXT:    tile[tx][ty] = 1;
  // CHECK-NEXT:    local[0] = 1;
  // CHECK-NEXT:    __syncthreads();
  // CHECK-NEXT:    y[tx] = tile[ty][tx] + local[0];
  // CHECK-NEXT:  }
  gpu.func @static_arrays(%x: memref<1024xi8> loc("x"), %y: memref<1024xi32> loc("y"))
      workgroup(%tile: memref<16x40xi32, #shared>, %line: memref<64xi8, #shared>)
      private(%acc: memref<4xi32, #gpu.address_space<private>>)
      kernel attributes {known_block_size = array<i32: 16, 8, 1>} {
    %tx = gpu.thread_id x
    %ty = gpu.thread_id y
    %c0 = arith.constant 0 : index
    %one = arith.constant 1 : i32
    memref.store %one, %tile[%tx, %ty] : memref<16x40xi32, #shared>
    memref.store %one, %acc[%c0] : memref<4xi32, #gpu.address_space<private>>
    gpu.barrier
    %v = memref.load %tile[%ty, %tx] : memref<16x40xi32, #shared>
    %w = memref.load %acc[%c0] : memref<4xi32, #gpu.address_space<private>>
    %s = arith.addi %v, %w overflow<nsw> : i32
    memref.store %s, %y[%tx] : memref<1024xi32>
    gpu.return
  }

  // One block of bytes, seen as arrays of other types.
  // CHECK-LABEL: dynamic_memory(const int8_t *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    extern __shared__ __align__(32) int8_t smem[];
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    int *const sums = (int *)(smem + 512);
  // CHECK-NEXT:    int8_t (*const tile)[64] = (int8_t (*)[64])smem;
  // CHECK-NEXT:    tile[0][tx] = x[tx];
  // CHECK-NEXT:    __syncthreads();
  // CHECK-NEXT:    sums[tx] = tile[0][0];
  // CHECK-NEXT:    __syncthreads();
  // CHECK-NEXT:    const int value = sums[0];
  // CHECK-NEXT:    int *const part = y + 64;
  // CHECK-NEXT:    part[tx] = value;
  // CHECK-NEXT:    const int *const words = (const int *)(x + 64);
  // CHECK-NEXT:    y[tx] = words[tx];
  // CHECK-NEXT:  }
  gpu.func @dynamic_memory(%x: memref<1024xi8> loc("x"), %y: memref<1024xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c64 = arith.constant 64 : index
    %c512 = arith.constant 512 : index
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #shared>
    %sums = memref.view %bytes[%c512][] : memref<?xi8, #shared> to memref<64xi32, #shared> loc("sums")
    %tile = memref.view %bytes[%c0][] : memref<?xi8, #shared> to memref<8x64xi8, #shared> loc("tile")
    %v = memref.load %x[%tx] : memref<1024xi8>
    memref.store %v, %tile[%c0, %tx] : memref<8x64xi8, #shared>
    gpu.barrier
    %w = memref.load %tile[%c0, %c0] : memref<8x64xi8, #shared>
    %e = arith.extsi %w : i8 to i32
    memref.store %e, %sums[%tx] : memref<64xi32, #shared>
    gpu.barrier
    %s = memref.load %sums[%c0] : memref<64xi32, #shared>
    // A part of a buffer, and the words of a buffer of bytes.
    %part = memref.subview %y[64] [64] [1] : memref<1024xi32> to memref<64xi32, strided<[1], offset: 64>> loc("part")
    memref.store %s, %part[%tx] : memref<64xi32, strided<[1], offset: 64>>
    %words = memref.view %x[%c64][] : memref<1024xi8> to memref<64xi32> loc("words")
    %q = memref.load %words[%tx] : memref<64xi32>
    memref.store %q, %y[%tx] : memref<1024xi32>
    gpu.return
  }

  // CHECK-LABEL: atomic(const int *__restrict__ x, int *__restrict__ y,
  // CHECK-NEXT:      int64_t *__restrict__ z) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int v = x[tx];
  // CHECK-NEXT:    atomicAdd(y, v);
  // CHECK-NEXT:    const int before = atomicMax(&y[1], v);
  // CHECK-NEXT:    atomicAdd((unsigned long long *)z, (unsigned long long)int64_t(before));
  // CHECK-NEXT:  }
  gpu.func @atomic(%x: memref<1024xi32> loc("x"), %y: memref<16xi32> loc("y"), %z: memref<16xi64> loc("z"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %v = memref.load %x[%tx] : memref<1024xi32> loc("v")
    %0 = memref.atomic_rmw addi %v, %y[%c0] : (i32, memref<16xi32>) -> i32
    %1 = memref.atomic_rmw maxs %v, %y[%c1] : (i32, memref<16xi32>) -> i32 loc("before")
    %2 = arith.extsi %1 : i32 to i64
    %3 = memref.atomic_rmw addi %2, %z[%c0] : (i64, memref<16xi64>) -> i64
    gpu.return
  }

  // Parameters that are only read are const.
  // CHECK-LABEL: read_only(const float *__restrict__ x, float *__restrict__ y, int n) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    y[tx] = x[n];
  // CHECK-NEXT:  }
  gpu.func @read_only(%x: memref<64xf32> loc("x"), %y: memref<64xf32> loc("y"), %n: i32 loc("n"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %i = arith.index_cast %n : i32 to index
    %v = memref.load %x[%i] : memref<64xf32>
    memref.store %v, %y[%tx] : memref<64xf32>
    gpu.return
  }
}
