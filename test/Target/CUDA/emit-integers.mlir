// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // Sums wrap in arith; unsigned texts do, signed ones must not. An index, or
  // what provably fits, needs no conversion.
  // CHECK-LABEL: sums(const int *__restrict__ x, int *__restrict__ y, int8_t *__restrict__ b,
  // CHECK-NEXT:      int16_t *__restrict__ h) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int a = x[tx];
  // CHECK-NEXT:    y[tx] = -((unsigned(a) - 5) * a);
  // CHECK-NEXT:    y[tx] = unsigned(a + 5) - unsigned(INT32_MIN);
  // CHECK-NEXT:    const int8_t v = b[tx];
  // CHECK-NEXT:    y[tx] = v * v + 5;
  // CHECK-NEXT:    b[tx] = int8_t(v + v);
  // CHECK-NEXT:    const int16_t value = uint8_t(v);
  // CHECK-NEXT:    h[tx] = int16_t(value * value);
  // CHECK-NEXT:  }
  gpu.func @sums(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"),
                 %b: memref<64xi8> loc("b"), %h: memref<64xi16> loc("h"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %c5 = arith.constant 5 : i32
    %cm5 = arith.constant -5 : i32
    %c0 = arith.constant 0 : i32
    %lowest = arith.constant -2147483648 : i32
    %a = memref.load %x[%i] : memref<64xi32> loc("a")
    %s = arith.addi %a, %cm5 : i32
    %p = arith.muli %s, %a : i32
    %n = arith.subi %c0, %p : i32
    memref.store %n, %y[%i] : memref<64xi32>
    %s1 = arith.addi %a, %c5 overflow<nsw> : i32
    %s2 = arith.subi %s1, %lowest : i32
    memref.store %s2, %y[%i] : memref<64xi32>
    %v = memref.load %b[%i] : memref<64xi8> loc("v")
    %w = arith.extsi %v : i8 to i32
    %ww = arith.muli %w, %w : i32
    %w5 = arith.addi %ww, %c5 : i32
    memref.store %w5, %y[%i] : memref<64xi32>
    %v2 = arith.addi %v, %v : i8
    memref.store %v2, %b[%i] : memref<64xi8>
    %ui = arith.extui %v : i8 to i16
    %us = arith.muli %ui, %ui : i16
    memref.store %us, %h[%i] : memref<64xi16>
    gpu.return
  }

  // CHECK-LABEL: bits(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int a = x[tx];
  // CHECK-NEXT:    y[tx] = (((unsigned(a) >> 3) & 0xff) | ~0xf) << 3;
  // CHECK-NEXT:    y[tx] = int(a ^ 0xff000000) >> 3;
  // CHECK-NEXT:    y[tx] = 32u - __clz(a);
  // CHECK-NEXT:  }
  gpu.func @bits(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %mask = arith.constant 255 : i32
    %high = arith.constant -16777216 : i32
    %keep = arith.constant -16 : i32
    %c3 = arith.constant 3 : i32
    %c32 = arith.constant 32 : i32
    %a = memref.load %x[%i] : memref<64xi32> loc("a")
    %0 = arith.shrui %a, %c3 : i32
    %1 = arith.andi %0, %mask : i32
    %2 = arith.ori %1, %keep : i32
    %3 = arith.shli %2, %c3 : i32
    memref.store %3, %y[%i] : memref<64xi32>
    %4 = arith.xori %a, %high : i32
    %5 = arith.shrsi %4, %c3 : i32
    memref.store %5, %y[%i] : memref<64xi32>
    %6 = math.ctlz %a : i32
    %7 = arith.subi %c32, %6 : i32
    memref.store %7, %y[%i] : memref<64xi32>
    gpu.return
  }

  // CHECK-LABEL: quotients(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int bx = blockIdx.x;
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int item = bx * 64 + tx;
  // CHECK-NEXT:    const int row = item / 7;
  // CHECK-NEXT:    const int remainder = item % 7;
  // CHECK-NEXT:    const int a = x[row + remainder];
  // CHECK-NEXT:    y[item] = unsigned(a) / 7u;
  // CHECK-NEXT:    y[row] = a / 7 + (a / 7 - int(a % 7 < 0));
  // CHECK-NEXT:    const int divisor = x[row];
  // CHECK-NEXT:    const int rest = a % divisor;
  // CHECK-NEXT:    y[remainder] = a / divisor - int(rest != 0 && (rest ^ divisor) < 0);
  // CHECK-NEXT:  }
  gpu.func @quotients(%x: memref<4096xi32> loc("x"), %y: memref<4096xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %bx = gpu.block_id x
    %tx = gpu.thread_id x
    %c7 = arith.constant 7 : index
    %c64 = arith.constant 64 : index
    %m7 = arith.constant 7 : i32
    %base = arith.muli %bx, %c64 : index
    %item = arith.addi %base, %tx : index loc("item")
    %row = arith.divui %item, %c7 : index loc("row")
    %col = arith.remui %item, %c7 : index
    %at = arith.addi %row, %col : index
    %a = memref.load %x[%at] : memref<4096xi32> loc("a")
    // Nothing is known of a's sign.
    %q = arith.divui %a, %m7 : i32
    memref.store %q, %y[%item] : memref<4096xi32>
    %s = arith.divsi %a, %m7 : i32
    %f = arith.floordivsi %a, %m7 : i32
    %t = arith.addi %s, %f : i32
    memref.store %t, %y[%row] : memref<4096xi32>
    %b = memref.load %x[%row] : memref<4096xi32>
    %g = arith.floordivsi %a, %b : i32
    memref.store %g, %y[%col] : memref<4096xi32>
    gpu.return
  }

  // CHECK-LABEL: choices(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int a = x[tx];
  // CHECK-NEXT:    y[tx] = min(max(a, -128), 127);
  // CHECK-NEXT:    y[tx] = !((unsigned(tx - 10) < 20u && a > -128) || a == 127) ? a : 127;
  // CHECK-NEXT:    y[tx] = max(unsigned(a), 127u);
  // CHECK-NEXT:  }
  gpu.func @choices(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %c10 = arith.constant 10 : index
    %c20 = arith.constant 20 : index
    %lo = arith.constant -128 : i32
    %hi = arith.constant 127 : i32
    %true = arith.constant true
    %a = memref.load %x[%i] : memref<64xi32> loc("a")
    %0 = arith.maxsi %a, %lo : i32
    %1 = arith.minsi %0, %hi : i32
    memref.store %1, %y[%i] : memref<64xi32>
    // One comparison for 0 <= j < 20.
    %j = arith.subi %i, %c10 : index
    %in = arith.cmpi ult, %j, %c20 : index
    %pos = arith.cmpi sgt, %a, %lo : i32
    %both = arith.andi %in, %pos : i1
    %eq = arith.cmpi eq, %a, %hi : i32
    %any = arith.ori %both, %eq : i1
    %not = arith.xori %any, %true : i1
    %c = arith.select %not, %a, %hi : i32
    memref.store %c, %y[%i] : memref<64xi32>
    %u = arith.maxui %a, %hi : i32
    memref.store %u, %y[%i] : memref<64xi32>
    gpu.return
  }

  // CHECK-LABEL: wide_integers(const int64_t *__restrict__ x, int64_t *__restrict__ y,
  // CHECK-NEXT:      int *__restrict__ z) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int64_t a = x[tx];
  // CHECK-NEXT:    y[tx] = uint64_t(min(a, 4294967296L)) + a;
  // CHECK-NEXT:    const __int128 q =
  // CHECK-NEXT:        __int128(a) * __int128(6148914691236517205L) + (__int128(2L) << 64 | 0UL);
  // CHECK-NEXT:    y[tx] = int64_t(q >> 40);
  // CHECK-NEXT:    const int64_t high = int64_t(q >> 64);
  // CHECK-NEXT:    z[tx] = int(high != 0 ? __clzll(high) : 64 + __clzll(int64_t(q)));
  // CHECK-NEXT:  }
  gpu.func @wide_integers(%x: memref<64xi64> loc("x"), %y: memref<64xi64> loc("y"), %z: memref<64xi32> loc("z"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %c = arith.constant 6148914691236517205 : i128
    %big = arith.constant 36893488147419103232 : i128
    %sh = arith.constant 40 : i128
    %limit = arith.constant 4294967296 : i64
    %a = memref.load %x[%i] : memref<64xi64> loc("a")
    %m = arith.minsi %a, %limit : i64
    %sum = arith.addi %m, %a : i64
    memref.store %sum, %y[%i] : memref<64xi64>
    %w = arith.extsi %a : i64 to i128 loc("w")
    %p = arith.muli %w, %c : i128
    %q = arith.addi %p, %big : i128 loc("q")
    %s = arith.shrsi %q, %sh : i128
    %t = arith.trunci %s : i128 to i64
    memref.store %t, %y[%i] : memref<64xi64>
    %clz = math.ctlz %q : i128
    %n = arith.trunci %clz : i128 to i32
    memref.store %n, %z[%i] : memref<64xi32>
    gpu.return
  }
}
