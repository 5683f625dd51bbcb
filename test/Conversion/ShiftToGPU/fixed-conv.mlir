// RUN: shift-opt %s --select-gpu-kernels="strategies=*=shift" --convert-shift-to-gpu --canonicalize | FileCheck %s --check-prefix=SHIFT
// RUN: shift-opt %s --select-gpu-kernels="strategies=*=dp4a" --convert-shift-to-gpu --canonicalize | FileCheck %s --check-prefix=DP4A
// RUN: shift-opt %s --select-gpu-kernels="strategies=*=mma" --convert-shift-to-gpu --canonicalize | shift-opt | FileCheck %s --check-prefix=MMA

// Two tiles of 16 taps x 64 positions and two of 16 x 32 channels; codes of one
// bit, their table in shared memory, no product of data.
// SHIFT-LABEL: gpu.func @conv2d_0_shift(
// SHIFT-SAME:    memref<2304xi8>
// SHIFT-SAME:    workgroup(%{{.+}} : memref<2xi32, #gpu.address_space<workgroup>>, %{{.+}} : memref<2x16x64xi32, #gpu.address_space<workgroup>>, %{{.+}} : memref<2x1x16x36xi32, #gpu.address_space<workgroup>>)
// SHIFT-SAME:    array<i32: 128, 1, 1>
// SHIFT:         gpu.barrier
// SHIFT-NOT:     arith.muli {{.*}} : i32
// SHIFT:         %[[SUMS:.+]] = memref.alloca() : memref<4x4xi32>
// SHIFT-NOT:     arith.muli {{.*}} : i32
// SHIFT:         scf.for {{.*}} to %c144 step %c16 {
// SHIFT-NEXT:      gpu.barrier
// The next step's tiles, then this one's products.
// SHIFT:           scf.if
// SHIFT:           vector.load {{.*}} vector<4xi32>
// SHIFT:           vector.load {{.*}} vector<4xi32>
// SHIFT:           arith.shli {{.*}} : i32
// SHIFT:           arith.xori {{.*}} : i32
// SHIFT-NEXT:      arith.andi {{.*}} : i32
// SHIFT-NEXT:      arith.addi {{.*}} : i32
// SHIFT-NEXT:      memref.store %{{.+}}, %[[SUMS]]
// SHIFT-NOT:     arith.muli {{.*}} : i32
// SHIFT:         gpu.return

// Weights are expanded once, to whole tiles; unsigned activations are offset by
// 128.
// DP4A:       memref.global "private" @[[$WEIGHTS:.+]] : memref<5120xi8> = uninitialized
// DP4A-LABEL: gpu.func @pack_bytes_0_map(
// DP4A:         arith.xori %{{.+}}, %cst : vector<4xi8>
// DP4A-LABEL: gpu.func @expand_weights_1_setup(
// DP4A-LABEL: gpu.func @conv2d_2_dp4a(
// DP4A-COUNT-4: nvvm.dot.accumulate.4way %{{.+}} <signed>, %{{.+}} <signed>
// DP4A-NOT:     nvvm.dot
// DP4A:         gpu.return
// DP4A:         gpu.launch_func @kernels::@conv2d_2_dp4a
// DP4A-LABEL: func.func @setup()
// DP4A:         %[[EXPANDED:.+]] = memref.get_global @[[$WEIGHTS]]
// DP4A:         gpu.launch_func @kernels::@expand_weights_1_setup
// DP4A-SAME:      %[[EXPANDED]] : memref<5120xi8>

// Each warp multiplies two fragments by two; the sums take the tiles' place.
// MMA-LABEL: gpu.func @conv2d_2_mma(
// MMA:         gpu.subgroup_mma_constant_matrix
// MMA:         gpu.barrier
// MMA:         gpu.subgroup_mma_load_matrix {{.*}} -> !gpu.mma_matrix<16x16xsi8, "AOp">
// MMA:         gpu.subgroup_mma_load_matrix {{.*}}transpose} {{.*}} -> !gpu.mma_matrix<16x16xsi8, "BOp">
// MMA-COUNT-4: gpu.subgroup_mma_compute
// MMA-NOT:     gpu.subgroup_mma_compute
// MMA:         gpu.barrier
// MMA-COUNT-4: gpu.subgroup_mma_store_matrix
// MMA:         gpu.barrier
// MMA:         gpu.launch_func @kernels::@conv2d_2_mma blocks in (%c2, %{{.+}}, %{{.+}}) threads in (%c64,
// MMA-SAME:      accumulator_bits = 32 : i64
// MMA-SAME:      reason = "products of bytes by tensor cores, the worst case takes {{[0-9]+}} bits; asked for"

!q = !quant.uniform<u8:f32, 0.0625>
!w = tensor<32x16x3x3x!shift.pow2<-10:5>>
func.func @main(%x: tensor<1x16x12x12x!q>) -> tensor<1x32x10x10x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<576xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : !w
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, node_name = "conv",
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x16x12x12x!q>, !w) -> tensor<1x32x10x10x!q>
  return %0 : tensor<1x32x10x10x!q>
}
