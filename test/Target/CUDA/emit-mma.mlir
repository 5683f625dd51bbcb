// RUN: shift-translate --mlir-to-cuda %s | FileCheck %s
#shared = #gpu.address_space<workgroup>
gpu.module @kernels {
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
