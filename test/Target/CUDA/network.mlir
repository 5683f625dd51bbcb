// A network goes through the GPU pipeline on its way.
// RUN: shift-translate --mlir-to-cuda %s -o %t.cu
// RUN: FileCheck %s --input-file=%t.cu

// CHECK: // shift.conv2d 1x16x8x8
// CHECK: extern "C" __global__ void __launch_bounds__({{[0-9]+}})
// CHECK: static const char *setUp(
// CHECK: steps.launch("expand_weights_1_setup"
// CHECK: steps.launch("shift.conv2d", stream{{[0-9]+}}, {{.+}} pack_bytes_0_map
// CHECK: steps.launch("shift.conv2d", stream{{[0-9]+}}, {{.+}} conv2d_2_{{[a-z0-9]+}}
// CHECK: dtype\":\"u8\"
!u8 = !quant.uniform<u8:f32, 0.125>
!s8 = !quant.uniform<i8:f32, 0.125>
func.func @main(%x: tensor<1x16x8x8x!u8> {onnx.name = "x"})
    -> (tensor<1x6x8x8x!s8> {onnx.name = "y"}) {
  %w = shift.weight {bits = 1 : i64, codes = dense<85> : tensor<12xi8>,
    exponents = array<i8: 1, 3>, name = "w", signs = array<i8: -1, 1>}
    : tensor<6x16x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x16x8x8x!u8>, tensor<6x16x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x6x8x8x!s8>
  return %0 : tensor<1x6x8x8x!s8>
}
