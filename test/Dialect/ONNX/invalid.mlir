// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @add_shapes(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@below {{expected shapes that broadcast, got 3 and 2 in dimension 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Add %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @add_element(%x: tensor<2xf32>, %y: tensor<2xi32>) {
  // expected-error@below {{expected element type 'f32', got 'i32'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Add %x, %y : (tensor<2xf32>, tensor<2xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @add_result(%x: tensor<2xf32>) {
  // expected-error@below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @min_of_nothing() {
  // expected-error@below {{expected at least one input, got none}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Min : () -> tensor<2xf32>
  return
}

// -----

func.func @dynamic(%x: tensor<?xf32>) {
  // expected-error@below {{statically shaped tensor}}
  %0 = onnx.Relu %x : (tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @relu_type(%x: tensor<2xf32>) {
  // expected-error@below {{all of {X, result} have same type}}
  %0 = onnx.Relu %x : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @prelu_slope(%x: tensor<3xf32>, %s: tensor<2x3xf32>) {
  // expected-error@below {{expected a slope that broadcasts to X}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.PRelu %x, %s : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @clip_bound(%x: tensor<2xf32>) {
  // expected-error@below {{expected bounds of type 'f32'}}
  %0 = onnx.Clip %x {min = 0 : i32} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @softmax_axis(%x: tensor<2xf32>) {
  // expected-error@below {{expected axis in [-1, 1), got 1}}
  %0 = onnx.Softmax %x {axis = 1 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @reduce_axes(%x: tensor<2xf32>) {
  // expected-error@below {{expected axes in [0, 1), got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ReduceSum %x {axes = array<i64: 1>} : (tensor<2xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @conv_rank(%x: tensor<1x1x4xf32>, %w: tensor<1x1x1x1xf32>) {
  // expected-error@below {{expected X and W of one rank of at least 3, got ranks 3 and 4}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x1x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4xf32>
  return
}

// -----

func.func @conv_group(%x: tensor<1x3x4xf32>, %w: tensor<2x1x1xf32>) {
  // expected-error@below {{expected channels that divide into groups, got 3 inputs, W of 2 and group 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, group = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x3x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x3x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected W for 3 input channels, got one for 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x3x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_bias(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>, %b: tensor<3xf32>) {
  // expected-error@below {{expected a bias of 2 elements, got 'tensor<3xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w, %b {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>, tensor<3xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_strides(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected strides of at least 1 and at most 2^31, got 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_pads(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected 2 pads, got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_window(%x: tensor<1x2x4xf32>, %w: tensor<2x2x5xf32>) {
  // expected-error@below {{expected a window that fits dimension 0 of size 4 with its padding, got an empty result}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x5xf32>) -> tensor<1x2x1xf32>
  return
}

// -----

func.func @conv_transpose_pads(%x: tensor<1x1x2xf32>, %w: tensor<1x1x2xf32>) {
  // expected-error@below {{expected pads that leave a result}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, output_padding = array<i64: 0>, pads = array<i64: 2, 2>, strides = array<i64: 1>}
    : (tensor<1x1x2xf32>, tensor<1x1x2xf32>) -> tensor<1x1x1xf32>
  return
}

// -----

func.func @gemm_inner(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) {
  // expected-error@below {{expected equal inner dimensions, got 3 and 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gemm %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gemm_c(%a: tensor<1x3xf32>, %b: tensor<3x2xf32>, %c: tensor<4x2xf32>) {
  // expected-error@below {{expected C that broadcasts to the result}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gemm %a, %b, %c : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @matmul_inner(%a: tensor<2x3xf32>, %b: tensor<4x2xf32>) {
  // expected-error@below {{expected equal inner dimensions, got 3 and 4}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MatMul %a, %b : (tensor<2x3xf32>, tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @batch_norm_parameters(%x: tensor<1x4x2xf32>, %s: tensor<3xf32>) {
  // expected-error@below {{expected parameters of 4 elements, got 'tensor<3xf32>'}}
  %0 = onnx.BatchNormalization %x, %s, %s, %s, %s
    : (tensor<1x4x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x4x2xf32>
  return
}

// -----

func.func @group_norm_groups(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>) {
  // expected-error@below {{expected num_groups that divide 4 channels, got 3}}
  %0 = onnx.GroupNormalization %x, %s, %s {num_groups = 3 : i64} : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2xf32>
  return
}

// -----

func.func @instance_norm_rank(%x: tensor<4xf32>, %s: tensor<4xf32>) {
  // expected-error@below {{expected X of rank 2 or more, got rank 1}}
  %0 = onnx.InstanceNormalization %x, %s, %s : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @pool_rank(%x: tensor<1x4xf32>) {
  // expected-error@below {{expected X of rank 3 or more, got rank 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.GlobalMaxPool %x : (tensor<1x4xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @concat_shapes(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
  // expected-error@below {{expected inputs equal but for axis 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Concat %x, %y {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @split_sum(%x: tensor<6xf32>) {
  // expected-error@below {{expected parts that sum to 6, got 5}}
  // expected-error@below {{failed to infer returned types}}
  %0:2 = onnx.Split %x {split = array<i64: 2, 3>} : (tensor<6xf32>) -> (tensor<2xf32>, tensor<3xf32>)
  return
}

// -----

func.func @slice_step(%x: tensor<6xf32>) {
  // expected-error@below {{expected a valid axis and a step that is not 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Slice %x {axes = array<i64: 0>, ends = array<i64: 4>, starts = array<i64: 0>, steps = array<i64: 0>} : (tensor<6xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @reshape_count(%x: tensor<6xf32>) {
  // expected-error@below {{expected 6 elements, got 5}}
  %0 = onnx.Reshape %x : (tensor<6xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @squeeze_type(%x: tensor<6xf32>) {
  // expected-error@below {{expected element type 'f32', got 'i32'}}
  %0 = onnx.Squeeze %x {axes = array<i64>} : (tensor<6xf32>) -> tensor<6xi32>
  return
}

// -----

func.func @transpose_perm(%x: tensor<2x3xf32>) {
  // expected-error@below {{expected perm to be a permutation}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Transpose %x {perm = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @gather_indices(%x: tensor<2xf32>) {
  // expected-error@below {{expected integer indices, got 'tensor<2xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gather %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @constant_of_shape_value() {
  // expected-error@below {{expected one value of the result's element type}}
  %0 = onnx.ConstantOfShape {value = dense<1> : tensor<2xi32>} : () -> tensor<2xi32>
  return
}

// -----

func.func @expand_shape(%x: tensor<4xf32>) {
  // expected-error@below {{expected an input that broadcasts to the result}}
  %0 = onnx.Expand %x : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @cast_shape(%x: tensor<4xf32>) {
  // expected-error@below {{expected equal shapes}}
  %0 = onnx.Cast %x : (tensor<4xf32>) -> tensor<2x2xi32>
  return
}

// -----

func.func @pad_mode(%x: tensor<4xf32>) {
  // expected-error@below {{expected mode constant, reflect, edge or wrap, got 'mirror'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Pad %x {mode = "mirror", pads = array<i64: 1, 1>} : (tensor<4xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_negative(%x: tensor<4xf32>) {
  // expected-error@below {{expected pads that leave a result in dimension 0, got -3 and -2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Pad %x {pads = array<i64: -3, -2>} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @resize_scales(%x: tensor<4xf32>) {
  // expected-error@below {{expected positive scales, got 0}}
  %0 = onnx.Resize %x {scales = array<f32: 0.0>} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @upsample_count(%x: tensor<4xf32>) {
  // expected-error@below {{expected one scale a dimension and equal ranks}}
  %0 = onnx.Upsample %x {scales = array<f32: 1.0, 2.0>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @quantize_scale(%x: tensor<2x3xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{expected a scalar scale or one a slice of axis 1}}
  %0 = onnx.QuantizeLinear %x, %s {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xui8>
  return
}

// -----

func.func @dequantize_zero_point(%x: tensor<2x3xui8>, %s: tensor<3xf32>, %z: tensor<ui8>) {
  // expected-error@below {{expected a zero point of the scale's shape}}
  %0 = onnx.DequantizeLinear %x, %s, %z {axis = 1 : i64} : (tensor<2x3xui8>, tensor<3xf32>, tensor<ui8>) -> tensor<2x3xf32>
  return
}
