// The whole text of what the pipeline makes of two layers: products by tensor
// cores where weights are bytes relative to their smallest one, shifts and
// additions of codes where they are not.
// RUN: shift-translate --mlir-to-cuda --cuda-arch=sm_80 %s -o %t.cu
// RUN: sed -n '/^\/\/ shift.conv2d .bytes/,/^}/p' %t.cu | diff %S/Inputs/layer-mma.cu -
// RUN: sed -n '/^\/\/ shift.conv2d .codes/,/^}/p' %t.cu | diff %S/Inputs/layer-shift.cu -

!q = !quant.uniform<u8:f32, 0.0625>
!w = tensor<64x64x3x3x!shift.pow2<-10:5>>
func.func @main(%x: tensor<1x64x20x20x!q>) -> tensor<1x64x20x20x!q> {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<4608xi8>,
    exponents = array<i8: -2, 4>, name = "w", signs = array<i8: -1, 1>} : !w
  %v = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<4608xi8>,
    exponents = array<i8: -9, 0>, name = "v", signs = array<i8: -1, 1>} : !w
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, node_name = "bytes",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x20x20x!q>, !w) -> tensor<1x64x20x20x!q>
  %1 = shift.conv2d %0, %v {dilations = array<i64: 1, 1>, node_name = "codes",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x20x20x!q>, !w) -> tensor<1x64x20x20x!q>
  return %1 : tensor<1x64x20x20x!q>
}
