// RUN: rm -rf %t && split-file %s %t
// RUN: not shift-translate --mlir-to-cuda %t/op.mlir 2>&1 | FileCheck %s --check-prefix=OP
// RUN: not shift-translate --mlir-to-cuda %t/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not shift-translate --mlir-to-cuda %t/dot.mlir 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: not shift-translate --mlir-to-cuda %t/shuffle.mlir 2>&1 | FileCheck %s --check-prefix=SHUFFLE
// RUN: not shift-translate --mlir-to-cuda %t/index.mlir 2>&1 | FileCheck %s --check-prefix=INDEX
// RUN: not shift-translate --mlir-to-cuda %t/parameter.mlir 2>&1 | FileCheck %s --check-prefix=PARAMETER
// RUN: not shift-translate --mlir-to-cuda %t/atomic.mlir 2>&1 | FileCheck %s --check-prefix=ATOMIC
// RUN: not shift-translate --mlir-to-cuda %t/name.mlir 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not shift-translate --mlir-to-cuda %t/lane.mlir 2>&1 | FileCheck %s --check-prefix=LANE
// RUN: not shift-translate --mlir-to-cuda %t/matrix.mlir 2>&1 | FileCheck %s --check-prefix=MATRIX
// RUN: not shift-translate --mlir-to-cuda %t/blocks.mlir 2>&1 | FileCheck %s --check-prefix=BLOCKS
// RUN: not shift-translate --mlir-to-cuda %t/roles.mlir 2>&1 | FileCheck %s --check-prefix=ROLES

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
//--- shuffle.mlir
// SHUFFLE: cannot print 'gpu.shuffle' in kernel 'k': the second result has no text
gpu.module @m {
  gpu.func @k(%x: memref<64xi32>, %y: memref<64xi8>) kernel {
    %c0 = arith.constant 0 : index
    %n = arith.constant 32 : i32
    %v = memref.load %x[%c0] : memref<64xi32>
    %s, %valid = gpu.shuffle xor %v, %n, %n : i32
    %e = arith.extui %valid : i1 to i8
    memref.store %e, %y[%c0] : memref<64xi8>
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
// MATRIX: cannot print 'gpu.subgroup_mma_load_matrix' in kernel 'k': expected a 16x16 matrix of si8, or of i32 as COp, got !gpu.mma_matrix<16x16xui8, "AOp">
gpu.module @m {
  gpu.func @k(%x: memref<256xi32>) workgroup(%t: memref<256xi8, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    %a = gpu.subgroup_mma_load_matrix %t[%c0] {leadDimension = 16 : index} : memref<256xi8, #gpu.address_space<workgroup>> -> !gpu.mma_matrix<16x16xui8, "AOp">
    gpu.return
  }
}
//--- blocks.mlir
// BLOCKS: error: cannot print '{{.*}}blocks.mlir': {{.*}}expected blocks of the kernel's known_block_size
module attributes {gpu.container_module} {
  gpu.module @m {
    gpu.func @k(%x: memref<8xf32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      gpu.return
    }
  }
  func.func @main(%x: memref<8xf32> {shift.name = "x", shift.type = tensor<8xf32>, shift.role = "output"}) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @m::@k blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%x : memref<8xf32>)
    return
  }
}
//--- roles.mlir
// ROLES: error: cannot print '{{.*}}roles.mlir': {{.*}}expected the result of convert-shift-to-cpu or convert-shift-to-gpu
module attributes {gpu.container_module} {
  gpu.module @m {
    gpu.func @k(%x: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @main(%x: memref<8xf32>) {
    return
  }
}
