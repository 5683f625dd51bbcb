// Each refusal names the op and leaves no file.
// RUN: rm -rf %t && split-file %s %t
// RUN: not shift-translate --export-onnx %t/op.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=OP
// OP: error: cannot export '{{.*}}op.mlir': 'quant.qcast': this op has no form in ONNX
// RUN: not shift-translate --export-onnx %t/main.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=MAIN
// MAIN: error: {{.*}}expected a module with a function @main of one block
// RUN: not shift-translate --export-onnx %t/wide.mlir --activations=qdq -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: error: {{.*}}'shift.quantize' (node 'in'): expected activations of at most 16 bits
// RUN: shift-translate --export-onnx %t/wide.mlir -o %t/wide.onnx
// RUN: not shift-translate --export-onnx %t/elided.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=ELIDED
// ELIDED: error: {{.*}}'onnx.Constant'{{.*}}elided
// RUN: not shift-translate --export-onnx %t/text.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: error: cannot read '{{.*}}text.mlir':
// RUN: not shift-translate --export-onnx %t/none.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: cannot open input file '{{.*}}none.mlir'
// RUN: not shift-translate --export-onnx %t/port.mlir -o %t/o.onnx 2>&1 | FileCheck %s --check-prefix=PORT
// PORT: error: {{.*}}'input0': expected a tensor of numbers or fixed point
// RUN: not ls %t/o.onnx

//--- op.mlir
!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @main(%x: tensor<2xf32>) -> tensor<2x!q> {
  %0 = quant.qcast %x : tensor<2xf32> to tensor<2x!q>
  return %0 : tensor<2x!q>
}
//--- main.mlir
func.func @other(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}
//--- wide.mlir
!q = !quant.uniform<i32:f32, 1.52587890625e-05>
func.func @main(%x: tensor<2xf32>) -> tensor<2x!q> {
  %0 = shift.quantize %x {node_name = "in"} : (tensor<2xf32>) -> tensor<2x!q>
  return %0 : tensor<2x!q>
}
//--- elided.mlir
func.func @main() -> tensor<64xf32> {
  %0 = onnx.Constant dense_resource<__elided__> : tensor<64xf32>
  return %0 : tensor<64xf32>
}
//--- text.mlir
this is no module
//--- port.mlir
!w = !shift.pow2<-10:5>
func.func @main(%x: tensor<2x!w>) -> tensor<2x!w> {
  return %x : tensor<2x!w>
}
