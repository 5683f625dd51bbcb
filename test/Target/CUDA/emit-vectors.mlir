// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // Bytes lie in words: a bit cast costs nothing, a lane is a shift.
  gpu.func @words(%x: memref<1024xi8> loc("x"), %y: memref<256xi32> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c16 = arith.constant 16 : index
    %c4 = arith.constant 4 : index
    %at = arith.muli %tx, %c16 : index
    %to = arith.muli %tx, %c4 : index loc("to")
    %v = vector.load %x[%at] : memref<1024xi8>, vector<16xi8> loc("v")
    %w = vector.bitcast %v : vector<16xi8> to vector<4xi32>
    %flip = arith.constant dense<-128> : vector<16xi8>
    %f = arith.xori %v, %flip : vector<16xi8>
    %g = vector.bitcast %f : vector<16xi8> to vector<4xi32>
    %s = arith.addi %w, %g : vector<4xi32>
    vector.store %s, %y[%to] : memref<256xi32>, vector<4xi32>
    %b0 = vector.extract %v[0] : i8 from vector<16xi8>
    %b5 = vector.extract %v[5] : i8 from vector<16xi8>
    %b15 = vector.extract %v[15] : i8 from vector<16xi8>
    %0 = arith.extsi %b0 : i8 to i32
    %1 = arith.extsi %b5 : i8 to i32
    %2 = arith.extui %b15 : i8 to i32
    %3 = arith.addi %0, %1 : i32
    %4 = arith.addi %3, %2 : i32
    memref.store %4, %y[%tx] : memref<256xi32>
    gpu.return
  }

  gpu.func @assembled(%x: memref<1024xi8> loc("x"), %y: memref<1024xi8> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %a = memref.load %x[%tx] : memref<1024xi8> loc("a")
    %b = vector.broadcast %a : i8 to vector<8xi8>
    vector.store %b, %y[%tx] : memref<1024xi8>, vector<8xi8>
    %e = vector.from_elements %a, %a, %a, %a : vector<4xi8>
    vector.store %e, %y[%tx] : memref<1024xi8>, vector<4xi8>
    %z = arith.constant dense<[1, 2, 3, -4]> : vector<4xi8>
    %i = vector.insert %a, %z[2] : i8 into vector<4xi8>
    vector.store %i, %y[%tx] : memref<1024xi8>, vector<4xi8>
    %l = vector.load %x[%tx] : memref<1024xi8>, vector<2xi8>
    vector.store %l, %y[%tx] : memref<1024xi8>, vector<2xi8>
    gpu.return
  }

  // Four rows of four bytes to four columns.
  gpu.func @transposed(%x: memref<1024xi8> loc("x"), %y: memref<1024xi8> loc("y"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c16 = arith.constant 16 : index
    %at = arith.muli %tx, %c16 : index loc("at")
    %v = vector.load %x[%at] : memref<1024xi8>, vector<16xi8> loc("rows")
    %t = vector.shuffle %v, %v [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15] : vector<16xi8>, vector<16xi8>
    vector.store %t, %y[%at] : memref<1024xi8>, vector<16xi8>
    %h = vector.extract_strided_slice %v {offsets = [4], sizes = [8], strides = [1]} : vector<16xi8> to vector<8xi8>
    vector.store %h, %y[%tx] : memref<1024xi8>, vector<8xi8>
    gpu.return
  }

  gpu.func @float_vectors(%x: memref<256xf32> loc("x"), %y: memref<256xf32> loc("y"), %z: memref<256xi32> loc("z"))
      kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %tx = gpu.thread_id x
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %at = arith.muli %tx, %c4 : index loc("at")
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %k = arith.constant 0.5 : f32
    %scale = vector.broadcast %k : f32 to vector<4xf32>
    %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %zero) -> vector<4xf32> {
      %v = vector.load %x[%at] : memref<256xf32>, vector<4xf32> loc("v")
      %m = math.fma %v, %scale, %a : vector<4xf32>
      scf.yield %m : vector<4xf32>
    }
    vector.store %sum, %y[%at] : memref<256xf32>, vector<4xf32>
    %bits = vector.bitcast %sum : vector<4xf32> to vector<4xi32>
    vector.store %bits, %z[%at] : memref<256xi32>, vector<4xi32>
    %r = vector.reduction <add>, %bits : vector<4xi32> into i32
    memref.store %r, %z[%tx] : memref<256xi32>
    gpu.return
  }
}
