// RUN: shift-opt %s --append-decode --split-input-file | FileCheck %s

// Images of a batch, channels last; other outputs are not read.
// CHECK-LABEL: func.func @main
// CHECK-SAME: tensor<2x4x6x8xf32> {onnx.name = "other"}, tensor<2x9x4xf32> {onnx.name = "detection_boxes"}
// CHECK: %[[BOXES:.+]], %{{.+}}, %{{.+}}, %[[COUNT:.+]] = shift.decode %[[B:[0-9]+]], %[[C:[0-9]+]] {
// CHECK-SAME: head_names = ["b", "c"], input_height = 32 : i64, input_width = 48 : i64
// CHECK-NEXT: return %[[B]], %[[C]], %{{.+}}, %[[BOXES]], %{{.+}}, %[[COUNT]] :
module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}", shift.image_input = "{\"layout\": \"NHWC\"}"} {
  func.func @main(%x: tensor<2x32x48x3xf32>)
      -> (tensor<2x4x4x6xf32> {onnx.name = "b"}, tensor<2x2x4x6xf32> {onnx.name = "c"},
          tensor<2x4x6x8xf32> {onnx.name = "other"}) {
    %c = onnx.Constant dense<0.5> : tensor<2x2x4x6xf32>
    %b = onnx.Constant dense<0.5> : tensor<2x4x4x6xf32>
    %o = onnx.Constant dense<0.5> : tensor<2x4x6x8xf32>
    return %b, %c, %o : tensor<2x4x4x6xf32>, tensor<2x2x4x6xf32>, tensor<2x4x6x8xf32>
  }
}

// -----

// CHECK-LABEL: func.func @main
// CHECK-NOT: shift.decode
func.func @main(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  return %x : tensor<1x3x8x8xf32>
}
