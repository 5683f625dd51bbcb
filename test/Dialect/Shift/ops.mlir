// RUN: shift-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func @weight
func.func @weight() -> tensor<1x2x1x1x!shift.pow2<-10:5>> {
  // CHECK: shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>, exponents = array<i8: 0, -3>, name = "w", signs = array<i8: 0, 1>} : tensor<1x2x1x1x!shift.pow2<-10:5>>
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: 0, -3>, name = "w", signs = array<i8: 0, 1>}
    : tensor<1x2x1x1x!shift.pow2<-10:5>>
  return %w : tensor<1x2x1x1x!shift.pow2<-10:5>>
}

// One value needs no bits at all.
// CHECK-LABEL: func @weight_of_one_value
func.func @weight_of_one_value() -> tensor<3x!shift.pow2<-10:5>> {
  // CHECK: shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>
  %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
    exponents = array<i8: 2>, signs = array<i8: -1>}
    : tensor<3x!shift.pow2<-10:5>>
  return %w : tensor<3x!shift.pow2<-10:5>>
}

// CHECK-LABEL: func @weight_of_two_terms_in_windows
func.func @weight_of_two_terms_in_windows()
    -> tensor<2x1x!shift.pow2<-10:5, terms = 2, window = 7>> {
  // CHECK: shift.weight
  // CHECK-SAME: window_tops = array<i8: 5, 4>
  // CHECK-SAME: tensor<2x1x!shift.pow2<-10:5, terms = 2, window = 7>>
  %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
    exponents = array<i8: -1, -3, 0, -1>, signs = array<i8: 1, 1, 1, 1>,
    window_tops = array<i8: 5, 4>}
    : tensor<2x1x!shift.pow2<-10:5, terms = 2, window = 7>>
  return %w : tensor<2x1x!shift.pow2<-10:5, terms = 2, window = 7>>
}

