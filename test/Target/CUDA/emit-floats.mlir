// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // CHECK-LABEL: single(const float *__restrict__ x, float *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const float a = x[tx];
  // CHECK-NEXT:    y[tx] =
  // CHECK-NEXT:        __fdiv_rn(__fsub_rn(__fadd_rn(__fmul_rn(a, 0.1f), 1.0f), 1.0e-30f), a);
  // CHECK-NEXT:    y[tx] = -fabsf(__fsqrt_rn(__fmaf_rn(a, a, 0.1f)));
  // CHECK-NEXT:    y[tx] = rintf(floorf(a));
  // CHECK-NEXT:    y[tx] = __int_as_float(0x7f800000);
  // CHECK-NEXT:  }
  gpu.func @single(%x: memref<64xf32> loc("x"), %y: memref<64xf32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %c = arith.constant 0.1 : f32
    %one = arith.constant 1.0 : f32
    %inf = arith.constant 0x7F800000 : f32
    %tiny = arith.constant 1.0e-30 : f32
    %a = memref.load %x[%i] : memref<64xf32> loc("a")
    %0 = arith.mulf %a, %c : f32
    %1 = arith.addf %0, %one : f32
    %2 = arith.subf %1, %tiny : f32
    %3 = arith.divf %2, %a : f32
    memref.store %3, %y[%i] : memref<64xf32>
    %4 = math.fma %a, %a, %c : f32
    %5 = math.sqrt %4 : f32
    %6 = math.absf %5 : f32
    %7 = arith.negf %6 : f32
    memref.store %7, %y[%i] : memref<64xf32>
    %8 = math.floor %a : f32
    %9 = math.roundeven %8 : f32
    memref.store %9, %y[%i] : memref<64xf32>
    memref.store %inf, %y[%i] : memref<64xf32>
    gpu.return
  }

  // CHECK-LABEL: doubles(const double *__restrict__ x, double *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const double a = x[tx];
  // CHECK-NEXT:    y[tx] = __dsqrt_rn(__fma_rn(__dadd_rn(a, 6755399441055744.0), a, a));
  // CHECK-NEXT:  }
  gpu.func @doubles(%x: memref<64xf64> loc("x"), %y: memref<64xf64> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %magic = arith.constant 6755399441055744.0 : f64
    %a = memref.load %x[%i] : memref<64xf64> loc("a")
    %0 = arith.addf %a, %magic : f64
    %1 = math.fma %0, %a, %a : f64
    %2 = math.sqrt %1 : f64
    memref.store %2, %y[%i] : memref<64xf64>
    gpu.return
  }

  // C++'s comparisons are the ordered ones, but for !=.
  // CHECK-LABEL: comparisons(const float *__restrict__ x, int8_t *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const float a = x[tx];
  // CHECK-NEXT:    const bool condition =
  // CHECK-NEXT:        (a < 0.5f && !(a < 0.5f)) != (a != a || (a == a && 0.5f == 0.5f));
  // CHECK-NEXT:    y[tx] = int(condition || a < 0.5f || a > 0.5f);
  // CHECK-NEXT:  }
  gpu.func @comparisons(%x: memref<64xf32> loc("x"), %y: memref<64xi8> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %c = arith.constant 0.5 : f32
    %a = memref.load %x[%i] : memref<64xf32> loc("a")
    %olt = arith.cmpf olt, %a, %c : f32
    %uge = arith.cmpf uge, %a, %c : f32
    %uno = arith.cmpf uno, %a, %a : f32
    %ord = arith.cmpf ord, %a, %c : f32
    %one = arith.cmpf one, %a, %c : f32
    %0 = arith.andi %olt, %uge : i1
    %1 = arith.ori %uno, %ord : i1
    %2 = arith.xori %0, %1 : i1
    %3 = arith.ori %2, %one : i1
    %4 = arith.extui %3 : i1 to i8
    memref.store %4, %y[%i] : memref<64xi8>
    gpu.return
  }
}
