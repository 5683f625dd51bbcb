//===- Passes.td - From inference to training ----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_DIFFERENTIATE_PASSES_TD
#define SHIFT_CONVERSION_DIFFERENTIATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExtractParametersPass : Pass<"extract-parameters", "ModuleOp"> {
  let summary = "Make what is trained an argument of @main";
  let description = [{
    Weights and biases of convolutions and linear layers, scales and biases of
    normalizations, and named float32 constants that are added or multiplied
    become arguments behind the inputs, in the order of their first use. The
    argument attribute `shift.parameter` is the name of the constant, or the
    node's with the operand's number where it has none. A constant that several
    layers share is one parameter.

    `include` and `exclude` are patterns of these names (`*`, `?`); what is not
    included stays a constant: it is frozen.

    ```mlir
    func.func @main(%x: tensor<1x8xf32>) -> tensor<1x1xf32> {
      %w = shift.weight {bits = 0 : i64, codes = dense<> : tensor<0xi8>,
        exponents = array<i8: -3>, name = "w", signs = array<i8: 1>}
        : tensor<1x8x!shift.pow2<-10:5>>
      %y = shift.linear %x, %w
        : (tensor<1x8xf32>, tensor<1x8x!shift.pow2<-10:5>>) -> tensor<1x1xf32>
      return %y : tensor<1x1xf32>
    }
    // becomes
    func.func @main(%x: tensor<1x8xf32>,
        %w: tensor<1x8x!shift.pow2<-10:5>> {shift.parameter = "w"})
        -> tensor<1x1xf32> {
      %y = shift.linear %x, %w
        : (tensor<1x8xf32>, tensor<1x8x!shift.pow2<-10:5>>) -> tensor<1x1xf32>
      return %y : tensor<1x1xf32>
    }
    ```
  }];
  let options = [
    ListOption<"include", "include", "std::string",
               "Name patterns of the parameters (default: all)">,
    ListOption<"exclude", "exclude", "std::string",
               "Name patterns of constants to leave">
  ];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def DifferentiatePass : Pass<"differentiate", "ModuleOp"> {
  let summary = "Make @backward, which computes gradients of the parameters";
  let description = [{
    Reverse-mode differentiation of `@main`, whose parameters
    `extract-parameters` has made. `@backward` takes the gradients of a loss
    with respect to the outputs, then residuals: values of `@main` that it needs
    (inputs and parameters among them), which become further results of `@main`
    where they are not its arguments. It returns the gradient of each parameter,
    of the parameter's shape, in float32. A gradient with respect to a rounded
    weight is that of the number it stands for (straight-through).

    A value that is used several times gets the sum of its gradients, the last
    use's first. An op whose gradient is unknown between a parameter and an
    output is an error.

    ```mlir
    func.func @main(%x: tensor<1x8xf32>,
        %w: tensor<1x8x!shift.pow2<-10:5>> {shift.parameter = "w"})
        -> tensor<1x1xf32> {
      %y = shift.linear %x, %w
        : (tensor<1x8xf32>, tensor<1x8x!shift.pow2<-10:5>>) -> tensor<1x1xf32>
      return %y : tensor<1x1xf32>
    }
    // gets beside it
    func.func @backward(%dy: tensor<1x1xf32>,
        %x: tensor<1x8xf32> {shift.residual = 0 : i64})
        -> (tensor<1x8xf32> {shift.parameter = "w"}) {
      %dw = shift.linear_grad_weight %x, %dy
        : (tensor<1x8xf32>, tensor<1x1xf32>) -> tensor<1x8xf32>
      return %dw : tensor<1x8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::func::FuncDialect", "::mlir::onnx::ONNXDialect",
    "::mlir::shift::ShiftDialect"
  ];
}

#endif // SHIFT_CONVERSION_DIFFERENTIATE_PASSES_TD
