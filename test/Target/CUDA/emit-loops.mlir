// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // A sum over nested loops is one variable; the loops' names come from their
  // locations, else they are i, j, k.
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
