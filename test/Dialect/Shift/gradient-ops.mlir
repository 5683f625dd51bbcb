// RUN: shift-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func @conv2d_grad_input
// CHECK: shift.conv2d_grad_input
func.func @conv2d_grad_input(%dy: tensor<1x4x8x8xf32>,
    %w: tensor<4x3x3x3x!shift.pow2<-10:5>>) {
  %dx = shift.conv2d_grad_input %dy, %w {dilations = array<i64: 1, 1>,
    group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
    strides = array<i64: 1, 1>}
    : (tensor<1x4x8x8xf32>, tensor<4x3x3x3x!shift.pow2<-10:5>>)
    -> tensor<1x3x8x8xf32>
  return
}

// CHECK-LABEL: func @conv2d_grad_weight
// CHECK: shift.conv2d_grad_weight
func.func @conv2d_grad_weight(%x: tensor<1x3x8x8x!quant.uniform<i16:f32, 0.0625>>,
    %dy: tensor<1x4x8x8xf32>) {
  %dw = shift.conv2d_grad_weight %x, %dy {dilations = array<i64: 1, 1>,
    group = 1 : i64, pads = array<i64: 1, 1, 1, 1>,
    strides = array<i64: 1, 1>}
    : (tensor<1x3x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<1x4x8x8xf32>)
    -> tensor<4x3x3x3xf32>
  return
}

// CHECK-LABEL: func @conv2d_grad_bias
// CHECK: shift.conv2d_grad_bias
func.func @conv2d_grad_bias(%dy: tensor<1x4x8x8xf32>) {
  %db = shift.conv2d_grad_bias %dy
    : (tensor<1x4x8x8xf32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: func @linear_grad_input
// CHECK: shift.linear_grad_input
func.func @linear_grad_input(%dy: tensor<2x4xf32>,
    %w: tensor<4x8x!shift.pow2<-10:5>>) {
  %dx = shift.linear_grad_input %dy, %w
    : (tensor<2x4xf32>, tensor<4x8x!shift.pow2<-10:5>>) -> tensor<2x8xf32>
  return
}

// CHECK-LABEL: func @linear_grad_weight
// CHECK: shift.linear_grad_weight
func.func @linear_grad_weight(%x: tensor<2x8x!quant.uniform<i16:f32, 0.0625>>,
    %dy: tensor<2x4xf32>) {
  %dw = shift.linear_grad_weight %x, %dy
    : (tensor<2x8x!quant.uniform<i16:f32, 0.0625>>, tensor<2x4xf32>)
    -> tensor<4x8xf32>
  return
}

// CHECK-LABEL: func @linear_grad_bias
// CHECK: shift.linear_grad_bias
func.func @linear_grad_bias(%dy: tensor<2x4xf32>) {
  %db = shift.linear_grad_bias %dy : (tensor<2x4xf32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: func @clip_grad
// CHECK: shift.clip_grad
func.func @clip_grad(%x: tensor<1x4x8x8xf32>,
    %dy: tensor<1x4x8x8xf32>) {
  %dx = shift.clip_grad %x, %dy {min = 0.0 : f32}
    : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return
}

// CHECK-LABEL: func @group_norm_grad
// CHECK: shift.group_norm_grad
func.func @group_norm_grad(%q: tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>,
    %scale: tensor<4xf32>,
    %dy: tensor<1x4x8x8xf32>) {
  %dx, %ds, %db = shift.group_norm_grad %q, %scale, %dy {
    epsilon = 1.0e-5 : f32, num_groups = 2 : i64}
    : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<4xf32>,
       tensor<1x4x8x8xf32>)
    -> (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// CHECK-LABEL: func @max_pool_grad
// CHECK: shift.max_pool_grad
func.func @max_pool_grad(%x: tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>,
    %dy: tensor<1x4x4x4xf32>) {
  %dx = shift.max_pool_grad %x, %dy {dilations = array<i64: 1, 1>,
    kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
    strides = array<i64: 2, 2>}
    : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<1x4x4x4xf32>)
    -> tensor<1x4x8x8xf32>
  return
}

// CHECK-LABEL: func @average_pool_grad
// CHECK: shift.average_pool_grad
func.func @average_pool_grad(%dy: tensor<1x4x4x4xf32>) {
  %dx = shift.average_pool_grad %dy {dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 2, 2>}
    : (tensor<1x4x4x4xf32>) -> tensor<1x4x8x8xf32>
  return
}

// CHECK-LABEL: func @resize_nearest_grad
// CHECK: shift.resize_nearest_grad
func.func @resize_nearest_grad(%dy: tensor<1x4x4x4xf32>) {
  %dx = shift.resize_nearest_grad %dy {columns = array<i64: 0, 0, 1, 1>,
    rows = array<i64: 0, 0, 1, 1>}
    : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32>
  return
}

// What rounds tells where a gradient passes.
// CHECK-LABEL: func @inside
// CHECK: %{{.+}}, %{{.+}} = shift.quantize %{{.+}} : (tensor<1x4x8x8xf32>) -> (tensor<1x4x8x8x!quant.uniform<i16:f32, 6.250000e-02>>, tensor<1x4x8x8xi1>)
func.func @inside(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xi1> {
  %q, %inside = shift.quantize %x : (tensor<1x4x8x8xf32>)
    -> (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<1x4x8x8xi1>)
  return %inside : tensor<1x4x8x8xi1>
}

// CHECK-LABEL: func @mask
// CHECK: shift.mask
func.func @mask(%dy: tensor<1x4x8x8xf32>, %inside: tensor<1x4x8x8xi1>) {
  %dx = shift.mask %dy, %inside
    : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xi1>) -> tensor<1x4x8x8xf32>
  return
}
