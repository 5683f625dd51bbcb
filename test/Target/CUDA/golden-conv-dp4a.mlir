// The whole text of a kernel that people read: a 3x3 convolution of 16 channels
// on 8-bit activations, a tile of the image in shared memory, products of four
// channels at a time.
// RUN: shift-translate --mlir-to-cuda %s -o %t.cu
// RUN: diff %S/Inputs/conv-dp4a.cu %t.cu

#shared = #gpu.address_space<workgroup>
gpu.module @kernels {
  gpu.func @conv3x3_dp4a(%x: memref<65536xi8> loc("x"), %w: memref<4608xi8> loc("w"), %bias: memref<32xi32> loc("bias"), %y: memref<131072xi8> loc("y"))
      workgroup(%tile: memref<10x10x16xi8, #shared> loc("tile"))
      kernel attributes {known_block_size = array<i32: 8, 8, 4>,
        shift.comment = "fpn.p3: 3x3 convolution, 16 to 32 channels of 64x64, strategy dp4a.\0AA block computes 8x8 positions, a thread 8 channels of one of them."} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c8 = arith.constant 8 : index
    %c10 = arith.constant 10 : index
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %c100 = arith.constant 100 : index
    %c144 = arith.constant 144 : index
    %c256 = arith.constant 256 : index
    %c4096 = arith.constant 4096 : index
    %half = arith.constant 64 : i32
    %seven = arith.constant 7 : i32
    %lo = arith.constant -128 : i32
    %hi = arith.constant 127 : i32
    %zero = arith.constant dense<0> : vector<16xi8>
    %bx = gpu.block_id x
    %by = gpu.block_id y
    %tx = gpu.thread_id x
    %ty = gpu.thread_id y
    %tz = gpu.thread_id z
    %x0 = arith.muli %bx, %c8 : index loc("left")
    %y0 = arith.muli %by, %c8 : index loc("top")
    %row0 = arith.muli %tz, %c8 : index
    %r1 = arith.addi %row0, %ty : index
    %r2 = arith.muli %r1, %c8 : index
    %thread = arith.addi %r2, %tx : index loc("thread")
    // The tile and its border, 16 bytes of channels at a time.
    scf.for %i = %thread to %c100 step %c256 {
      %ty0 = arith.divui %i, %c10 : index loc("row")
      %tx0 = arith.remui %i, %c10 : index loc("column")
      %ya = arith.addi %y0, %ty0 : index
      %iy = arith.subi %ya, %c1 : index loc("iy")
      %xa = arith.addi %x0, %tx0 : index
      %ix = arith.subi %xa, %c1 : index loc("ix")
      %iny = arith.cmpi ult, %iy, %c64 : index
      %inx = arith.cmpi ult, %ix, %c64 : index
      %inside = arith.andi %iny, %inx : i1
      %v = scf.if %inside -> vector<16xi8> {
        %p0 = arith.muli %iy, %c64 : index
        %p1 = arith.addi %p0, %ix : index
        %p2 = arith.muli %p1, %c16 : index
        %l = vector.load %x[%p2] : memref<65536xi8>, vector<16xi8>
        scf.yield %l : vector<16xi8>
      } else {
        scf.yield %zero : vector<16xi8>
      }
      vector.store %v, %tile[%ty0, %tx0, %c0] : memref<10x10x16xi8, #shared>, vector<16xi8>
    }
    gpu.barrier
    %yo = arith.addi %y0, %ty : index
    %xo = arith.addi %x0, %tx : index
    %rowo = arith.muli %yo, %c64 : index
    %position = arith.addi %rowo, %xo : index loc("position")
    scf.for %c = %c0 to %c8 step %c1 {
      %co0 = arith.muli %tz, %c8 : index
      %co = arith.addi %co0, %c : index loc("channel")
      %b = memref.load %bias[%co] : memref<32xi32>
      %wrow = arith.muli %co, %c144 : index loc("weights")
      %sum = scf.for %ky = %c0 to %c3 step %c1 iter_args(%a0 = %b) -> i32 {
        %s1 = scf.for %kx = %c0 to %c3 step %c1 iter_args(%a1 = %a0) -> i32 {
          %sy = arith.addi %ty, %ky : index
          %sx = arith.addi %tx, %kx : index
          %k0 = arith.muli %ky, %c3 : index
          %k1 = arith.addi %k0, %kx : index
          %k2 = arith.muli %k1, %c16 : index
          %wt = arith.addi %wrow, %k2 : index loc("tap")
          %s2 = scf.for %q = %c0 to %c16 step %c4 iter_args(%a2 = %a1) -> i32 {
            %xv = vector.load %tile[%sy, %sx, %q] : memref<10x10x16xi8, #shared>, vector<4xi8>
            %wi = arith.addi %wt, %q : index
            %wv = vector.load %w[%wi] : memref<4608xi8>, vector<4xi8>
            %d = nvvm.dot.accumulate.4way %xv <signed>, %wv <signed>, %a2 : vector<4xi8>, vector<4xi8>
            scf.yield %d : i32
          } {shift.unroll} loc("ci")
          scf.yield %s2 : i32
        } {shift.unroll} loc("kx")
        scf.yield %s1 : i32
      } {shift.unroll} loc("ky")
      %r = arith.addi %sum, %half overflow<nsw> : i32
      %sh = arith.shrsi %r, %seven : i32
      %m0 = arith.maxsi %sh, %lo : i32
      %m1 = arith.minsi %m0, %hi : i32
      %out = arith.trunci %m1 : i32 to i8
      %o0 = arith.muli %co, %c4096 : index
      %o1 = arith.addi %o0, %position : index
      memref.store %out, %y[%o1] : memref<131072xi8>
    } loc("c")
    gpu.return
  }
}
