//===- ONNXMathOps.td - Elementwise and reducing ops ---------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXMATHOPS_TD
#define DIALECTS_ONNX_IR_ONNXMATHOPS_TD

include "dialects/ONNX/IR/ONNXDialect.td"

/// y = f(x), element by element; `extra` are attributes.
class ONNX_UnaryOp<string mnemonic, string formula, dag extra = (ins)>
    : ONNX_Op<mnemonic, !con((ins ONNX_Tensor:$X), extra),
              [AllTypesMatch<["X", "result"]>]> {
  let summary = formula # " (ONNX " # mnemonic # ")";
  let description =
      "Element by element: `result = " # formula # "`, each float step rounded "
      "to float32, unfused; transcendental functions are those of "
      "`shift/Support/FloatMath.h`.";
}

def ONNX_ReluOp : ONNX_UnaryOp<"Relu", "X < 0 ? 0 : X">;
def ONNX_SigmoidOp : ONNX_UnaryOp<"Sigmoid", "1 / (1 + exp(-X))">;
def ONNX_HardSwishOp
    : ONNX_UnaryOp<"HardSwish", "X * max(0, min(1, X / 6 + 0.5))">;
def ONNX_TanhOp : ONNX_UnaryOp<"Tanh", "tanh(X)">;
def ONNX_ExpOp : ONNX_UnaryOp<"Exp", "exp(X)">;
def ONNX_LogOp : ONNX_UnaryOp<"Log", "log(X)">;
def ONNX_SqrtOp : ONNX_UnaryOp<"Sqrt", "sqrt(X)">;
def ONNX_AbsOp : ONNX_UnaryOp<"Abs", "abs(X)">;
def ONNX_NegOp : ONNX_UnaryOp<"Neg", "-X">;
def ONNX_ReciprocalOp : ONNX_UnaryOp<"Reciprocal", "1 / X">;
def ONNX_IdentityOp : ONNX_UnaryOp<"Identity", "X"> { let hasFolder = 1; }
def ONNX_DropoutOp : ONNX_UnaryOp<"Dropout", "X at inference"> {
  let hasFolder = 1;
}
def ONNX_LeakyReluOp : ONNX_UnaryOp<"LeakyRelu", "X < 0 ? alpha * X : X",
    (ins DefaultValuedAttr<F32Attr, "0.01f">:$alpha)>;
def ONNX_EluOp : ONNX_UnaryOp<"Elu", "X < 0 ? alpha * (exp(X) - 1) : X",
    (ins DefaultValuedAttr<F32Attr, "1.0f">:$alpha)>;
def ONNX_HardSigmoidOp
    : ONNX_UnaryOp<"HardSigmoid", "max(0, min(1, alpha * X + beta))",
    (ins DefaultValuedAttr<F32Attr, "0.2f">:$alpha,
         DefaultValuedAttr<F32Attr, "0.5f">:$beta)>;
def ONNX_ClipOp : ONNX_UnaryOp<"Clip", "X < min ? min : X > max ? max : X",
    (ins OptionalAttr<AnyAttr>:$min, OptionalAttr<AnyAttr>:$max)> {
  let hasVerifier = 1;
}

def ONNX_SoftmaxOp : ONNX_UnaryOp<"Softmax",
    "exp(X - max) / sum(exp(X - max)) along axis",
    (ins DefaultValuedAttr<I64Attr, "-1">:$axis)> {
  let hasVerifier = 1;
}

/// Binary ops broadcast as NumPy does.
class ONNX_BinaryOp<string mnemonic, string formula>
    : ONNX_InferredOp<mnemonic, (ins ONNX_Tensor:$A, ONNX_Tensor:$B)> {
  let summary = formula # ", broadcast (ONNX " # mnemonic # ")";
}

def ONNX_AddOp : ONNX_BinaryOp<"Add", "A + B">;
def ONNX_SubOp : ONNX_BinaryOp<"Sub", "A - B">;
def ONNX_MulOp : ONNX_BinaryOp<"Mul", "A * B">;
def ONNX_DivOp : ONNX_BinaryOp<"Div", "A / B">;
def ONNX_PowOp : ONNX_BinaryOp<"Pow", "A to the power B">;
def ONNX_PReluOp : ONNX_BinaryOp<"PRelu", "A < 0 ? B * A : A">;

class ONNX_VariadicOp<string mnemonic, string formula>
    : ONNX_InferredOp<mnemonic, (ins Variadic<ONNX_Tensor>:$inputs)> {
  let summary = formula # ", broadcast (ONNX " # mnemonic # ")";
}

def ONNX_MinOp : ONNX_VariadicOp<"Min", "minimum of all inputs, left to right">;
def ONNX_MaxOp : ONNX_VariadicOp<"Max", "maximum of all inputs, left to right">;

class ONNX_ReduceOp<string mnemonic, string formula>
    : ONNX_InferredOp<mnemonic, (ins ONNX_Tensor:$data, DenseI64ArrayAttr:$axes,
        DefaultValuedAttr<I64Attr, "1">:$keepdims)> {
  let summary = formula # " over axes (ONNX " # mnemonic # ")";
  let description = [{
    The elements of each result in row order make the float64 sum of 16 partial
    sums by index mod 16, added 0..15; a mean divides by the count; rounded once
    to float32. `axes` is complete, sorted and not negative; empty axes leave
    the data as they are.
  }];
}

def ONNX_ReduceMeanOp : ONNX_ReduceOp<"ReduceMean", "mean">;
def ONNX_ReduceSumOp : ONNX_ReduceOp<"ReduceSum", "sum">;

#endif // DIALECTS_ONNX_IR_ONNXMATHOPS_TD
