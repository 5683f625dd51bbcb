// RUN: rm -rf %t && split-file %s %t
// RUN: not shift-translate --mlir-to-cuda %t/op.mlir 2>&1 | FileCheck %s --check-prefix=OP
// RUN: not shift-translate --mlir-to-cuda %t/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not shift-translate --mlir-to-cuda %t/dot.mlir 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: not shift-translate --mlir-to-cuda %t/copy.mlir 2>&1 | FileCheck %s --check-prefix=COPY
// RUN: not shift-translate --mlir-to-cuda %t/index.mlir 2>&1 | FileCheck %s --check-prefix=INDEX
// RUN: not shift-translate --mlir-to-cuda %t/parameter.mlir 2>&1 | FileCheck %s --check-prefix=PARAMETER
// RUN: not shift-translate --mlir-to-cuda %t/atomic.mlir 2>&1 | FileCheck %s --check-prefix=ATOMIC
// RUN: not shift-translate --mlir-to-cuda %t/name.mlir 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not shift-translate --mlir-to-cuda %t/lane.mlir 2>&1 | FileCheck %s --check-prefix=LANE
// RUN: not shift-translate --mlir-to-cuda %t/matrix.mlir 2>&1 | FileCheck %s --check-prefix=MATRIX
// RUN: not shift-translate --mlir-to-cuda %t/unconverted.mlir 2>&1 | FileCheck %s --check-prefix=UNCONVERTED

//--- op.mlir
// OP: error: cannot print '{{.*}}op.mlir': {{.*}}op.mlir{{.*}}: cannot print 'math.sin' in kernel 'k'
gpu.module @m {
  gpu.func @k(%x: memref<4xf32>) kernel {
    %c0 = arith.constant 0 : index
    %v = memref.load %x[%c0] : memref<4xf32>
    %s = math.sin %v : f32
    memref.store %s, %x[%c0] : memref<4xf32>
    gpu.return
  }
}
//--- type.mlir
// TYPE: cannot print 'vector.load' in kernel 'k': expected types that CUDA C++ has, got vector<3xf32>
gpu.module @m {
  gpu.func @k(%x: memref<4xf32>) kernel {
    %c0 = arith.constant 0 : index
    %v = vector.load %x[%c0] : memref<4xf32>, vector<3xf32>
    vector.store %v, %x[%c0] : memref<4xf32>, vector<3xf32>
    gpu.return
  }
}
//--- dot.mlir
// DOT: cannot print 'nvvm.dot.accumulate.4way' in kernel 'k': CUDA C++ has no __dp4a of signed and unsigned bytes
gpu.module @m {
  gpu.func @k(%x: memref<4xi32>) kernel {
    %c0 = arith.constant 0 : index
    %n = arith.constant 0 : i32
    %v = arith.constant dense<1> : vector<4xi8>
    %s = nvvm.dot.accumulate.4way %v <signed>, %v <unsigned>, %n : vector<4xi8>, vector<4xi8>
    memref.store %s, %x[%c0] : memref<4xi32>
    gpu.return
  }
}
//--- copy.mlir
// COPY: cannot print 'nvgpu.device_async_copy' in kernel 'k': expected a copy of 4, 8 or 16 bytes, got 12
gpu.module @m {
  gpu.func @k(%x: memref<64xi32>) workgroup(%t: memref<64xi32, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    %v = nvgpu.device_async_copy %x[%c0], %t[%c0], 3 : memref<64xi32> to memref<64xi32, #gpu.address_space<workgroup>>
    gpu.return
  }
}
//--- index.mlir
// INDEX: cannot print 'arith.constant' in kernel 'k': expected an index of 32 bits, got 4294967296
gpu.module @m {
  gpu.func @k(%x: memref<64xi32>) kernel {
    %c = arith.constant 4294967296 : index
    %v = memref.load %x[%c] : memref<64xi32>
    memref.store %v, %x[%c] : memref<64xi32>
    gpu.return
  }
}
//--- parameter.mlir
// PARAMETER: cannot print 'gpu.func' in kernel 'k': expected flat buffers of numbers as parameters, got memref<8x8xi32>
gpu.module @m {
  gpu.func @k(%x: memref<8x8xi32>) kernel {
    gpu.return
  }
}
//--- atomic.mlir
// ATOMIC: cannot print 'memref.atomic_rmw' in kernel 'k': expected addi, {{.*}}, got addf
gpu.module @m {
  gpu.func @k(%x: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    %v = arith.constant 1.0 : f32
    %o = memref.atomic_rmw addf %v, %x[%c0] : (f32, memref<8xf32>) -> f32
    gpu.return
  }
}
//--- name.mlir
// NAME: cannot print 'gpu.func' in kernel 'conv.1': expected a name that C++ permits
gpu.module @m {
  gpu.func @"conv.1"(%x: memref<8xf32>) kernel {
    gpu.return
  }
}
//--- lane.mlir
// LANE: cannot print 'gpu.lane_id' in kernel 'k': expected a kernel with known_block_size of one dimension
gpu.module @m {
  gpu.func @k(%x: memref<8xf32>) kernel {
    %l = gpu.lane_id
    %v = memref.load %x[%l] : memref<8xf32>
    memref.store %v, %x[%l] : memref<8xf32>
    gpu.return
  }
}
//--- matrix.mlir
// MATRIX: cannot print 'gpu.subgroup_mma_load_matrix' in kernel 'k': expected a 16x16 matrix of si8, or of i32 as COp, got !gpu.mma_matrix<16x16xf16, "AOp">
gpu.module @m {
  gpu.func @k(%x: memref<256xi32>) workgroup(%t: memref<256xf16, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    %a = gpu.subgroup_mma_load_matrix %t[%c0] {leadDimension = 16 : index} : memref<256xf16, #gpu.address_space<workgroup>> -> !gpu.mma_matrix<16x16xf16, "AOp">
    gpu.return
  }
}
//--- unconverted.mlir
// UNCONVERTED: error: cannot print '{{.*}}unconverted.mlir': {{.*}}expected the result of convert-shift-to-gpu: kernels in a gpu.module
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  return %x : tensor<1x2xf32>
}
