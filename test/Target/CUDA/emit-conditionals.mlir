// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // CHECK-LABEL: guards(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const bool condition = tx < 50;
  // CHECK-NEXT:    const int value = condition ? x[tx] : 0;
  // CHECK-NEXT:    if (condition)
  // CHECK-NEXT:      y[tx] = value;
  // CHECK-NEXT:    int acc = 0;
  // CHECK-NEXT:    for (int i = 0; i < 50; ++i) {
  // CHECK-NEXT:      if (i != tx)
  // CHECK-NEXT:        acc += x[i];
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = acc;
  // CHECK-NEXT:  }
  gpu.func @guards(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c50 = arith.constant 50 : index
    %nil = arith.constant 0 : i32
    %inside = arith.cmpi slt, %tx, %c50 : index
    // A load that may not happen is one side of a choice.
    %v = scf.if %inside -> i32 {
      %l = memref.load %x[%tx] : memref<64xi32>
      scf.yield %l : i32
    } else {
      scf.yield %nil : i32
    }
    scf.if %inside {
      memref.store %v, %y[%tx] : memref<64xi32>
    }
    // One that only adds is an if without else.
    %sum = scf.for %i = %c0 to %c50 step %c1 iter_args(%a = %nil) -> i32 {
      %use = arith.cmpi ne, %i, %tx : index
      %next = scf.if %use -> i32 {
        %l = memref.load %x[%i] : memref<64xi32>
        %s = arith.addi %a, %l overflow<nsw> : i32
        scf.yield %s : i32
      } else {
        scf.yield %a : i32
      }
      scf.yield %next : i32
    }
    memref.store %sum, %y[%tx] : memref<64xi32>
    gpu.return
  }

  // CHECK-LABEL: branches(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const bool condition = tx < 32;
  // CHECK-NEXT:    int result;
  // CHECK-NEXT:    int result1;
  // CHECK-NEXT:    if (condition) {
  // CHECK-NEXT:      const int value = x[tx];
  // CHECK-NEXT:      y[tx] = 1;
  // CHECK-NEXT:      result = value;
  // CHECK-NEXT:      result1 = 1;
  // CHECK-NEXT:    } else {
  // CHECK-NEXT:      result = 1;
  // CHECK-NEXT:      result1 = x[tx - 32];
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = result;
  // CHECK-NEXT:    if (condition) {
  // CHECK-NEXT:      y[32] = 1;
  // CHECK-NEXT:      result1 = result;
  // CHECK-NEXT:    }
  // CHECK-NEXT:    y[tx] = result1;
  // CHECK-NEXT:    if (!condition)
  // CHECK-NEXT:      y[tx] = 1;
  // CHECK-NEXT:  }
  gpu.func @branches(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c32 = arith.constant 32 : index
    %one = arith.constant 1 : i32
    %first = arith.cmpi slt, %tx, %c32 : index
    %r:2 = scf.if %first -> (i32, i32) {
      %l = memref.load %x[%tx] : memref<64xi32>
      memref.store %one, %y[%tx] : memref<64xi32>
      scf.yield %l, %one : i32, i32
    } else {
      %j = arith.subi %tx, %c32 : index
      %l = memref.load %x[%j] : memref<64xi32>
      scf.yield %one, %l : i32, i32
    }
    memref.store %r#0, %y[%tx] : memref<64xi32>
    %s = scf.if %first -> i32 {
      memref.store %one, %y[%c32] : memref<64xi32>
      scf.yield %r#0 : i32
    } else {
      scf.yield %r#1 : i32
    }
    memref.store %s, %y[%tx] : memref<64xi32>
    scf.if %first {
    } else {
      memref.store %one, %y[%tx] : memref<64xi32>
    }
    gpu.return
  }

  // A read stays before the write behind it.
  // CHECK-LABEL: order(int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int sum = y[tx] + 1;
  // CHECK-NEXT:    y[0] = 1;
  // CHECK-NEXT:    y[tx] = sum;
  // CHECK-NEXT:  }
  gpu.func @order(%y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %one = arith.constant 1 : i32
    %old = memref.load %y[%tx] : memref<64xi32> loc("old")
    %more = arith.addi %old, %one overflow<nsw> : i32
    memref.store %one, %y[%c0] : memref<64xi32>
    memref.store %more, %y[%tx] : memref<64xi32>
    gpu.return
  }

  // No operator of C++ joins a test and an assignment.
  // CHECK-LABEL: all(const int *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    bool acc = tx < 50;
  // CHECK-NEXT:    for (int i = 0; i < 50; ++i)
  // CHECK-NEXT:      acc = acc && x[i] < 1;
  // CHECK-NEXT:    y[tx] = int(acc);
  // CHECK-NEXT:  }
  gpu.func @all(%x: memref<64xi32> loc("x"), %y: memref<64xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c50 = arith.constant 50 : index
    %one = arith.constant 1 : i32
    %inside = arith.cmpi slt, %tx, %c50 : index
    %all = scf.for %i = %c0 to %c50 step %c1 iter_args(%a = %inside) -> i1 {
      %l = memref.load %x[%i] : memref<64xi32>
      %less = arith.cmpi slt, %l, %one : i32
      %both = arith.andi %a, %less : i1
      scf.yield %both : i1
    }
    %wide = arith.extui %all : i1 to i32
    memref.store %wide, %y[%tx] : memref<64xi32>
    gpu.return
  }
}
