// A convolution for each strategy: its name says which.
!q = !quant.uniform<u8:f32, 0.0625>
!p = !shift.pow2<-4:0>
func.func @main(%x: tensor<1x64x16x16x!q> {onnx.name = "x"})
    -> (tensor<1x64x16x16x!q> {onnx.name = "y"}) {
  %w = shift.weight {bits = 1 : i64, codes = dense<90> : tensor<4608xi8>,
    exponents = array<i8: -2, 0>, name = "w", signs = array<i8: -1, 1>} : tensor<64x64x3x3x!p>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, node_name = "mma",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x16x16x!q>, tensor<64x64x3x3x!p>) -> tensor<1x64x16x16x!q>
  %1 = shift.conv2d %0, %w {dilations = array<i64: 1, 1>, node_name = "dp4a",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x16x16x!q>, tensor<64x64x3x3x!p>) -> tensor<1x64x16x16x!q>
  %2 = shift.conv2d %1, %w {dilations = array<i64: 1, 1>, node_name = "shift",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    : (tensor<1x64x16x16x!q>, tensor<64x64x3x3x!p>) -> tensor<1x64x16x16x!q>
  return %2 : tensor<1x64x16x16x!q>
}
