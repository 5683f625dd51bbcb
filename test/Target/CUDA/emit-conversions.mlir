// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // CHECK-LABEL: between_integers(int8_t *__restrict__ b, int16_t *__restrict__ h,
  // CHECK-NEXT:      int *__restrict__ x, int64_t *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int8_t v = b[tx];
  // CHECK-NEXT:    x[tx] = v;
  // CHECK-NEXT:    x[tx] = uint8_t(v);
  // CHECK-NEXT:    y[tx] = int64_t(v);
  // CHECK-NEXT:    y[tx] = int64_t(uint8_t(v));
  // CHECK-NEXT:    const int a = x[tx];
  // CHECK-NEXT:    b[tx] = int8_t(a);
  // CHECK-NEXT:    y[tx] = int64_t(unsigned(a));
  // CHECK-NEXT:    b[tx] = min(max(a, -128), 127);
  // CHECK-NEXT:    h[tx] = int16_t(y[tx]);
  // CHECK-NEXT:    x[a] = v;
  // CHECK-NEXT:    y[tx] = int64_t(tx);
  // CHECK-NEXT:  }
  gpu.func @between_integers(%b: memref<64xi8> loc("b"), %h: memref<64xi16> loc("h"), %x: memref<64xi32> loc("x"), %y: memref<64xi64> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %lo = arith.constant -128 : i32
    %hi = arith.constant 127 : i32
    %v = memref.load %b[%i] : memref<64xi8> loc("v")
    // Promotion widens by itself; without the sign it needs a type.
    %0 = arith.extsi %v : i8 to i32
    memref.store %0, %x[%i] : memref<64xi32>
    %1 = arith.extui %v : i8 to i32
    memref.store %1, %x[%i] : memref<64xi32>
    %2 = arith.extsi %v : i8 to i64
    memref.store %2, %y[%i] : memref<64xi64>
    %3 = arith.extui %v : i8 to i64
    memref.store %3, %y[%i] : memref<64xi64>
    %a = memref.load %x[%i] : memref<64xi32> loc("a")
    %4 = arith.trunci %a : i32 to i8
    memref.store %4, %b[%i] : memref<64xi8>
    %5 = arith.extui %a : i32 to i64
    memref.store %5, %y[%i] : memref<64xi64>
    // What fits needs no cast.
    %6 = arith.maxsi %a, %lo : i32
    %7 = arith.minsi %6, %hi : i32
    %8 = arith.trunci %7 : i32 to i8
    memref.store %8, %b[%i] : memref<64xi8>
    %w = memref.load %y[%i] : memref<64xi64> loc("w")
    %9 = arith.trunci %w : i64 to i16
    memref.store %9, %h[%i] : memref<64xi16>
    %10 = arith.index_cast %a : i32 to index
    memref.store %0, %x[%10] : memref<64xi32>
    %11 = arith.index_cast %i : index to i64
    memref.store %11, %y[%i] : memref<64xi64>
    gpu.return
  }

  // CHECK-LABEL: to_and_from_float(int8_t *__restrict__ b, int *__restrict__ x,
  // CHECK-NEXT:      int64_t *__restrict__ y, float *__restrict__ f, double *__restrict__ d) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int8_t v = b[tx];
  // CHECK-NEXT:    const int a = x[tx];
  // CHECK-NEXT:    const int64_t w = y[tx];
  // CHECK-NEXT:    f[tx] = __int2float_rn(v);
  // CHECK-NEXT:    f[tx] = __int2float_rn(uint8_t(v));
  // CHECK-NEXT:    f[tx] = __int2float_rn(a);
  // CHECK-NEXT:    d[tx] = __uint2double_rn(unsigned(a));
  // CHECK-NEXT:    f[tx] = __ll2float_rn(w);
  // CHECK-NEXT:    d[tx] = __ull2double_rn(uint64_t(w));
  // CHECK-NEXT:    const float s = f[tx];
  // CHECK-NEXT:    const double t = d[tx];
  // CHECK-NEXT:    x[tx] = __float2int_rz(s);
  // CHECK-NEXT:    y[tx] = int64_t(__double2ll_rz(t));
  // CHECK-NEXT:    b[tx] = int8_t(__float2int_rz(s));
  // CHECK-NEXT:    x[tx] = __float2uint_rz(s);
  // CHECK-NEXT:    d[tx] = double(s);
  // CHECK-NEXT:    f[tx] = __double2float_rn(t);
  // CHECK-NEXT:    x[tx] = __float_as_int(s);
  // CHECK-NEXT:    f[tx] = __int_as_float(a);
  // CHECK-NEXT:    y[tx] = int64_t(__double_as_longlong(t));
  // CHECK-NEXT:    d[tx] = __longlong_as_double(w);
  // CHECK-NEXT:  }
  gpu.func @to_and_from_float(%b: memref<64xi8> loc("b"), %x: memref<64xi32> loc("x"), %y: memref<64xi64> loc("y"), %f: memref<64xf32> loc("f"), %d: memref<64xf64> loc("d"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %v = memref.load %b[%i] : memref<64xi8> loc("v")
    %a = memref.load %x[%i] : memref<64xi32> loc("a")
    %w = memref.load %y[%i] : memref<64xi64> loc("w")
    %0 = arith.sitofp %v : i8 to f32
    memref.store %0, %f[%i] : memref<64xf32>
    %1 = arith.uitofp %v : i8 to f32
    memref.store %1, %f[%i] : memref<64xf32>
    %2 = arith.sitofp %a : i32 to f32
    memref.store %2, %f[%i] : memref<64xf32>
    %3 = arith.uitofp %a : i32 to f64
    memref.store %3, %d[%i] : memref<64xf64>
    %4 = arith.sitofp %w : i64 to f32
    memref.store %4, %f[%i] : memref<64xf32>
    %5 = arith.uitofp %w : i64 to f64
    memref.store %5, %d[%i] : memref<64xf64>
    %s = memref.load %f[%i] : memref<64xf32> loc("s")
    %t = memref.load %d[%i] : memref<64xf64> loc("t")
    %6 = arith.fptosi %s : f32 to i32
    memref.store %6, %x[%i] : memref<64xi32>
    %7 = arith.fptosi %t : f64 to i64
    memref.store %7, %y[%i] : memref<64xi64>
    %8 = arith.fptoui %s : f32 to i8
    memref.store %8, %b[%i] : memref<64xi8>
    %9 = arith.fptoui %s : f32 to i32
    memref.store %9, %x[%i] : memref<64xi32>
    %10 = arith.extf %s : f32 to f64
    memref.store %10, %d[%i] : memref<64xf64>
    %11 = arith.truncf %t : f64 to f32
    memref.store %11, %f[%i] : memref<64xf32>
    %12 = arith.bitcast %s : f32 to i32
    memref.store %12, %x[%i] : memref<64xi32>
    %13 = arith.bitcast %a : i32 to f32
    memref.store %13, %f[%i] : memref<64xf32>
    %14 = arith.bitcast %t : f64 to i64
    memref.store %14, %y[%i] : memref<64xi64>
    %15 = arith.bitcast %w : i64 to f64
    memref.store %15, %d[%i] : memref<64xf64>
    gpu.return
  }
}