// CHECK-LABEL: func @conv2d_of_fixed_point
func.func @conv2d_of_fixed_point(
    %x: tensor<1x4x8x8x!quant.uniform<i16<-512:511>:f32, 0.0625>>,
    %w: tensor<6x2x3x3x!shift.pow2<-10:5>>, %b: tensor<6xf32>)
    -> tensor<1x6x4x4x!quant.uniform<u8:f32, 0.125>> {
  // CHECK: shift.conv2d %{{.*}}, %{{.*}}, %{{.*}} {clamp_max = 6.000000e+00 : f32, clamp_min = 0.000000e+00 : f32, dilations = array<i64: 1, 1>, group = 2 : i64, node_name = "conv", pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
  %y = shift.conv2d %x, %w, %b {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32,
    dilations = array<i64: 1, 1>, group = 2 : i64, node_name = "conv",
    pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
    : (tensor<1x4x8x8x!quant.uniform<i16<-512:511>:f32, 0.0625>>,
       tensor<6x2x3x3x!shift.pow2<-10:5>>, tensor<6xf32>)
    -> tensor<1x6x4x4x!quant.uniform<u8:f32, 0.125>>
  return %y : tensor<1x6x4x4x!quant.uniform<u8:f32, 0.125>>
}

// CHECK-LABEL: func @conv2d_to_float
func.func @conv2d_to_float(
    %x: tensor<1x1x4x4x!quant.uniform<i8:f32, 5.000000e-01>>,
    %w: tensor<1x1x2x2x!shift.pow2<-4:0>>) -> tensor<1x1x3x3xf32> {
  // CHECK: shift.conv2d
  // CHECK-SAME: -> tensor<1x1x3x3xf32>
  %y = shift.conv2d %x, %w {dilations = array<i64: 1, 1>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x1x4x4x!quant.uniform<i8:f32, 5.000000e-01>>,
       tensor<1x1x2x2x!shift.pow2<-4:0>>) -> tensor<1x1x3x3xf32>
  return %y : tensor<1x1x3x3xf32>
}

// CHECK-LABEL: func @linear
func.func @linear(%x: tensor<2x5x3xf32>, %w: tensor<4x3x!shift.pow2<-10:5>>,
                  %b: tensor<4xf32>) -> tensor<2x5x4xf32> {
  // CHECK: shift.linear
  // CHECK-SAME: -> tensor<2x5x4xf32>
  %y = shift.linear %x, %w, %b {clamp_min = 0.0 : f32}
    : (tensor<2x5x3xf32>, tensor<4x3x!shift.pow2<-10:5>>, tensor<4xf32>)
    -> tensor<2x5x4xf32>
  return %y : tensor<2x5x4xf32>
}

// CHECK-LABEL: func @between_float_and_fixed
func.func @between_float_and_fixed(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: shift.quantize
  // CHECK-NEXT: shift.requantize
  // CHECK-NEXT: shift.dequantize
  %0 = shift.quantize %x : (tensor<2x3xf32>)
    -> tensor<2x3x!quant.uniform<i16:f32, 0.00390625>>
  %1 = shift.requantize %0 {clamp_min = 0.0 : f32}
    : (tensor<2x3x!quant.uniform<i16:f32, 0.00390625>>)
    -> tensor<2x3x!quant.uniform<u8<0:127>:f32, 0.0625>>
  %2 = shift.dequantize %1
    : (tensor<2x3x!quant.uniform<u8<0:127>:f32, 0.0625>>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

!i8 = !quant.uniform<i8:f32, 0.125>
!i16 = !quant.uniform<i16:f32, 0.125>

// CHECK-LABEL: func @add_and_concat
func.func @add_and_concat(%x: tensor<1x2x4x4x!i8>, %y: tensor<1x2x4x4x!i16>)
    -> tensor<1x4x4x4x!i8> {
  // CHECK: shift.add
  // CHECK-NEXT: shift.concat
  // CHECK-SAME: axis = 1 : i64
  %0 = shift.add %x, %y {clamp_max = 2.0 : f32}
    : (tensor<1x2x4x4x!i8>, tensor<1x2x4x4x!i16>) -> tensor<1x2x4x4x!i8>
  %1 = shift.concat %0, %y {axis = 1 : i64}
    : (tensor<1x2x4x4x!i8>, tensor<1x2x4x4x!i16>) -> tensor<1x4x4x4x!i8>
  return %1 : tensor<1x4x4x4x!i8>
}

// CHECK-LABEL: func @pools
func.func @pools(%x: tensor<1x2x5x5x!i8>) -> tensor<1x2x1x1x!i16> {
  // CHECK: shift.max_pool
  // CHECK-SAME: ceil_mode = 1 : i64
  // CHECK-NEXT: shift.average_pool
  // CHECK-SAME: count_include_pad = 1 : i64
  %0 = shift.max_pool %x {ceil_mode = 1 : i64, dilations = array<i64: 1, 1>,
    kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
    strides = array<i64: 2, 2>}
    : (tensor<1x2x5x5x!i8>) -> tensor<1x2x3x3x!i8>
  %1 = shift.average_pool %0 {count_include_pad = 1 : i64,
    dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x2x3x3x!i8>) -> tensor<1x2x1x1x!i16>
  return %1 : tensor<1x2x1x1x!i16>
}

// CHECK-LABEL: func @movement
func.func @movement(%x: tensor<1x2x3x4x!i8>) -> tensor<2x6x!i8> {
  // CHECK: shift.resize_nearest
  // CHECK-SAME: columns = array<i64: 0, 3>
  // CHECK-SAME: rows = array<i64: 2, 1, 0>
  // CHECK-NEXT: shift.pad
  // CHECK-SAME: value = 5.000000e-01 : f32
  // CHECK-NEXT: shift.slice
  // CHECK-NEXT: shift.transpose
  // CHECK-NEXT: shift.reshape
  %0 = shift.resize_nearest %x {rows = array<i64: 2, 1, 0>,
    columns = array<i64: 0, 3>} : (tensor<1x2x3x4x!i8>) -> tensor<1x2x3x2x!i8>
  %1 = shift.pad %0 {pads = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>,
    value = 0.5 : f32} : (tensor<1x2x3x2x!i8>) -> tensor<1x2x3x4x!i8>
  %2 = shift.slice %1 {starts = array<i64: 0, 0, 2, 1>,
    steps = array<i64: 1, 1, -1, 2>}
    : (tensor<1x2x3x4x!i8>) -> tensor<1x2x3x2x!i8>
  %3 = shift.transpose %2 {perm = array<i64: 1, 0, 3, 2>}
    : (tensor<1x2x3x2x!i8>) -> tensor<2x1x2x3x!i8>
  %4 = shift.reshape %3 : (tensor<2x1x2x3x!i8>) -> tensor<2x6x!i8>
  return %4 : tensor<2x6x!i8>
}

// CHECK-LABEL: func @group_norm
func.func @group_norm(%x: tensor<1x4x2x2x!i16>, %s: tensor<4xf32>,
                      %b: tensor<4xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: shift.group_norm
  // CHECK-SAME: num_groups = 2 : i64
  %0 = shift.group_norm %x, %s, %b {num_groups = 2 : i64}
    : (tensor<1x4x2x2x!i16>, tensor<4xf32>, tensor<4xf32>)
    -> tensor<1x4x2x2xf32>
  return %0 : tensor<1x4x2x2xf32>
}

// CHECK-LABEL: func @decode
func.func @decode(%c: tensor<2x1x4x6xf32>, %b: tensor<2x4x4x6xf32>) -> tensor<2xi32> {
  // CHECK: shift.decode
  // CHECK-SAME: detector = "{\22kind\22: \22one-stage\22,
  // CHECK-SAME: head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64
  // CHECK-SAME: -> (tensor<2x9x4xf32>, tensor<2x9xf32>, tensor<2x9xi32>, tensor<2xi32>)
  %boxes, %scores, %labels, %count = shift.decode %c, %b {
    detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<2x1x4x6xf32>, tensor<2x4x4x6xf32>)
    -> (tensor<2x9x4xf32>, tensor<2x9xf32>, tensor<2x9xi32>, tensor<2xi32>)
  return %count : tensor<2xi32>
}
