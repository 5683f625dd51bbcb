// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
#shared = #gpu.address_space<workgroup>
gpu.module @kernels {
  // CHECK-LABEL: product(const int8_t *__restrict__ a, const int8_t *__restrict__ b,
  // CHECK-NEXT:      int *__restrict__ y) {
  // CHECK-NEXT:    __shared__ __align__(32) int8_t tile[16][32];
  // CHECK-NEXT:    wmma::fragment<wmma::accumulator, 16, 16, 16, int> acc;
  // CHECK-NEXT:    wmma::fill_fragment(acc, 0);
  // CHECK-NEXT:    for (int i = 0; i < 64; i += 16) {
  // CHECK-NEXT:      wmma::fragment<wmma::matrix_a, 16, 16, 16, signed char, wmma::row_major> a1;
  // CHECK-NEXT:      wmma::load_matrix_sync(a1, &a[i], 64);
  // CHECK-NEXT:      wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char, wmma::col_major> b1;
  // CHECK-NEXT:      wmma::load_matrix_sync(b1, &b[i], 64);
  // CHECK-NEXT:      wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char, wmma::row_major> b2;
  // CHECK-NEXT:      wmma::load_matrix_sync(b2, &tile[0][16], 32);
  // CHECK-NEXT:      wmma::mma_sync(acc, a1, b1, acc);
  // CHECK-NEXT:      wmma::mma_sync(acc, a1, b2, acc);
  // CHECK-NEXT:    }
  // CHECK-NEXT:    wmma::store_matrix_sync(y, acc, 16, wmma::mem_row_major);
  // CHECK-NEXT:  }
  gpu.func @product(%a: memref<4096xi8> loc("a"), %b: memref<4096xi8> loc("b"), %y: memref<256xi32> loc("y"))
      workgroup(%tile: memref<16x32xi8, #shared>)
      kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c64 = arith.constant 64 : index
    %nil = arith.constant 0 : i32
    %zero = gpu.subgroup_mma_constant_matrix %nil : !gpu.mma_matrix<16x16xi32, "COp">
    %sum = scf.for %k = %c0 to %c64 step %c16 iter_args(%acc = %zero) -> !gpu.mma_matrix<16x16xi32, "COp"> {
      %ma = gpu.subgroup_mma_load_matrix %a[%k] {leadDimension = 64 : index} : memref<4096xi8> -> !gpu.mma_matrix<16x16xsi8, "AOp">
      %mb = gpu.subgroup_mma_load_matrix %b[%k] {leadDimension = 64 : index, transpose} : memref<4096xi8> -> !gpu.mma_matrix<16x16xsi8, "BOp">
      %mt = gpu.subgroup_mma_load_matrix %tile[%c0, %c16] {leadDimension = 32 : index} : memref<16x32xi8, #shared> -> !gpu.mma_matrix<16x16xsi8, "BOp">
      %s1 = gpu.subgroup_mma_compute %ma, %mb, %acc : !gpu.mma_matrix<16x16xsi8, "AOp">, !gpu.mma_matrix<16x16xsi8, "BOp"> -> !gpu.mma_matrix<16x16xi32, "COp">
      %s2 = gpu.subgroup_mma_compute %ma, %mt, %s1 : !gpu.mma_matrix<16x16xsi8, "AOp">, !gpu.mma_matrix<16x16xsi8, "BOp"> -> !gpu.mma_matrix<16x16xi32, "COp">
      scf.yield %s2 : !gpu.mma_matrix<16x16xi32, "COp">
    }
    gpu.subgroup_mma_store_matrix %sum, %y[%c0] {leadDimension = 16 : index} : !gpu.mma_matrix<16x16xi32, "COp">, memref<256xi32>
    gpu.return
  }
}
