// The example of the pass's description.
// RUN: shift-opt %s --append-decode | FileCheck %s

// CHECK: -> (tensor<1x2x8x12xf32> {onnx.name = "c"}, tensor<1x4x8x12xf32> {onnx.name = "b"},
// CHECK-SAME: tensor<1x100x4xf32> {onnx.name = "detection_boxes"},
// CHECK-SAME: tensor<1x100xf32> {onnx.name = "detection_scores"},
// CHECK-SAME: tensor<1x100xi32> {onnx.name = "detection_labels"},
// CHECK-SAME: tensor<1xi32> {onnx.name = "detection_count"})
// CHECK: %[[C:.+]] = onnx.Conv
// CHECK: %[[B:.+]] = onnx.Conv
// CHECK: %[[BOXES:.+]], %[[SCORES:.+]], %[[LABELS:.+]], %[[COUNT:.+]] = shift.decode %[[C]], %[[B]] {
// CHECK-SAME: head_names = ["c", "b"], input_height = 64 : i64, input_width = 96 : i64
// CHECK-NEXT: return %[[C]], %[[B]], %[[BOXES]], %[[SCORES]], %[[LABELS]], %[[COUNT]]
module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"cat\", \"dog\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}}"} {
  func.func @main(%x: tensor<1x3x64x96xf32>)
      -> (tensor<1x2x8x12xf32> {onnx.name = "c"},
          tensor<1x4x8x12xf32> {onnx.name = "b"}) {
    %wc = onnx.Constant dense<0.5> : tensor<2x3x8x8xf32>
    %wb = onnx.Constant dense<0.25> : tensor<4x3x8x8xf32>
    %c = onnx.Conv %x, %wc {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 8, 8>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 8, 8>}
      : (tensor<1x3x64x96xf32>, tensor<2x3x8x8xf32>) -> tensor<1x2x8x12xf32>
    %b = onnx.Conv %x, %wb {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 8, 8>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 8, 8>}
      : (tensor<1x3x64x96xf32>, tensor<4x3x8x8xf32>) -> tensor<1x4x8x12xf32>
    return %c, %b : tensor<1x2x8x12xf32>, tensor<1x4x8x12xf32>
  }
}
