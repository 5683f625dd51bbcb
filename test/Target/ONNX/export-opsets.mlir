// The opset is the first that has everything.
// RUN: rm -rf %t && split-file %s %t
// RUN: shift-translate --export-onnx %t/hardswish.mlir -o %t/hardswish.onnx
// RUN: %python %S/print-onnx.py %t/hardswish.onnx | FileCheck %s --check-prefix=HARDSWISH
// HARDSWISH: opset_import: ["" : 14]
// RUN: shift-translate --export-onnx %t/pool.mlir -o %t/pool.onnx
// RUN: %python %S/print-onnx.py %t/pool.onnx | FileCheck %s --check-prefix=POOL
// In opset 18 the axes of a mean became an input.
// POOL: opset_import: ["" : 19]
// POOL: AveragePool {{.*}}dilations: ints = [2, 2]
// POOL: ReduceMean {{.*}} (AveragePool_output, {{[a-z_]+}})
// RUN: shift-translate --export-onnx %t/bytes.mlir -o %t/bytes.onnx
// RUN: %python %S/print-onnx.py %t/bytes.onnx | FileCheck %s --check-prefix=BYTES
// BYTES: opset_import: ["" : 14]
// RUN: shift-translate --export-onnx %t/ceil.mlir -o %t/ceil.onnx
// RUN: %python %S/print-onnx.py %t/ceil.onnx | FileCheck %s --check-prefix=CEIL
// A last window that would start in the padding is dropped since opset 22.
// CEIL: opset_import: ["" : 22]

//--- hardswish.mlir
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = onnx.HardSwish %x : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- pool.mlir
func.func @main(%x: tensor<1x1x5x5xf32>) -> tensor<1x1x1x1xf32> {
  %0 = onnx.AveragePool %x {dilations = array<i64: 2, 2>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x5x5xf32>) -> tensor<1x1x3x3xf32>
  %1 = onnx.ReduceMean %0 {axes = array<i64: 2, 3>} : (tensor<1x1x3x3xf32>) -> tensor<1x1x1x1xf32>
  return %1 : tensor<1x1x1x1xf32>
}
//--- bytes.mlir
func.func @main(%x: tensor<2xi8>) -> tensor<2xi8> {
  %0 = onnx.Add %x, %x : (tensor<2xi8>, tensor<2xi8>) -> tensor<2xi8>
  return %0 : tensor<2xi8>
}
//--- ceil.mlir
func.func @main(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  %0 = onnx.MaxPool %x {ceil_mode = 1 : i64, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}
