// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @conv2d_c1(%x: tensor<4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected tensors of rank 4, got ranks 3 and 4}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c1_weights(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected weights of rank 4, got rank 3}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c2_count(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected 2 kernel sizes, 2 strides, 2 dilations and 4 pads}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c2_stride(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1 and pads of at least 0}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 0, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c2_group(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{got 4 inputs and group 0}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 0 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c3(%x: tensor<1x4x8x8xf32>, %w: tensor<4x3x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected group * 3 input channels and a group that divides 4 outputs, got 4 inputs and group 1}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x3x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c4(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>, %b: tensor<3xf32>) {
  // expected-error@+1 {{expected a bias of 4 elements, got 'tensor<3xf32>'}}
  %y = shift.conv2d %x, %w, %b {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>, tensor<3xf32>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c5_size(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a result of size 6 in dimension 2, got 8}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x3x3x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c5_batch(%x: tensor<2x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a batch of 2, got 1}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<2x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c5_channels(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected 4 result channels, got 5}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x5x8x8xf32>
  return
}

// -----

func.func @conv2d_c6(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a fixed-point input for the fixed-point result}}
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @conv2d_c7_order(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max, got 1.0}}
  %y = shift.conv2d %x, %w {clamp_min = 1.0 : f32, clamp_max = 0.0 : f32,
    dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @conv2d_c7_nan(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x1x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected clamp bounds that are numbers, got NaN}}
  %y = shift.conv2d %x, %w {clamp_min = 0x7FC00000 : f32,
    dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x4x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @linear_c1_rank(%x: tensor<2x3xf32>, %w: tensor<4x3x1x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected weights M x K and an input ... x K}}
  %y = shift.linear %x, %w
    : (tensor<2x3xf32>, tensor<4x3x1x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  return
}

// -----

func.func @linear_c1(%x: tensor<2x5xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected weights M x K and an input ... x K}}
  %y = shift.linear %x, %w
    : (tensor<2x5xf32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a last dimension of 4 in the result}}
  %y = shift.linear %x, %w
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<2x3xf32>
  return
}

// -----

func.func @linear_c3(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>, %b: tensor<3xf32>) {
  // expected-error@+1 {{expected a bias of 4 elements}}
  %y = shift.linear %x, %w, %b
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>, tensor<3xf32>)
    -> tensor<2x4xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected a fixed-point input for the fixed-point result}}
  %y = shift.linear %x, %w
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>)
    -> tensor<2x4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @linear_c5(%x: tensor<2x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max}}
  %y = shift.linear %x, %w {clamp_min = 1.0 : f32, clamp_max = -1.0 : f32}
    : (tensor<2x3xf32>, tensor<4x3x!shift.pow2<-10:5>>) -> tensor<2x4xf32>
  return
}
