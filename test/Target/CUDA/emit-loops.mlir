// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // A sum over nested loops is one variable; the loops' names come from their
  // locations, else they are i, j, k.
  // CHECK-LABEL: nested(const float *__restrict__ x, float *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    float acc = 0.0f;
  // CHECK-NEXT:    for (int i = 0; i < 8; ++i) {
  // CHECK-NEXT:      const int product = i * 8;
  // CHECK-NEXT:      #pragma unroll 4
  // CHECK-NEXT:      for (int j = 0; j < 8; j += 2)
  // CHECK-NEXT:        acc = __fadd_rn(acc, x[product + j]);
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = acc;
  // CHECK-NEXT:    #pragma unroll
  // CHECK-NEXT:    for (int ky = tx; ky < 8; ++ky)
  // CHECK-NEXT:      y[ky] = 0.0f;
  // CHECK-NEXT:  }
  gpu.func @nested(%x: memref<4096xf32> loc("x"), %y: memref<64xf32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %sum = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %zero) -> f32 {
      %row = arith.muli %i, %c8 : index
      %inner = scf.for %j = %c0 to %c8 step %c2 iter_args(%b = %a) -> f32 {
        %at = arith.addi %row, %j : index
        %v = memref.load %x[%at] : memref<4096xf32>
        %s = arith.addf %b, %v : f32
        scf.yield %s : f32
      } {shift.unroll = 4}
      scf.yield %inner : f32
    }
    memref.store %sum, %y[%tx] : memref<64xf32>
    scf.for %k = %tx to %c8 step %c1 {
      memref.store %zero, %y[%k] : memref<64xf32>
    } {shift.unroll} loc("ky")
    gpu.return
  }

  // Values that change places are assigned at the same time.
  // CHECK-LABEL: swapped(int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    int acc = 0;
  // CHECK-NEXT:    int acc1 = 1;
  // CHECK-NEXT:    for (int i = 0; i < 8; ++i) {
  // CHECK-NEXT:      const int next = acc + acc1;
  // CHECK-NEXT:      acc = acc1;
  // CHECK-NEXT:      acc1 = next;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = acc;
  // CHECK-NEXT:    int acc2 = acc1;
  // CHECK-NEXT:    for (int i = 0; i < 8; ++i)
  // CHECK-NEXT:      acc2 += acc1;
  // CHECK-NEXT:    y[0] = acc2;
  // CHECK-NEXT:  }
  gpu.func @swapped(%y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %one = arith.constant 1 : i32
    %nil = arith.constant 0 : i32
    %r:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %nil, %b = %one) -> (i32, i32) {
      %s = arith.addi %a, %b overflow<nsw> : i32
      scf.yield %b, %s : i32, i32
    }
    memref.store %r#0, %y[%tx] : memref<64xi32>
    // Both results are still needed: the second loop has a variable of its own.
    %q = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %r#1) -> i32 {
      %s = arith.addi %a, %r#1 overflow<nsw> : i32
      scf.yield %s : i32
    }
    memref.store %q, %y[%c0] : memref<64xi32>
    gpu.return
  }

  // The text of a value is fixed before its variable changes.
  // CHECK-LABEL: fixed(int *__restrict__ y) {
  // CHECK-NEXT:    int acc = 1;
  // CHECK-NEXT:    for (int i = 0; i < 8; ++i) {
  // CHECK-NEXT:      const int twice = acc + acc;
  // CHECK-NEXT:      for (int j = 0; j < 8; ++j)
  // CHECK-NEXT:        acc *= acc;
  // CHECK-NEXT:      y[i] = twice;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[0] = acc;
  // CHECK-NEXT:  }
  gpu.func @fixed(%y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %one = arith.constant 1 : i32
    %r = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %one) -> i32 {
      %double = arith.addi %a, %a overflow<nsw> : i32 loc("twice")
      %s = scf.for %j = %c0 to %c8 step %c1 iter_args(%b = %a) -> i32 {
        %n = arith.muli %b, %b overflow<nsw> : i32
        scf.yield %n : i32
      }
      memref.store %double, %y[%i] : memref<64xi32>
      scf.yield %s : i32
    }
    memref.store %r, %y[%c0] : memref<64xi32>
    gpu.return
  }

  // CHECK-LABEL: halving(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int value = x[tx];
  // CHECK-NEXT:    int acc = value;
  // CHECK-NEXT:    int acc1 = 0;
  // CHECK-NEXT:    while (acc > 1) {
  // CHECK-NEXT:      acc >>= 1;
  // CHECK-NEXT:      acc1 += 1;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = acc1;
  // CHECK-NEXT:    int acc2 = value;
  // CHECK-NEXT:    int passed;
  // CHECK-NEXT:    while (true) {
  // CHECK-NEXT:      y[tx] = acc2;
  // CHECK-NEXT:      const int difference = acc2 - 1;
  // CHECK-NEXT:      const bool goesOn = difference > 0;
  // CHECK-NEXT:      passed = difference;
  // CHECK-NEXT:      if (!goesOn)
  // CHECK-NEXT:        break;
  // CHECK-NEXT:      acc2 = passed >> 1;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = passed;
  // CHECK-NEXT:  }
  gpu.func @halving(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %one = arith.constant 1 : i32
    %nil = arith.constant 0 : i32
    %start = memref.load %x[%tx] : memref<64xi32>
    %r:2 = scf.while (%n = %start, %count = %nil) : (i32, i32) -> (i32, i32) {
      %more = arith.cmpi sgt, %n, %one : i32
      scf.condition(%more) %n, %count : i32, i32
    } do {
    ^bb0(%n: i32, %count: i32):
      %half = arith.shrsi %n, %one : i32
      %next = arith.addi %count, %one overflow<nsw> : i32
      scf.yield %half, %next : i32, i32
    }
    memref.store %r#1, %y[%tx] : memref<64xi32>
    // A condition that stores, and passes on something else than it got.
    %q = scf.while (%n = %start) : (i32) -> i32 {
      memref.store %n, %y[%tx] : memref<64xi32>
      %d = arith.subi %n, %one overflow<nsw> : i32
      %more = arith.cmpi sgt, %d, %nil : i32
      scf.condition(%more) %d : i32
    } do {
    ^bb0(%d: i32):
      %half = arith.shrsi %d, %one : i32
      scf.yield %half : i32
    }
    memref.store %q, %y[%tx] : memref<64xi32>
    gpu.return
  }
}
