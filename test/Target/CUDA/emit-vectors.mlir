// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
gpu.module @kernels {
  // Bytes lie in words: a bit cast costs nothing, a lane is a shift.
  // CHECK-LABEL: words(const int8_t *__restrict__ x, int *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int4 v = *(const int4 *)&x[tx * 16];
  // CHECK-NEXT:    const int4 bits = make_int4(v.x ^ 0x80808080, v.y ^ 0x80808080,
  // CHECK-NEXT:        v.z ^ 0x80808080, v.w ^ 0x80808080);
  // CHECK-NEXT:    *(int4 *)&y[tx * 4] = make_int4(unsigned(v.x) + bits.x,
  // CHECK-NEXT:        unsigned(v.y) + bits.y, unsigned(v.z) + bits.z, unsigned(v.w) + bits.w);
  // CHECK-NEXT:    y[tx] = int8_t(v.x) + int8_t(v.y >> 8) + uint8_t(v.w >> 24);
  // CHECK-NEXT:  }
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

  // CHECK-LABEL: assembled(const int8_t *__restrict__ x, int8_t *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int8_t a = x[tx];
  // CHECK-NEXT:    const int word = __byte_perm(a, 0, 0x0000);
  // CHECK-NEXT:    *(int2 *)&y[tx] = make_int2(word, word);
  // CHECK-NEXT:    *(int *)&y[tx] = packBytes(a, a, a, a);
  // CHECK-NEXT:    *(int *)&y[tx] = int(__byte_perm(0xfc030201, a, 0x3410));
  // CHECK-NEXT:    *(int16_t *)&y[tx] = *(const int16_t *)&x[tx];
  // CHECK-NEXT:  }
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
  // CHECK-LABEL: transposed(const int8_t *__restrict__ x, int8_t *__restrict__ y) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int at = tx * 16;
  // CHECK-NEXT:    const int4 rows = *(const int4 *)&x[at];
  // CHECK-NEXT:    const int4 value = make_int4(__byte_perm(__byte_perm(rows.x, rows.y, 0x0040),
  // CHECK-NEXT:        __byte_perm(rows.z, rows.w, 0x0040), 0x5410),
  // CHECK-NEXT:        __byte_perm(__byte_perm(rows.x, rows.y, 0x0051),
  // CHECK-NEXT:        __byte_perm(rows.z, rows.w, 0x0051), 0x5410),
  // CHECK-NEXT:        __byte_perm(__byte_perm(rows.x, rows.y, 0x0062),
  // CHECK-NEXT:        __byte_perm(rows.z, rows.w, 0x0062), 0x5410),
  // CHECK-NEXT:        __byte_perm(__byte_perm(rows.x, rows.y, 0x0073),
  // CHECK-NEXT:        __byte_perm(rows.z, rows.w, 0x0073), 0x5410));
  // CHECK-NEXT:    *(int4 *)&y[at] = value;
  // CHECK-NEXT:    *(int2 *)&y[tx] = make_int2(rows.y, rows.z);
  // CHECK-NEXT:  }
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

  // CHECK-LABEL: float_vectors(const float *__restrict__ x, float *__restrict__ y,
  // CHECK-NEXT:      int *__restrict__ z) {
  // CHECK-NEXT:    const int tx = threadIdx.x;
  // CHECK-NEXT:    const int at = tx * 4;
  // CHECK-NEXT:    float4 acc = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  // CHECK-NEXT:    for (int i = 0; i < 4; ++i) {
  // CHECK-NEXT:      const float4 v = *(const float4 *)&x[at];
  // CHECK-NEXT:      acc = make_float4(__fmaf_rn(v.x, 0.5f, acc.x), __fmaf_rn(v.y, 0.5f, acc.y),
  // CHECK-NEXT:          __fmaf_rn(v.z, 0.5f, acc.z), __fmaf_rn(v.w, 0.5f, acc.w));
  // CHECK-NEXT:    }
  // CHECK-NEXT:    *(float4 *)&y[at] = acc;
  // CHECK-NEXT:    const int4 bits = make_int4(__float_as_int(acc.x), __float_as_int(acc.y),
  // CHECK-NEXT:        __float_as_int(acc.z), __float_as_int(acc.w));
  // CHECK-NEXT:    *(int4 *)&z[at] = bits;
  // CHECK-NEXT:    z[tx] = unsigned(bits.x) + bits.y + bits.z + bits.w;
  // CHECK-NEXT:  }
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
