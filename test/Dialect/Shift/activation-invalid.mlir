// RUN: shift-opt %s --split-input-file --verify-diagnostics

!q = !quant.uniform<i8:f32, 0.5>

func.func @quantize_c1(%x: tensor<2xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.quantize %x : (tensor<2xf32>) -> tensor<3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @dequantize_c1(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.dequantize %x : (tensor<2x!q>) -> tensor<3xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @requantize_c1(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.requantize %x : (tensor<2x!q>) -> tensor<2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @requantize_c2(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max}}
  %0 = shift.requantize %x {clamp_min = 2.0 : f32, clamp_max = 1.0 : f32}
    : (tensor<2x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @add_c1(%x: tensor<2x!q>, %y: tensor<1x!q>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.add %x, %y : (tensor<2x!q>, tensor<1x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @add_c2(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected clamp bounds that are numbers, got NaN}}
  %0 = shift.add %x, %x {clamp_max = 0x7FC00000 : f32}
    : (tensor<2x!q>, tensor<2x!q>) -> tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_axis(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected inputs and an axis in [0, 1), got axis 1}}
  %0 = shift.concat %x, %x {axis = 1 : i64}
    : (tensor<2x!q>, tensor<2x!q>) -> tensor<4x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_shape(%x: tensor<2x3x!q>, %y: tensor<2x4x!q>) {
  // expected-error@+1 {{expected shapes equal but for axis 0}}
  %0 = shift.concat %x, %y {axis = 0 : i64}
    : (tensor<2x3x!q>, tensor<2x4x!q>) -> tensor<4x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @concat_c1_sum(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected a result of 4 along axis 0, got 5}}
  %0 = shift.concat %x, %x {axis = 0 : i64}
    : (tensor<2x3x!q>, tensor<2x3x!q>) -> tensor<5x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c1(%x: tensor<2x4x4x!q>) {
  // expected-error@+1 {{expected tensors of rank 4}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<2x4x4x!q>) -> tensor<2x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c2(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected a result of size 3 in dimension 2, got 2}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x2x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @max_pool_c2_channels(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected equal channels}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x3x3x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @max_pool_c3(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.max_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x3x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c1(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{pads of at least 0}}
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, -1, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @average_pool_c2(%x: tensor<1x2x4x4x!q>) {
  // expected-error@+1 {{expected a result of size 3 in dimension 3, got 4}}
  %0 = shift.average_pool %x {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 1, 1>} : (tensor<1x2x4x4x!q>) -> tensor<1x2x3x4x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c1(%x: tensor<1x1x2x2x!q>) {
  // expected-error@+1 {{expected indices in [0, 2), got 2}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 2>,
    columns = array<i64: 0>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x1x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @resize_nearest_c2(%x: tensor<1x1x2x2x!q>) {
  // expected-error@+1 {{expected 2 x 1 resampled elements}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 1>,
    columns = array<i64: 0>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @resize_nearest_c3(%x: tensor<1x1x2x2x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.resize_nearest %x {rows = array<i64: 0, 1>,
    columns = array<i64: 0>} : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x1x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @pad_c1(%x: tensor<2x2x!q>) {
  // expected-error@+1 {{expected two pads a dimension, got 2}}
  %0 = shift.pad %x {pads = array<i64: 1, 1>}
    : (tensor<2x2x!q>) -> tensor<4x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @pad_c1_shape(%x: tensor<2x2x!q>) {
  // expected-error@+1 {{expected a result of 3 in dimension 0, got 4}}
  %0 = shift.pad %x {pads = array<i64: 1, 0, 0, 0>}
    : (tensor<2x2x!q>) -> tensor<4x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @pad_c2(%x: tensor<2x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.pad %x {pads = array<i64: 1, 0>} : (tensor<2x!q>) -> tensor<3x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @reshape_c1(%x: tensor<2x2x!q>) {
  // expected-error@+1 {{expected equal numbers of elements}}
  %0 = shift.reshape %x : (tensor<2x2x!q>) -> tensor<5x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @reshape_c2(%x: tensor<2x2x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.reshape %x : (tensor<2x2x!q>) -> tensor<4x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @transpose_c1(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected a permutation and the shape it gives}}
  %0 = shift.transpose %x {perm = array<i64: 1, 1>}
    : (tensor<2x3x!q>) -> tensor<3x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @transpose_c2(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.transpose %x {perm = array<i64: 1, 0>}
    : (tensor<2x3x!q>) -> tensor<3x2x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c1(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected one start and one step a dimension}}
  %0 = shift.slice %x {starts = array<i64: 0>, steps = array<i64: 1, 1>}
    : (tensor<2x3x!q>) -> tensor<2x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @slice_c2(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected indices inside dimension 1 of size 3}}
  %0 = shift.slice %x {starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}
    : (tensor<2x3x!q>) -> tensor<2x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>
!r = !quant.uniform<i8:f32, 0.25>

func.func @slice_c3(%x: tensor<2x3x!q>) {
  // expected-error@+1 {{expected equal element types}}
  %0 = shift.slice %x {starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}
    : (tensor<2x3x!q>) -> tensor<2x2x!r>
  return
}

// -----

!q = !quant.uniform<i16:f32, 0.5>

func.func @group_norm_c1(%x: tensor<1x4x2x2x!q>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expected num_groups that divide the channels, got 3}}
  %0 = shift.group_norm %x, %s, %s {num_groups = 3 : i64}
    : (tensor<1x4x2x2x!q>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

!q = !quant.uniform<i16:f32, 0.5>

func.func @group_norm_c2(%x: tensor<1x4x2x2x!q>, %s: tensor<4xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{expected parameters of 4 elements, got 'tensor<3xf32>'}}
  %0 = shift.group_norm %x, %s, %b {num_groups = 2 : i64}
    : (tensor<1x4x2x2x!q>, tensor<4xf32>, tensor<3xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

!q = !quant.uniform<i16:f32, 0.5>

func.func @group_norm_c3(%x: tensor<1x4x2x2x!q>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = shift.group_norm %x, %s, %s {num_groups = 2 : i64}
    : (tensor<1x4x2x2x!q>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

!q = !quant.uniform<i16:f32, 0.5>

func.func @group_norm_c4(%x: tensor<1x4x2x2x!q>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expected clamp_min <= clamp_max}}
  %0 = shift.group_norm %x, %s, %s {clamp_min = 1.0 : f32,
    clamp_max = 0.0 : f32, num_groups = 2 : i64}
    : (tensor<1x4x2x2x!q>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  return
}
