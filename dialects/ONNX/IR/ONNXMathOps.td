//===- ONNXMathOps.td - Elementwise and reducing ops -------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXMATHOPS_TD
#define DIALECTS_ONNX_IR_ONNXMATHOPS_TD

include "dialects/ONNX/IR/ONNXDialect.td"

/// y = f(x), element by element; `extra` are attributes, `values` those of the
/// example.
class ONNX_UnaryOp<string mnemonic, string formula, dag extra = (ins),
                   string values = "", string note = "">
    : ONNX_Op<mnemonic, !con((ins ONNX_Tensor:$X), extra),
              [AllTypesMatch<["X", "result"]>]> {
  let summary = formula # " (ONNX " # mnemonic # ")";
  let description =
      "Element by element: `result = " # formula # "`" # note # ".\n\n"
      "```mlir\n"
      "%y = onnx." # mnemonic # " %x" # values # "\n"
      "  : (tensor<2x3xf32>) -> tensor<2x3xf32>\n"
      "```\n";
}

/// `X` also of another type than float32.
class ONNX_NumberOp<string mnemonic, string formula>
    : ONNX_UnaryOp<mnemonic, formula, (ins), "",
                   "; float64 and integers modulo 2^bits too">;

/// A function of `shift/Support/FloatMath.h`, not correctly rounded.
class ONNX_FunctionOp<string mnemonic, string formula>
    : ONNX_UnaryOp<mnemonic, formula, (ins), "",
                   " as `shift/Support/FloatMath.h` defines it, within 2 "
                   "floats of the correctly rounded result">;

def ONNX_ReluOp : ONNX_NumberOp<"Relu", "X < 0 ? 0 : X">;
def ONNX_SigmoidOp : ONNX_FunctionOp<"Sigmoid", "1 / (1 + exp(-X))">;
def ONNX_HardSwishOp
    : ONNX_UnaryOp<"HardSwish", "X * max(0, min(1, (1/6) * X + 0.5))">;
def ONNX_TanhOp : ONNX_FunctionOp<"Tanh", "tanh(X)">;
def ONNX_ExpOp : ONNX_FunctionOp<"Exp", "exp(X)">;
def ONNX_LogOp : ONNX_FunctionOp<"Log", "log(X)">;
def ONNX_SqrtOp : ONNX_UnaryOp<"Sqrt", "sqrt(X)">;
def ONNX_AbsOp : ONNX_NumberOp<"Abs", "abs(X)">;
def ONNX_NegOp : ONNX_NumberOp<"Neg", "-X">;
def ONNX_ReciprocalOp : ONNX_UnaryOp<"Reciprocal", "1 / X">;
def ONNX_IdentityOp
    : ONNX_UnaryOp<"Identity", "X", (ins), "", ", of any element type"> {
  let hasFolder = 1;
}
def ONNX_DropoutOp
    : ONNX_UnaryOp<"Dropout", "X", (ins), "", ": nothing drops at inference"> {
  let hasFolder = 1;
}
def ONNX_LeakyReluOp : ONNX_UnaryOp<"LeakyRelu", "X < 0 ? alpha * X : X",
    (ins DefaultValuedAttr<F32Attr, "0.01f">:$alpha), " {alpha = 0.1 : f32}">;
def ONNX_EluOp : ONNX_UnaryOp<"Elu", "X < 0 ? alpha * (exp(X) - 1) : X",
    (ins DefaultValuedAttr<F32Attr, "1.0f">:$alpha), " {alpha = 2.0 : f32}",
    " with `exp` as in onnx.Exp">;
def ONNX_HardSigmoidOp
    : ONNX_UnaryOp<"HardSigmoid", "max(0, min(1, alpha * X + beta))",
    (ins DefaultValuedAttr<F32Attr, "0.2f">:$alpha,
         DefaultValuedAttr<F32Attr, "0.5f">:$beta),
    " {alpha = 0.25 : f32, beta = 0.5 : f32}", "; NaN stays NaN">;
def ONNX_ClipOp : ONNX_UnaryOp<"Clip", "X < min ? min : X > max ? max : X",
    (ins OptionalAttr<AnyAttr>:$min, OptionalAttr<AnyAttr>:$max),
    " {max = 6.0 : f32, min = 0.0 : f32}",
    ", of any number type; an absent bound is skipped, a bound has the type of "
    "X's elements, and max wins where min > max"> {
  let hasVerifier = 1;
}

