// RUN: shift-opt %s --append-decode --split-input-file --verify-diagnostics

module attributes {shift.detector = "{}"} {
  // expected-error@+1 {{detector: expected a field 'kind', got none}}
  func.func @main(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
    return %x : tensor<1x3x8x8xf32>
  }
}

// -----

module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}"} {
  // expected-error@+1 {{expected an image as the only input of a detector whose outputs are to be decoded, got 2 inputs}}
  func.func @main(%c: tensor<1x2x4x6xf32>, %b: tensor<1x4x4x6xf32>)
      -> (tensor<1x2x4x6xf32> {onnx.name = "c"}, tensor<1x4x4x6xf32> {onnx.name = "b"}) {
    return %c, %b : tensor<1x2x4x6xf32>, tensor<1x4x4x6xf32>
  }
}

// -----

module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}"} {
  // expected-error@+1 {{input 'input0': expected an image with three channels}}
  func.func @main(%c: tensor<1x2x4x6xf32>) -> (tensor<1x2x4x6xf32> {onnx.name = "c"}) {
    return %c : tensor<1x2x4x6xf32>
  }
}

// -----

module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}"} {
  // expected-error@+1 {{expected float32 of output 'c', which the detector reads, got 'tensor<1x3x4x6xi8>'}}
  func.func @main(%x: tensor<1x3x4x6xf32>) -> (tensor<1x3x4x6xi8> {onnx.name = "c"}) {
    %c = onnx.Constant dense<1> : tensor<1x3x4x6xi8>
    return %c : tensor<1x3x4x6xi8>
  }
}

// -----

module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}"} {
  // expected-error@+1 {{expected outputs of other names than those of decoded detections, got 'detection_boxes'}}
  func.func @main(%x: tensor<1x3x4x6xf32>) -> (tensor<1x3x4x6xf32> {onnx.name = "detection_boxes"}) {
    return %x : tensor<1x3x4x6xf32>
  }
}

// -----

module attributes {shift.detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}"} {
  // expected-error@+1 {{'shift.decode' op expected an output 'b' of the model, got none}}
  func.func @main(%x: tensor<1x3x32x48xf32>) -> (tensor<1x2x4x6xf32> {onnx.name = "c"}) {
    %c = onnx.Constant dense<1.0> : tensor<1x2x4x6xf32>
    return %c : tensor<1x2x4x6xf32>
  }
}
