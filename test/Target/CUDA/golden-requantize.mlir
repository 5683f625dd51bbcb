// The whole text of a kernel that people read.
// RUN: shift-translate --mlir-to-cuda %s -o %t.cu
// RUN: diff %S/Inputs/requantize.cu %t.cu

gpu.module @kernels {
  gpu.func @requantize_relu(%acc: memref<200704xi32> loc("acc"), %scale: memref<64xi8> loc("shifts"), %y: memref<200704xi8> loc("y")) kernel
      attributes {known_block_size = array<i32: 128, 1, 1>,
                  shift.comment = "layer1.0.conv1: 1x64x56x56, int32 sums to int8 by a shift a channel, ReLU.\0AOne thread computes four neighbours."} {
    %c4 = arith.constant 4 : index
    %c128 = arith.constant 128 : index
    %c3136 = arith.constant 3136 : index
    %count = arith.constant 200704 : index
    %one = arith.constant 1 : i32
    %nil = arith.constant 0 : i32
    %hi = arith.constant 127 : i32
    %bx = gpu.block_id x
    %tx = gpu.thread_id x
    %first = arith.muli %bx, %c128 : index
    %item = arith.addi %first, %tx : index
    %at = arith.muli %item, %c4 : index loc("at")
    %inside = arith.cmpi ult, %at, %count : index
    scf.if %inside {
      %channel = arith.divui %at, %c3136 : index
      %s8 = memref.load %scale[%channel] : memref<64xi8>
      %shift = arith.extui %s8 : i8 to i32 loc("amount")
      %before = arith.subi %shift, %one : i32
      %half = arith.shli %one, %before : i32 loc("half")
      %sums = vector.load %acc[%at] : memref<200704xi32>, vector<4xi32> loc("sums")
      %halves = vector.broadcast %half : i32 to vector<4xi32>
      %rounded = arith.addi %sums, %halves overflow<nsw> : vector<4xi32> loc("rounded")
      %amounts = vector.broadcast %shift : i32 to vector<4xi32>
      %shifted = arith.shrsi %rounded, %amounts : vector<4xi32> loc("shifted")
      %lo4 = vector.broadcast %nil : i32 to vector<4xi32>
      %hi4 = vector.broadcast %hi : i32 to vector<4xi32>
      %up = arith.maxsi %shifted, %lo4 : vector<4xi32> loc("positive")
      %q = arith.minsi %up, %hi4 : vector<4xi32> loc("q")
      %bytes = arith.trunci %q : vector<4xi32> to vector<4xi8>
      vector.store %bytes, %y[%at] : memref<200704xi8>, vector<4xi8>
    }
    gpu.return
  }
}
