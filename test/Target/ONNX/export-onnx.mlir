// Attributes that are inputs in ONNX become initializers; equal ones are one.
// RUN: shift-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/print-onnx.py %t.onnx | FileCheck %s

// CHECK: opset_import: ["" : 13]
// CHECK: main (float[1,4,4,6] x) => (float[1,4,1,1] output0, float[1,2,4,6] output1, float[1,2,4,6] output2, float[1,4,4,6] norm, float[1,4,4,6] x_1, float[1,4,4,6] same)
func.func @main(%x: tensor<1x4x4x6xf32> {onnx.name = "x"})
    -> (tensor<1x4x1x1xf32>, tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>,
        tensor<1x4x4x6xf32> {onnx.name = "norm"},
        tensor<1x4x4x6xf32> {onnx.name = "x"},
        tensor<1x4x4x6xf32> {onnx.name = "same"}) {
  // CHECK: [clip] [[CLIP:[^ ]+]] = Clip (x, [[MIN:.+]], [[MAX:.+]])
  %0 = onnx.Clip %x {max = 6.0 : f32, min = 0.0 : f32, node_name = "clip"} : (tensor<1x4x4x6xf32>) -> tensor<1x4x4x6xf32>
  // CHECK: [mean] output0 = ReduceMean <axes: ints = [2, 3]{{.*}}> ([[CLIP]])
  %1 = onnx.ReduceMean %0 {axes = array<i64: 2, 3>, node_name = "mean"} : (tensor<1x4x4x6xf32>) -> tensor<1x4x1x1xf32>
  // CHECK: [sum] {{.+}} = ReduceSum <keepdims: int = 0> ([[CLIP]], [[AXES:.+]])
  %2 = onnx.ReduceSum %0 {axes = array<i64: 2, 3>, keepdims = 0 : i64, node_name = "sum"} : (tensor<1x4x4x6xf32>) -> tensor<1x4xf32>
  // CHECK: [unsqueeze] {{.+}} = Unsqueeze ({{.+}}, [[AXES]])
  %3 = onnx.Unsqueeze %2 {axes = array<i64: 2, 3>, node_name = "unsqueeze"} : (tensor<1x4xf32>) -> tensor<1x4x1x1xf32>
  // CHECK: [split] output1, output2 = Split <axis: int = 1> (x, {{.+}})
  %4:2 = onnx.Split %x {axis = 1 : i64, node_name = "split", split = array<i64: 2, 2>} : (tensor<1x4x4x6xf32>) -> (tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>)
  // CHECK: [pad] [[PAD:[^ ]+]] = Pad <mode: string = "reflect"> (x, {{.+}})
  %5 = onnx.Pad %x {mode = "reflect", node_name = "pad", pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>} : (tensor<1x4x4x6xf32>) -> tensor<1x4x6x8xf32>
  // CHECK: [slice] [[SLICE:[^ ]+]] = Slice ([[PAD]], {{[a-z0-9_]+}}, {{[a-z0-9_]+}}, [[AXES]], {{[a-z0-9_]+}})
  %6 = onnx.Slice %5 {axes = array<i64: 2, 3>, ends = array<i64: 3, 4>, node_name = "slice", starts = array<i64: 1, 1>, steps = array<i64: 1, 1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x2x3xf32>
  // CHECK: [up] [[UP:[^ ]+]] = Resize <mode: string = "nearest", coordinate_transformation_mode: string = "asymmetric", nearest_mode: string = "floor"> ([[SLICE]], "", {{.+}})
  %7 = onnx.Upsample %6 {node_name = "up", scales = array<f32: 1.0, 1.0, 2.0, 2.0>} : (tensor<1x4x2x3xf32>) -> tensor<1x4x4x6xf32>
  // CHECK: [gn] [[GROUPS:[^ ]+]] = Reshape ([[UP]],
  // CHECK: InstanceNormalization <epsilon: float = 0.25> ([[GROUPS]],
  // CHECK: norm = Add (
  %s = onnx.Constant {name = "scale"} dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %8 = onnx.GroupNormalization %7, %s, %s {epsilon = 0.25 : f32, node_name = "gn", num_groups = 2 : i64} : (tensor<1x4x4x6xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x4x6xf32>
  // An input that is an output, and a value that is two outputs, are copied.
  // CHECK: x_1 = Identity (x)
  // CHECK: same = Identity (norm)
  return %1, %4#0, %4#1, %8, %x, %8 : tensor<1x4x1x1xf32>, tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>, tensor<1x4x4x6xf32>, tensor<1x4x4x6xf32>, tensor<1x4x4x6xf32>
}
