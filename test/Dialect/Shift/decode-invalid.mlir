// RUN: shift-opt %s --split-input-file --verify-diagnostics

func.func @decode_c1(%c: tensor<1x2x4x6xf32>) {
  // expected-error@+1 {{detector: expected a field 'classes', got none}}
  %0:4 = shift.decode %c {detector = "{\"kind\": \"fcos\"}",
    head_names = ["c"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<1x2x4x6xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return
}

// -----

func.func @decode_c2_names(%c: tensor<1x2x4x6xf32>) {
  // expected-error@+1 {{expected a name for each of 1 heads, got 2}}
  %0:4 = shift.decode %c {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<1x2x4x6xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return
}

// -----

func.func @decode_c2_missing(%c: tensor<1x2x4x6xf32>) {
  // expected-error@+1 {{expected an output 'b' of the model, got none}}
  %0:4 = shift.decode %c {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<1x2x4x6xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return
}

// -----

func.func @decode_c2_shape(%c: tensor<1x2x4x6xf32>, %b: tensor<1x3x4x6xf32>) {
  // expected-error@+1 {{expected shape [?x4x4x6] of output 'b', got [1x3x4x6]}}
  %0:4 = shift.decode %c, %b {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<1x2x4x6xf32>, tensor<1x3x4x6xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return
}

// -----

func.func @decode_c3(%c: tensor<2x2x4x6xf32>, %b: tensor<3x4x4x6xf32>) {
  // expected-error@+1 {{expected heads of 2 images, got 'tensor<3x4x4x6xf32>'}}
  %0:4 = shift.decode %c, %b {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<2x2x4x6xf32>, tensor<3x4x4x6xf32>)
    -> (tensor<2x9x4xf32>, tensor<2x9xf32>, tensor<2x9xi32>, tensor<2xi32>)
  return
}

// -----

func.func @decode_c4(%c: tensor<2x2x4x6xf32>, %b: tensor<2x4x4x6xf32>) {
  // expected-error@+1 {{expected a result of 'tensor<2x9xf32>', got 'tensor<2x8xf32>'}}
  %0:4 = shift.decode %c, %b {detector = "{\"kind\": \"one-stage\", \"classes\": [\"a\", \"b\"], \"strides\": [8], \"box\": \"distances\", \"outputs\": {\"cls\": [\"c\"], \"box\": [\"b\"]}, \"max_detections\": 9}",
    head_names = ["c", "b"], input_height = 32 : i64, input_width = 48 : i64}
    : (tensor<2x2x4x6xf32>, tensor<2x4x4x6xf32>)
    -> (tensor<2x9x4xf32>, tensor<2x8xf32>, tensor<2x9xi32>, tensor<2xi32>)
  return
}

// -----

func.func @decode_c5(%c: tensor<1x2x4x6xf32>) {
  // expected-error@+1 {{expected an input of 1 to 2^24 pixels a side, got 0}}
  %0:4 = shift.decode %c {detector = "", head_names = ["c"],
    input_height = 32 : i64, input_width = 0 : i64}
    : (tensor<1x2x4x6xf32>)
    -> (tensor<1x9x4xf32>, tensor<1x9xf32>, tensor<1x9xi32>, tensor<1xi32>)
  return
}
