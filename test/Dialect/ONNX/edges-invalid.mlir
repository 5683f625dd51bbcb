// Every way to break what invalid.mlir shows once.
// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @pow_shapes(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@below {{expected shapes that broadcast, got 3 and 2 in dimension 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Pow %x, %y : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @prelu_shapes(%x: tensor<2x3xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{expected shapes that broadcast, got 3 and 2 in dimension 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.PRelu %x, %s : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @max_element(%x: tensor<2xf32>, %y: tensor<2xi64>) {
  // expected-error@below {{expected element type 'f32', got 'i64'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Max %x, %y : (tensor<2xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @clip_no_number(%x: tensor<2xf32>) {
  // expected-error@below {{expected bounds of type 'f32'}}
  %0 = onnx.Clip %x {max = "six"} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @softmax_scalar(%x: tensor<f32>) {
  // expected-error@below {{expected axis in [0, 0), got -1}}
  %0 = onnx.Softmax %x : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_negative(%x: tensor<2xf32>) {
  // expected-error@below {{expected axes in [0, 1), got -1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ReduceMean %x {axes = array<i64: -1>} : (tensor<2xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @conv_no_spatial(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) {
  // expected-error@below {{expected X and W of one rank of at least 3, got ranks 2 and 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @conv_group_zero(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected channels that divide into groups, got 2 inputs, W of 2 and group 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, group = 0 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_dilations(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected dilations of at least 1 and at most 2^31, got 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 0>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_negative_pads(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected pads of at least 0 and at most 2^31, got -1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: -1, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_dilation_count(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected 1 dilations, got 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_huge_stride(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>) {
  // expected-error@below {{expected strides of at least 1 and at most 2^31, got 4294967296}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Conv %x, %w {dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 4294967296>}
    : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @conv_transpose_rank(%x: tensor<1x2x4xf32>, %w: tensor<2x2xf32>) {
  // expected-error@below {{expected X and W of one rank of at least 3, got ranks 3 and 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @conv_transpose_channels(%x: tensor<1x2x4xf32>, %w: tensor<4x2x2xf32>) {
  // expected-error@below {{expected W for 2 input channels, got one for 4}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<4x2x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @conv_transpose_bias(%x: tensor<1x2x4xf32>, %w: tensor<2x2x2xf32>, %b: tensor<1xf32>) {
  // expected-error@below {{expected a bias of 2 elements, got 'tensor<1xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w, %b {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x2xf32>, tensor<1xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @conv_transpose_padding(%x: tensor<1x2x4xf32>, %w: tensor<2x2x2xf32>) {
  // expected-error@below {{expected output paddings of at least 0 and at most 2^31, got -1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: -1>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @conv_transpose_padding_count(%x: tensor<1x2x4xf32>, %w: tensor<2x2x2xf32>) {
  // expected-error@below {{expected 1 output paddings, got 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>, tensor<2x2x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @conv_transpose_strides(%x: tensor<1x2x4xf32>, %w: tensor<2x2x2xf32>) {
  // expected-error@below {{expected strides of at least 1 and at most 2^31, got 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.ConvTranspose %x, %w {dilations = array<i64: 1>, group = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 0>}
    : (tensor<1x2x4xf32>, tensor<2x2x2xf32>) -> tensor<1x2x5xf32>
  return
}

// -----

func.func @gemm_rank(%a: tensor<2x3x1xf32>, %b: tensor<3x2xf32>) {
  // expected-error@below {{expected matrices, got ranks 3 and 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gemm %a, %b : (tensor<2x3x1xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @gemm_transposed(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error@below {{expected equal inner dimensions, got 2 and 3}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gemm %a, %b {transA = 1 : i64} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @gemm_c_shape(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<3xf32>) {
  // expected-error@below {{expected shapes that broadcast, got 4 and 3 in dimension 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gemm %a, %b, %c : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_scalar(%a: tensor<f32>, %b: tensor<3x2xf32>) {
  // expected-error@below {{expected operands of rank 1 or more}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MatMul %a, %b : (tensor<f32>, tensor<3x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @matmul_batch(%a: tensor<2x2x3xf32>, %b: tensor<4x3x2xf32>) {
  // expected-error@below {{expected shapes that broadcast, got 2 and 4 in dimension 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MatMul %a, %b : (tensor<2x2x3xf32>, tensor<4x3x2xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

func.func @instance_norm_parameters(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>, %b: tensor<4x1xf32>) {
  // expected-error@below {{expected parameters of 4 elements, got 'tensor<4x1xf32>'}}
  %0 = onnx.InstanceNormalization %x, %s, %b : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<4x1xf32>) -> tensor<1x4x2xf32>
  return
}

// -----

func.func @group_norm_parameters(%x: tensor<1x4x2xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{expected parameters of 4 elements, got 'tensor<2xf32>'}}
  %0 = onnx.GroupNormalization %x, %s, %s {num_groups = 2 : i64} : (tensor<1x4x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x4x2xf32>
  return
}

// -----

func.func @group_norm_no_groups(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>) {
  // expected-error@below {{expected num_groups that divide 4 channels, got 0}}
  %0 = onnx.GroupNormalization %x, %s, %s {num_groups = 0 : i64} : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2xf32>
  return
}

// -----

func.func @max_pool_rank(%x: tensor<2x4xf32>) {
  // expected-error@below {{expected X of rank 3 or more, got rank 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MaxPool %x {dilations = array<i64: 1>, kernel_shape = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<2x4xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @max_pool_kernel_count(%x: tensor<1x2x4xf32>) {
  // expected-error@below {{expected 1 kernel sizes, got 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MaxPool %x {dilations = array<i64: 1>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

func.func @max_pool_kernel(%x: tensor<1x2x4xf32>) {
  // expected-error@below {{expected kernel sizes of at least 1 and at most 2^31, got 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.MaxPool %x {dilations = array<i64: 1>, kernel_shape = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

func.func @average_pool_window(%x: tensor<1x2x4xf32>) {
  // expected-error@below {{expected a window that fits dimension 0 of size 4 with its padding, got an empty result}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.AveragePool %x {dilations = array<i64: 1>, kernel_shape = array<i64: 5>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

func.func @average_pool_result(%x: tensor<1x2x4xf32>) {
  // expected-error@below {{inferred type(s) 'tensor<1x2x3xf32>' are incompatible with return type(s) of operation 'tensor<1x2x4xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.AveragePool %x {dilations = array<i64: 1>, kernel_shape = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 1>}
    : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @global_average_pool_rank(%x: tensor<1x4xf32>) {
  // expected-error@below {{expected X of rank 3 or more, got rank 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.GlobalAveragePool %x : (tensor<1x4xf32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @concat_of_nothing() {
  // expected-error@below {{expected at least one input, got none}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Concat {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_axis(%x: tensor<2xf32>) {
  // expected-error@below {{expected axis in [-1, 1), got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Concat %x {axis = 1 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @concat_element(%x: tensor<2xf32>, %y: tensor<2xi32>) {
  // expected-error@below {{expected inputs of one rank and type, got 'tensor<2xf32>' and 'tensor<2xi32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Concat %x, %y {axis = 0 : i64} : (tensor<2xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @concat_rank(%x: tensor<2xf32>, %y: tensor<2x1xf32>) {
  // expected-error@below {{expected inputs of one rank and type, got 'tensor<2xf32>' and 'tensor<2x1xf32>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Concat %x, %y {axis = 0 : i64} : (tensor<2xf32>, tensor<2x1xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @split_part(%x: tensor<6xf32>) {
  // expected-error@below {{expected parts in [0, 6], got -1}}
  // expected-error@below {{failed to infer returned types}}
  %0:2 = onnx.Split %x {split = array<i64: -1, 7>} : (tensor<6xf32>) -> (tensor<7xf32>, tensor<1xf32>)
  return
}

// -----

func.func @split_axis(%x: tensor<6xf32>) {
  // expected-error@below {{expected axis in [-1, 1), got 2}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Split %x {axis = 2 : i64, split = array<i64: 6>} : (tensor<6xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @slice_lengths(%x: tensor<6xf32>) {
  // expected-error@below {{expected starts, ends, axes and steps of one length}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Slice %x {axes = array<i64: 0>, ends = array<i64: 4>, starts = array<i64>, steps = array<i64: 1>} : (tensor<6xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @transpose_count(%x: tensor<2x3xf32>) {
  // expected-error@below {{expected perm of 2 entries, got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Transpose %x {perm = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @gather_axis(%x: tensor<2xf32>, %i: tensor<i64>) {
  // expected-error@below {{expected axis in [-1, 1), got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Gather %x, %i {axis = 1 : i64} : (tensor<2xf32>, tensor<i64>) -> tensor<f32>
  return
}

// -----

func.func @shape_type(%x: tensor<2x3xf32>) {
  // expected-error@below {{inferred type(s) 'tensor<2xi64>' are incompatible with return type(s) of operation 'tensor<3xi64>'}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Shape %x : (tensor<2x3xf32>) -> tensor<3xi64>
  return
}

// -----

func.func @constant_of_shape_type() {
  // expected-error@below {{expected one value of the result's element type}}
  %0 = onnx.ConstantOfShape {value = dense<1> : tensor<1xi32>} : () -> tensor<2xf32>
  return
}

// -----

func.func @pad_count(%x: tensor<4xf32>) {
  // expected-error@below {{expected 2 pads, got 1}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Pad %x {pads = array<i64: 1>} : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @pad_huge(%x: tensor<4xf32>) {
  // expected-error@below {{expected pads that leave a result in dimension 0, got 4294967296 and 0}}
  // expected-error@below {{failed to infer returned types}}
  %0 = onnx.Pad %x {pads = array<i64: 4294967296, 0>} : (tensor<4xf32>) -> tensor<4294967300xf32>
  return
}

// -----

func.func @resize_coordinates(%x: tensor<4xf32>) {
  // expected-error@below {{unknown coordinate_transformation_mode 'round'}}
  %0 = onnx.Resize %x {coordinate_transformation_mode = "round", scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resize_nearest_mode(%x: tensor<4xf32>) {
  // expected-error@below {{unknown nearest_mode 'up'}}
  %0 = onnx.Resize %x {nearest_mode = "up", scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resize_mode(%x: tensor<4xf32>) {
  // expected-error@below {{expected mode nearest, linear or cubic, got 'area'}}
  %0 = onnx.Resize %x {mode = "area", scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resize_size(%x: tensor<4xf32>) {
  // expected-error@below {{expected a result of size}}
  %0 = onnx.Resize %x {scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<16xf32>
  return
}

// -----

func.func @resize_infinite(%x: tensor<4xf32>) {
  // expected-error@below {{expected positive scales, got}}
  %0 = onnx.Resize %x {scales = array<f32: 0x7F800000>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @upsample_mode(%x: tensor<4xf32>) {
  // expected-error@below {{expected mode nearest, linear or cubic, got 'area'}}
  %0 = onnx.Upsample %x {mode = "area", scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @quantize_shape(%x: tensor<2xf32>, %s: tensor<f32>) {
  // expected-error@below {{expected equal shapes}}
  %0 = onnx.QuantizeLinear %x, %s : (tensor<2xf32>, tensor<f32>) -> tensor<3xui8>
  return
}

// -----

func.func @quantize_axis(%x: tensor<2xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{expected axis in [-1, 1), got 1}}
  %0 = onnx.QuantizeLinear %x, %s {axis = 1 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xui8>
  return
}

// -----

func.func @flatten_axis(%x: tensor<2x3xf32>) {
  // expected-error@below {{expected axis in [-2, 2], got 3}}
  %0 = onnx.Flatten %x {axis = 3 : i64} : (tensor<2x3xf32>) -> tensor<6x1xf32>
  return
}

// -----

func.func @flatten_shape(%x: tensor<2x3x4xf32>) {
  // expected-error@below {{expected a result of shape [6, 4], got 'tensor<2x12xf32>'}}
  %0 = onnx.Flatten %x {axis = 2 : i64} : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
  return
}

// -----

func.func @squeeze_axis(%x: tensor<1x2xf32>) {
  // expected-error@below {{expected axis in [-2, 2), got 2}}
  %0 = onnx.Squeeze %x {axes = array<i64: 2>} : (tensor<1x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @squeeze_axis_twice(%x: tensor<1x2xf32>) {
  // expected-error@below {{expected different axes, got -2 twice}}
  %0 = onnx.Squeeze %x {axes = array<i64: 0, -2>} : (tensor<1x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @squeeze_size(%x: tensor<1x2xf32>) {
  // expected-error@below {{expected size 1 at axis 1, got 2}}
  %0 = onnx.Squeeze %x {axes = array<i64: 1>} : (tensor<1x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @squeeze_shape(%x: tensor<1x2x1xf32>) {
  // expected-error@below {{expected a result that differs by the axes only, got 'tensor<2xf32>'}}
  %0 = onnx.Squeeze %x {axes = array<i64: 0>} : (tensor<1x2x1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @unsqueeze_shape(%x: tensor<2x3xf32>) {
  // expected-error@below {{expected a result that differs by the axes only, got 'tensor<1x3x2xf32>'}}
  %0 = onnx.Unsqueeze %x {axes = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

func.func @unsqueeze_size(%x: tensor<2x3xf32>) {
  // expected-error@below {{expected size 1 at axis 0, got 2}}
  %0 = onnx.Unsqueeze %x {axes = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2x1x3xf32>
  return
}

// -----

func.func @expand_element(%x: tensor<1xf32>) {
  // expected-error@below {{expected a result of the input's element type, got 'tensor<1xf32>' and 'tensor<2xi32>'}}
  %0 = onnx.Expand %x : (tensor<1xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @resize_element(%x: tensor<4xf32>) {
  // expected-error@below {{expected a result of the input's element type, got 'tensor<4xf32>' and 'tensor<8xi8>'}}
  %0 = onnx.Resize %x {scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xi8>
  return
}

// -----

func.func @upsample_element(%x: tensor<4xf32>) {
  // expected-error@below {{expected a result of the input's element type, got 'tensor<4xf32>' and 'tensor<8xi8>'}}
  %0 = onnx.Upsample %x {scales = array<f32: 2.0>} : (tensor<4xf32>) -> tensor<8xi8>
  return
}

// -----

func.func @conv_mixed_elements(%x: tensor<1x1x2x2xf32>, %w: tensor<1x1x1x1xi8>) {
  // expected-error@below {{requires the same element type for all operands and results}}
  %0 = "onnx.Conv"(%x, %w) {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xi8>) -> tensor<1x1x2x2xf32>
  return
}

// -----

func.func @pad_border_of_another_type(%x: tensor<2xf32>) {
  // expected-error@below {{expected a constant_value of type 'f32', got "a"}}
  // expected-error@below {{failed to infer}}
  %0 = "onnx.Pad"(%x) {constant_value = "a", mode = "constant", pads = array<i64: 1, 1>} : (tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @quantize_linear_to_float(%x: tensor<2xf32>, %s: tensor<f32>) {
  // expected-error@below {{expected a float scale of the real numbers' type and an integer zero point of the quantized numbers' type, got real 'f32', scale 'f32', quantized 'f32'}}
  %0 = "onnx.QuantizeLinear"(%x, %s) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 0>} : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return
}
