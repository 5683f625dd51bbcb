// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // CHECK-LABEL: shuffles(int *__restrict__ x, float *__restrict__ f) {
  // CHECK-NEXT:    const int thread = threadIdx.x;
  // CHECK-NEXT:    const int lane = threadIdx.x % 32;
  // CHECK-NEXT:    const int warp = threadIdx.x / 32;
  // CHECK-NEXT:    const int value = x[thread];
  // CHECK-NEXT:    const int received = __shfl_xor_sync(0xffffffff, value, 4);
  // CHECK-NEXT:    const int received1 = __shfl_down_sync(0xffffffff, value + received, 1, 8);
  // CHECK-NEXT:    if (lane == 0)
  // CHECK-NEXT:      x[warp] = received1;
  // CHECK-NEXT:    const float received2 = __shfl_sync(0xffffffff, f[thread], 1);
  // CHECK-NEXT:    f[thread] = received2;
  // CHECK-NEXT:  }
  gpu.func @shuffles(%x: memref<64xi32> loc("x"), %f: memref<64xf32> loc("f"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x loc("thread")
    %lane = gpu.lane_id
    %warp = gpu.subgroup_id : index
    %c1 = arith.constant 1 : i32
    %c4 = arith.constant 4 : i32
    %w32 = arith.constant 32 : i32
    %w8 = arith.constant 8 : i32
    %c0 = arith.constant 0 : index
    %v = memref.load %x[%tx] : memref<64xi32>
    %r, %p0 = gpu.shuffle xor %v, %c4, %w32 : i32
    %s = arith.addi %v, %r overflow<nsw> : i32
    %q, %p1 = gpu.shuffle down %s, %c1, %w8 : i32
    %first = arith.cmpi eq, %lane, %c0 : index
    scf.if %first {
      memref.store %q, %x[%warp] : memref<64xi32>
    }
    %g = memref.load %f[%tx] : memref<64xf32>
    %h, %p2 = gpu.shuffle idx %g, %c1, %w32 : f32
    memref.store %h, %f[%tx] : memref<64xf32>
    gpu.return
  }

  // CHECK-LABEL: grid(int8_t *__restrict__ y) {
  // CHECK-NEXT:    const int bx = blockIdx.x;
  // CHECK-NEXT:    const int by = blockIdx.y;
  // CHECK-NEXT:    const int bz = blockIdx.z;
  // CHECK-NEXT:    const int tz = threadIdx.z;
  // CHECK-NEXT:    y[(by * int(gridDim.x) + bx) * int(blockDim.y) + tz + bx + bz] = 1;
  // CHECK-NEXT:  }
  gpu.func @grid(%y: memref<65536xi8> loc("y")) kernel attributes {known_block_size = array<i32: 16, 4, 2>} {
    %bx = gpu.block_id x
    %by = gpu.block_id y
    %bz = gpu.block_id z
    %tz = gpu.thread_id z
    %nx = gpu.grid_dim x
    %ty = gpu.block_dim y
    %again = gpu.block_id x
    %v = arith.constant 1 : i8
    %0 = arith.muli %by, %nx : index
    %1 = arith.addi %0, %bx : index
    %2 = arith.muli %1, %ty : index
    %3 = arith.addi %2, %tz : index
    %4 = arith.addi %3, %again : index
    %5 = arith.addi %4, %bz : index
    memref.store %v, %y[%5] : memref<65536xi8>
    gpu.return
  }

  // CHECK-LABEL: dot(const int8_t *__restrict__ x, const int8_t *__restrict__ w,
  // CHECK-NEXT:      int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int at = tx * 4;
  // CHECK-NEXT:    const int v = *(const int *)&x[at];
  // CHECK-NEXT:    const int u = *(const int *)&w[at];
  // CHECK-NEXT:    y[tx] = __dp4a(unsigned(v), unsigned(u), unsigned(__dp4a(v, u, 0)));
  // CHECK-NEXT:  }
  gpu.func @dot(%x: memref<256xi8> loc("x"), %w: memref<256xi8> loc("w"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c4 = arith.constant 4 : index
    %at = arith.muli %tx, %c4 : index loc("at")
    %nil = arith.constant 0 : i32
    %v = vector.load %x[%at] : memref<256xi8>, vector<4xi8> loc("v")
    %u = vector.load %w[%at] : memref<256xi8>, vector<4xi8> loc("u")
    %d = nvvm.dot.accumulate.4way %v <signed>, %u <signed>, %nil : vector<4xi8>, vector<4xi8>
    %e = nvvm.dot.accumulate.4way %v <unsigned>, %u <unsigned>, %d : vector<4xi8>, vector<4xi8>
    memref.store %e, %y[%tx] : memref<64xi32>
    gpu.return
  }
}
