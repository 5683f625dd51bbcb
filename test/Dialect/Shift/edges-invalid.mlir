// Every way to break a constraint that invalid.mlir and activation-invalid.mlir
// show once.
// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @conv2d_c1_result(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected tensors of rank 4, got ranks 4 and 3}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<4x8x8xf32>
  return
}

// -----

func.func @conv2d_c2_dilation(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 0>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c2_pads(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{pads of at least 0}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: -1, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x7x8xf32>
  return
}

// -----

func.func @conv2d_c2_strides(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected 2 kernel sizes, 2 strides, 2 dilations}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c3_inputs(
    %x: tensor<1x3x8x8xf32>,
    %w: tensor<4x1x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{got 3 inputs and group 2}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x3x8x8xf32>, tensor<4x1x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c3_outputs(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<3x2x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{a group that divides 3 outputs, got 4 inputs and group 2}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 2 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<3x2x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x3x8x8xf32>
  return
}

// -----

func.func @conv2d_c4_rank(
    %x: tensor<1x4x8x8xf32>,
    %w: tensor<4x4x1x1x!shift.pow2<-10:5>>,
    %b: tensor<4x1xf32>) {
  // expected-error@+1 {{expected a bias of 4 elements, got 'tensor<4x1xf32>'}}
  %y = shift.conv2d %x, %w, %b {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>, tensor<4x1xf32>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

// A window larger than the input has no result at all.
func.func @conv2d_c5_window(
    %x: tensor<1x4x2x8xf32>,
    %w: tensor<4x4x3x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a result of size 0 in dimension 2, got 0}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x2x8xf32>, tensor<4x4x3x3x!shift.pow2<-10:5>>)
    -> tensor<1x4x0x6xf32>
  return
}

// -----

func.func @linear_c1_scalar(%x: tensor<f32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected weights M x K and an input ... x K}}
  %y = shift.linear %x, %w
    : (tensor<f32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<4xf32>
  return
}

// -----

func.func @linear_c2_rows(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{in the result, got}}
  %y = shift.linear %x, %w
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<3x4xf32>
  return
}

// -----

