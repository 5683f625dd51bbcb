//===- Passes.td - From onnx to shift ------------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_TD
#define SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizeShiftPass : Pass<"quantize-shift", "::mlir::ModuleOp"> {
  let summary = "Round convolution and linear weights to powers of two";
  let description = [{
    Folds constants and batch norm, recognises group norm, then turns each Conv
    (1-D and 2-D), Gemm and MatMul with constant weights into `shift.conv2d` or
    `shift.linear` and fuses the Relu or Clip behind it. A weight that several
    ops share is rounded once and stored once. Remarks of category
    `shift-quantize` give each layer's signal to rounding noise ratio, the
    numbers of saturated and underflowed weights and the bits a weight.

    `--quantize-shift=-10:5` is short for `--quantize-shift="range=-10:5"`.

    ```mlir
    %y = onnx.Conv %x, %w, %b {...}
    %z = onnx.Relu %y
    // becomes
    %w1 = shift.weight {...} : tensor<8x3x3x3x!shift.pow2<-10:5>>
    %z = shift.conv2d %x, %w1, %b {clamp_min = 0.0 : f32, ...}
    ```
  }];
  let options = [
    Option<"range", "range", "std::string", /*default=*/"\"-10:5\"",
           "Exponents lo:hi; detectors need weights above 1">,
    Option<"rounding", "rounding", "std::string", "\"nearest\"",
           "nearest, log (DeepShift's rule) or stochastic">,
    Option<"underflow", "underflow", "std::string", "\"zero\"",
           "zero, or raise: non-zero weights never become 0">,
    Option<"window", "window", "int64_t", "0",
           "Neighbouring exponents an output channel may use; 0 for all">,
    Option<"terms", "terms", "int64_t", "1",
           "Powers of two a weight is a sum of, 1 to 3">,
    Option<"activationBits", "activation-bits", "int64_t", "16",
           "Bits of fixed-point activations, 4 to 16, for "
           "quantize-activations">,
    Option<"seed", "seed", "uint64_t", "0", "Seed of stochastic rounding">,
    Option<"step", "step", "uint64_t", "0", "Step of stochastic rounding">,
    ListOption<"include", "include", "std::string",
               "Name patterns (globs) of the nodes to convert; empty: all">,
    ListOption<"exclude", "exclude", "std::string",
               "Name patterns (globs) of the nodes to leave">
  ];
  let dependentDialects = ["::mlir::onnx::ONNXDialect",
                           "::mlir::shift::ShiftDialect"];
}

def QuantizeActivationsPass
    : Pass<"quantize-activations", "::mlir::ModuleOp"> {
  let summary = "Turn a calibrated module's activations to fixed point";
  let description = [{
    Expects the fraction of every value that becomes fixed point: the attribute
    `shift.fractions` of the op that makes it, or `shift.fraction` of the
    argument (calibration writes both). Values that a convolution, linear layer
    or group norm uses, also through ops that can compute in integers, become
    fixed point with the module's `activation_bits`; ops that cannot stay float
    between `shift.dequantize` and `shift.quantize`. Results of @main stay
    float32: a convolution converts its sum to float32 directly.

    With `mode=deepshift` nothing is calibrated: every convolution and linear
    layer rounds its float32 input to 32 bits, 16 of them fraction, downwards,
    which reproduces DeepShift's published numbers.

    ```mlir
    %1 = shift.conv2d %0, %w {...}  : ... -> tensor<1x4x8x8xf32>
    // becomes
    %1 = shift.conv2d %0, %w {...}
      : ... -> tensor<1x4x8x8x!quant.uniform<i16:f32, 0.00390625>>
    ```
  }];
  let options = [
    Option<"mode", "mode", "std::string", "\"calibrated\"",
           "calibrated, or deepshift (32 bits, 16 of them fraction, floor)">
  ];
  let dependentDialects = ["::mlir::shift::ShiftDialect"];
}

#endif // SHIFT_CONVERSION_ONNXTOSHIFT_PASSES_TD
