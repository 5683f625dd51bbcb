// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @conv2d_grad_input_c1(%dy: tensor<4x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error@+1 {{expected tensors of rank 4}}
  %0 = shift.conv2d_grad_input %dy, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<4x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x3x8x8xf32>
  return
}

// -----

func.func @conv2d_grad_input_c2(%dy: tensor<1x4x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1}}
  %0 = shift.conv2d_grad_input %dy, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 0, 1>} : (tensor<1x4x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x3x8x8xf32>
  return
}

// -----

func.func @conv2d_grad_input_c3(%dy: tensor<1x4x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error@+1 {{expected a result of size 7}}
  %0 = shift.conv2d_grad_input %dy, %w {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x3x7x8xf32>
  return
}

// -----

func.func @conv2d_grad_weight_c1(%x: tensor<1x3x8x8xf32>, %dy: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{expected weights of rank 4}}
  %0 = shift.conv2d_grad_weight %x, %dy {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<4x3x9xf32>
  return
}

// -----

func.func @conv2d_grad_weight_c2(%x: tensor<1x3x8x8xf32>, %dy: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{expected 2 kernel sizes, 2 strides, 2 dilations and 4 pads}}
  %0 = shift.conv2d_grad_weight %x, %dy {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<4x3x3x3xf32>
  return
}

// -----

func.func @conv2d_grad_weight_c3(%x: tensor<1x3x8x8xf32>, %dy: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{expected 5 result channels, got 4}}
  %0 = shift.conv2d_grad_weight %x, %dy {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<5x3x3x3xf32>
  return
}

// -----

func.func @conv2d_grad_bias_c1(%dy: tensor<1x4x8x8xf32>) {
  // expected-error@+1 {{expected a gradient of rank 4 and a result of its channels}}
  %0 = shift.conv2d_grad_bias %dy : (tensor<1x4x8x8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @linear_grad_input_c1(%dy: tensor<2x4xf32>, %w: tensor<5x8xf32>) {
  // expected-error@+1 {{expected ... x K inputs, ... x M outputs and M x K weights}}
  %0 = shift.linear_grad_input %dy, %w : (tensor<2x4xf32>, tensor<5x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @linear_grad_weight_c1(%x: tensor<3x8xf32>, %dy: tensor<2x4xf32>) {
  // expected-error@+1 {{expected ... x K inputs, ... x M outputs and M x K weights}}
  %0 = shift.linear_grad_weight %x, %dy : (tensor<3x8xf32>, tensor<2x4xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @linear_grad_bias_c1(%dy: tensor<2x4xf32>) {
  // expected-error@+1 {{expected a result of the gradient's last dimension}}
  %0 = shift.linear_grad_bias %dy : (tensor<2x4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @clip_grad_c1(%x: tensor<2xf32>, %dy: tensor<3xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.clip_grad %x, %dy {min = 0.0 : f32} : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @clip_grad_c2(%x: tensor<2xf32>, %dy: tensor<2xf32>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max, got 1.000000e+00 and 0.000000e+00}}
  %0 = shift.clip_grad %x, %dy {max = 0.0 : f32, min = 1.0 : f32} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @group_norm_grad_c1(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>, %dy: tensor<1x4x2xf32>) {
  // expected-error@+1 {{expected num_groups that divide the channels, got 3}}
  %0:3 = shift.group_norm_grad %x, %s, %dy {num_groups = 3 : i64} : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<1x4x2xf32>) -> (tensor<1x4x2xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @group_norm_grad_c2(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>, %dy: tensor<1x4x2xf32>) {
  // expected-error@+1 {{expected parameters of 4 elements, got 'tensor<2xf32>'}}
  %0:3 = shift.group_norm_grad %x, %s, %dy {num_groups = 2 : i64} : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<1x4x2xf32>) -> (tensor<1x4x2xf32>, tensor<4xf32>, tensor<2xf32>)
  return
}

// -----

func.func @group_norm_grad_c3(%x: tensor<1x4x2xf32>, %s: tensor<4xf32>, %dy: tensor<1x4x3xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0:3 = shift.group_norm_grad %x, %s, %dy {num_groups = 2 : i64} : (tensor<1x4x2xf32>, tensor<4xf32>, tensor<1x4x3xf32>) -> (tensor<1x4x2xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @max_pool_grad_c1(%x: tensor<4x4xf32>, %dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected tensors of rank 4}}
  %0 = shift.max_pool_grad %x, %dy {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<4x4xf32>, tensor<1x1x2x2xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @max_pool_grad_c2(%x: tensor<1x1x4x4xf32>, %dy: tensor<1x1x3x2xf32>) {
  // expected-error@+1 {{expected a result of size 2 in dimension 2, got 3}}
  %0 = shift.max_pool_grad %x, %dy {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x1x4x4xf32>, tensor<1x1x3x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @max_pool_grad_c3(%x: tensor<1x1x4x4xf32>, %dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.max_pool_grad %x, %dy {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x4x5xf32>
  return
}

// -----

func.func @average_pool_grad_c1(%dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected kernel sizes, strides and dilations of at least 1}}
  %0 = shift.average_pool_grad %dy {dilations = array<i64: 0, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @average_pool_grad_c2(%dy: tensor<1x2x2x2xf32>) {
  // expected-error@+1 {{expected equal channels}}
  %0 = shift.average_pool_grad %dy {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x2x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @resize_nearest_grad_c1(%dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected indices in [0, 1), got 1}}
  %0 = shift.resize_nearest_grad %dy {columns = array<i64: 0, 0>, rows = array<i64: 0, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return
}

// -----

func.func @resize_nearest_grad_c2(%dy: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected 2 x 1 resampled elements}}
  %0 = shift.resize_nearest_grad %dy {columns = array<i64: 0>, rows = array<i64: 0, 0>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return
}

// -----

func.func @mask_c1(%dy: tensor<2xf32>, %m: tensor<3xi1>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.mask %dy, %m : (tensor<2xf32>, tensor<3xi1>) -> tensor<2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @quantize_c2(%x: tensor<2xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0:2 = shift.quantize %x : (tensor<2xf32>) -> (tensor<2x!q>, tensor<3xi1>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @requantize_c3(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0:2 = shift.requantize %x : (tensor<2x!q>) -> (tensor<2x!q>, tensor<3xi1>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @add_c3(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0:2 = shift.add %x, %x : (tensor<2x!q>, tensor<2x!q>) -> (tensor<2x!q>, tensor<1x2xi1>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @conv2d_c8(%x: tensor<1x1x1x1x!q>, %w: tensor<1x1x1x1x!shift.pow2<-1:0>>) {
  // expected-error@+1 {{expected inside of a fixed-point result only, got 'tensor<1x1x1x1xf32>'}}
  %0:2 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x1x1x!q>, tensor<1x1x1x1x!shift.pow2<-1:0>>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1x1xi1>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @linear_c6(%x: tensor<1x1x!q>, %w: tensor<1x1x!shift.pow2<-1:0>>) {
  // expected-error@+1 {{expected inside of a fixed-point result only, got 'tensor<1x1xf32>'}}
  %0:2 = shift.linear %x, %w : (tensor<1x1x!q>, tensor<1x1x!shift.pow2<-1:0>>) -> (tensor<1x1xf32>, tensor<1x1xi1>)
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
func.func @group_norm_c5(%x: tensor<1x1x4x!q>, %s: tensor<1xf32>) {
  // expected-error@+1 {{expected inside of a fixed-point result only, got 'tensor<1x1x4xf32>'}}
  %0:2 = shift.group_norm %x, %s, %s {num_groups = 1 : i64} : (tensor<1x1x4x!q>, tensor<1xf32>, tensor<1xf32>) -> (tensor<1x1x4xf32>, tensor<1x1x4xi1>)
  return
}