func.func @linear_c5_nan(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected clamp bounds that are numbers, got NaN}}
  %y = shift.linear %x, %w {clamp_max = 0x7FC00000 : f32}
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @requantize_c2_nan(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected clamp bounds that are numbers, got NaN}}
  %0 = shift.requantize %x {clamp_min = 0x7FC00000 : f32}
    : (tensor<2x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @add_c1_result(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.add %x, %x : (tensor<2x!q>, tensor<2x!q>) -> tensor<1x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @add_c2_order(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max, got 1.0}}
  %0 = shift.add %x, %x {clamp_max = 0.5 : f32, clamp_min = 1.0 : f32}
    : (tensor<2x!q>, tensor<2x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_none() {
  // expected-error@+1 {{expected inputs and an axis in [0, 1), got axis 0}}
  %0 = shift.concat {axis = 0 : i64} : () -> tensor<0x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_negative_axis(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected inputs and an axis in [0, 1), got axis -1}}
  %0 = shift.concat %x {axis = -1 : i64} : (tensor<2x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_rank(%x: tensor<2x!q>, %y: tensor<2x1x!q>) {
  // expected-error@+1 {{expected inputs of rank 1, got 2}}
  %0 = shift.concat %x, %y {axis = 0 : i64}
    : (tensor<2x!q>, tensor<2x1x!q>) -> tensor<4x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1_kernel_count(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected 2 kernel sizes, 2 strides, 2 dilations and 4 pads}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1_kernel(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1 and pads of at least 0}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 0, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1_stride(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1 and pads of at least 0}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 0>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1_dilation(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1 and pads of at least 0}}
  %0 = shift.max_pool %x {dilations = array<i64: -1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1_pads(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1 and pads of at least 0}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, -1, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c2_batch(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected a batch of 1, got 2}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<2x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c2_ceil_mode(%x: tensor<1x2x5x5x!q>) {
  // expected-error@+1 {{expected a result of size 3 in dimension 2, got 2}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 2, 2>, ceil_mode = 1 : i64} : (tensor<1x2x5x5x!q>) -> tensor<1x2x2x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c1_rank(%x: tensor<2x4x4x!q>) {
  // expected-error@+1 {{expected tensors of rank 4, got ranks 3 and 3}}
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<2x4x4x!q>) -> tensor<2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c1_count(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected 2 kernel sizes, 2 strides, 2 dilations and 4 pads}}
  %0 = shift.average_pool %x {dilations = array<i64: 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c2_channels(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected equal channels}}
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x3x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c2_window(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected a result of size 0 in dimension 2, got 0}}
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 5, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x0x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c1_rank(%x: tensor<1x2x2x!q>) {
  // expected-error@+1 {{expected tensors of rank 4}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 1>,
    columns = array<i64: 0>} : (tensor<1x2x2x!q>) -> tensor<1x2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c1_negative(%x: tensor<1x1x2x2x!q>) {
  // expected-error@+1 {{expected indices in [0, 2), got -1}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, -1>,
    columns = array<i64: 0>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c1_column(%x: tensor<1x1x2x3x!q>) {
  // expected-error@+1 {{expected indices in [0, 3), got 3}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 1>,
    columns = array<i64: 3>} : (tensor<1x1x2x3x!q>) -> tensor<1x1x2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c2_channels(%x: tensor<1x2x2x2x!q>) {
  // expected-error@+1 {{expected 2 x 1 resampled elements}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 1>,
    columns = array<i64: 0>} : (tensor<1x2x2x2x!q>) -> tensor<1x1x2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @pad_c1_rank(%x: tensor<2x2x!q>) {
  // expected-error@+1 {{expected two pads a dimension}}
  %0 = shift.pad %x {pads = array<i64: 0, 0, 0, 0>}
    : (tensor<2x2x!q>) -> tensor<4x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @transpose_c1_count(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected perm of 2 entries}}
  %0 = shift.transpose %x {perm = array<i64: 0>}
    : (tensor<2x3x!q>) -> tensor<2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @transpose_c1_axis(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected a permutation and the shape it gives}}
  %0 = shift.transpose %x {perm = array<i64: 0, 2>}
    : (tensor<2x3x!q>) -> tensor<2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @transpose_c1_shape(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected a permutation and the shape it gives}}
  %0 = shift.transpose %x {perm = array<i64: 1, 0>}
    : (tensor<2x3x!q>) -> tensor<2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c1_rank(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected one start and one step a dimension}}
  %0 = shift.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}
    : (tensor<2x3x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c1_steps(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected one start and one step a dimension}}
  %0 = shift.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 1>}
    : (tensor<2x3x!q>) -> tensor<2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c2_backwards(%x: tensor<3x!q>) {
  // expected-error@+1 {{expected indices inside dimension 0 of size 3}}
  %0 = shift.slice %x {starts = array<i64: 1>, steps = array<i64: -1>}
    : (tensor<3x!q>) -> tensor<3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c2_overflow(%x: tensor<3x!q>) {
  // expected-error@+1 {{expected indices inside dimension 0 of size 3}}
  %0 = shift.slice %x {starts = array<i64: 1>, steps = array<i64: 9223372036854775807>}
    : (tensor<3x!q>) -> tensor<3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c4(%x: tensor<3x!q>) {
  // expected-error@+1 {{expected steps other than 0}}
  %0 = shift.slice %x {starts = array<i64: 1>, steps = array<i64: 0>}
    : (tensor<3x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @group_norm_c1_none(%x: tensor<1x4x2x!q>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expected num_groups that divide the channels, got 0}}
  %0 = shift.group_norm %x, %s, %s {num_groups = 0 : i64}
    : (tensor<1x4x2x!q>, tensor<4xf32>, tensor<4xf32>)
    -> tensor<1x4x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @group_norm_c1_rank(%x: tensor<4x!q>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expected num_groups that divide the channels, got 1}}
  %0 = shift.group_norm %x, %s, %s {num_groups = 1 : i64}
    : (tensor<4x!q>, tensor<4xf32>, tensor<4xf32>)
    -> tensor<4xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @group_norm_c2_scale(%x: tensor<1x4x2x!q>, %s: tensor<1x4xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{expected parameters of 4 elements, got 'tensor<1x4xf32>'}}
  %0 = shift.group_norm %x, %s, %b {num_groups = 2 : i64}
    : (tensor<1x4x2x!q>, tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4x2xf32>
  return
}
