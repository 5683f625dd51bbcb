//===- Passes.td - Passes that compute with the reference ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_REFERENCE_PASSES_TD
#define SHIFT_REFERENCE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldConstantsPass : Pass<"fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate onnx ops whose operands are constants";
  let description = [{
    Every op of the onnx dialect whose operands are all `onnx.Constant` becomes
    a constant: its value is what the reference interpreter gives, float32 op by
    op as ONNX says. `onnx.Shape` needs no constant operand, and the ops' own
    folders (Identity, Dropout, a Reshape to the same shape) are applied too. A
    new constant is called like the first named constant that it came from, so
    that messages about weights name the model's initializer.

    Ops with results beyond `max-bytes`, and ops that the interpreter refuses,
    stay.

    ```mlir
    %w = onnx.Constant {name = "w"} dense<[1.0, 2.0]> : tensor<2xf32>
    %y = onnx.Add %w, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    // becomes
    %y = onnx.Constant {name = "w"} dense<[2.0, 4.0]> : tensor<2xf32>
    ```
  }];
  let options = [
    Option<"maxBytes", "max-bytes", "int64_t", /*default=*/"268435456",
           "Largest result to fold; 256 MiB, so that a generated tensor does "
           "not swell the module">
  ];
  let dependentDialects = ["::mlir::onnx::ONNXDialect"];
}

#endif // SHIFT_REFERENCE_PASSES_TD