def ONNX_SoftmaxOp : ONNX_UnaryOp<"Softmax",
    "exp(X - max) / sum(exp(X - max)) along axis",
    (ins DefaultValuedAttr<I64Attr, "-1">:$axis)> {
  let description = [{
    For each row along `axis`, which may count from the end:

    ```
    m = largest X of the row
    e[i] = exp(X[i] - m)                         as in onnx.Exp
    s = +0, then s = s + e[i] for i in order
    result[i] = e[i] / s
    ```

    ```mlir
    %y = onnx.Softmax %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
    ```
  }];
  let hasVerifier = 1;
}

/// Binary ops broadcast as NumPy does.
class ONNX_BinaryOp<string mnemonic, string formula, string note>
    : ONNX_InferredOp<mnemonic, (ins ONNX_Tensor:$A, ONNX_Tensor:$B)> {
  let summary = formula # ", broadcast (ONNX " # mnemonic # ")";
  let description =
      "Element by element: `result = " # formula # "`" # note # ".\n\n"
      "```mlir\n"
      "%y = onnx." # mnemonic # " %a, %b\n"
      "  : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>\n"
      "```\n";
}

/// A and B have one element type.
class ONNX_ArithmeticOp<string mnemonic, string formula>
    : ONNX_BinaryOp<mnemonic, formula,
                    " with A and B broadcast to each other; integers modulo "
                    "2^bits">;

def ONNX_AddOp : ONNX_ArithmeticOp<"Add", "A + B">;
def ONNX_SubOp : ONNX_ArithmeticOp<"Sub", "A - B">;
def ONNX_MulOp : ONNX_ArithmeticOp<"Mul", "A * B">;
def ONNX_DivOp : ONNX_BinaryOp<"Div", "A / B",
    " with A and B broadcast to each other; integers truncate, and a divisor "
    "of 0 is an error">;
def ONNX_PowOp : ONNX_BinaryOp<"Pow", "A to the power B",
    ", as `shift/Support/FloatMath.h` defines it, with the special cases of "
    "IEEE 754; integers modulo 2^bits. B may have another element type than A">;
def ONNX_PReluOp : ONNX_BinaryOp<"PRelu", "A < 0 ? B * A : A",
    " with B broadcast to A, not A to B">;

/// `comparison` says when the next input replaces the result.
class ONNX_VariadicOp<string mnemonic, string formula, string comparison>
    : ONNX_InferredOp<mnemonic, (ins Variadic<ONNX_Tensor>:$inputs)> {
  let summary = formula # ", broadcast (ONNX " # mnemonic # ")";
  let description =
      "Element by element, inputs broadcast to each other: m is the first "
      "input; for each further x in order `m = " # comparison #
      " or x is NaN ? x : m`; the result is m.\n\n"
      "```mlir\n"
      "%y = onnx." # mnemonic # " %a, %b, %c\n"
      "  : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>\n"
      "```\n";
}

def ONNX_MinOp
    : ONNX_VariadicOp<"Min", "minimum of all inputs, left to right", "x < m">;
def ONNX_MaxOp
    : ONNX_VariadicOp<"Max", "maximum of all inputs, left to right", "x > m">;

class ONNX_ReduceOp<string mnemonic, string formula>
    : ONNX_InferredOp<mnemonic, (ins ONNX_Tensor:$data, DenseI64ArrayAttr:$axes,
        DefaultValuedAttr<I64Attr, "1">:$keepdims)> {
  let summary = formula # " over axes (ONNX " # mnemonic # ")";
  let description = [{
    The elements of each result in row order make the float64 sum of 16 partial
    sums by index mod 16, added 0..15; a mean divides by the count; rounded once
    to float32. Integers sum modulo 2^bits, and their mean truncates. `axes` is
    complete and not negative; empty axes leave the data as they are. Reduced
    dimensions stay as 1, or go with `keepdims = 0`.

    ```mlir
    %y = onnx.}] # mnemonic # [{ %x {axes = array<i64: 1>, keepdims = 0 : i64}
      : (tensor<2x3xf32>) -> tensor<2xf32>
    ```
  }];
}

def ONNX_ReduceMeanOp : ONNX_ReduceOp<"ReduceMean", "mean">;
def ONNX_ReduceSumOp : ONNX_ReduceOp<"ReduceSum", "sum">;

#endif // DIALECTS_ONNX_IR_ONNXMATHOPS_TD
