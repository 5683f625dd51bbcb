//===- ShiftOps.td - Weights, convolution, linear ----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
// The ops that hold arithmetic on powers of two. The notation of the
// pseudo-code is that of the dialect's description.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTOPS_TD
#define DIALECTS_SHIFT_IR_SHIFTOPS_TD

include "dialects/Shift/IR/ShiftTypes.td"

/// Every op carries the name of the ONNX node it came from.
class Shift_Op<string mnemonic, dag params, list<Trait> traits = []>
    : Op<Shift_Dialect, mnemonic, !listconcat([Pure], traits)> {
  let arguments = !con(params, (ins OptionalAttr<StrAttr>:$node_name));
  let assemblyFormat =
      "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

/// An op that rounds and saturates. Training asks for a second result: where the
/// derivative of the first with respect to the exact number behind it is 1.
class Shift_RoundingOp<string mnemonic, dag params, TypeConstraint resultType>
    : Shift_Op<mnemonic, params> {
  let results = (outs resultType:$result, Optional<Shift_MaskTensor>:$inside);
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getResult().getType());
    }
  }];
}

def Shift_WeightOp : Op<Shift_Dialect, "weight", [Pure]> {
  let summary = "A tensor of powers of two as packed codes";
  let description = [{
    Codebook entry i is `sum over t of signs[i*terms+t] *
    2^exponents[i*terms+t]`, a sign of 0 meaning no term (and exponent 0). Code
    k, little-endian bits [k*bits, (k+1)*bits) of `codes`, is the codebook index
    of element k in row order.

    With a window, exponents are relative to the channel's window_tops, so that
    the codebook of a window of n has at most 2n+1 entries.

    Entries are told apart by value, so one of several terms has a canonical
    form whatever rounding chose: what rounding to nearest makes of the value
    itself. Sums of float32 take the terms in that form and order.

    Constraints:
    * (weight_c1) signs and exponents have terms * n elements, n >= 1
    * (weight_c2) bits = ceil(log2(n))
    * (weight_c3) codes is an i8 vector of ceil(elements * bits / 8) elements
    * (weight_c4) signs are -1, 0 or 1, 0 last in an entry; exponents of terms
      lie in lo..hi, once a window's top is added, and fall within an entry,
      spanning at most 23
    * (weight_c5) entries are sorted by value, without duplicates
    * (weight_c6) every code is below n
    * (weight_c7) window_tops exist exactly with a window; with one of n they
      have one top t a channel, lo+n-1 <= t <= hi (t = hi if n exceeds the
      range), and exponents lie in 1-n..0
    * (weight_c8) at most 2^31 elements

    ```mlir
    %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
      exponents = array<i8: 0, -3>, name = "w", signs = array<i8: 0, 1>}
      : tensor<1x2x1x1x!shift.pow2<-10:5>>
    ```

    The weights are 0 and 2^-3. Two terms in windows: 5/8 * 2^5 and 5/4 * 2^4.

    ```mlir
    %w = shift.weight {bits = 1 : i64, codes = dense<2> : tensor<1xi8>,
      exponents = array<i8: -1, -3, 0, -2>, name = "w",
      signs = array<i8: 1, 1, 1, 1>, window_tops = array<i8: 5, 4>}
      : tensor<2x1x!shift.pow2<-10:5, terms = 2, window = 7>>
    ```
  }];
  let arguments = (ins ElementsAttr:$codes, I64Attr:$bits,
                       DenseI8ArrayAttr:$signs, DenseI8ArrayAttr:$exponents,
                       OptionalAttr<DenseI8ArrayAttr>:$window_tops,
                       OptionalAttr<StrAttr>:$name);
  let results = (outs Shift_WeightTensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Shift_Conv2DOp : Shift_RoundingOp<"conv2d", (ins
    Shift_ActivationTensor:$input, Shift_WeightTensor:$weights,
    Optional<Shift_FloatTensor>:$bias, DenseI64ArrayAttr:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$group, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max), Shift_ActivationTensor> {
  let summary = "Convolution by shifts and adds, bias, requantize, clamp";
  let description = [{
    Fixed-point input, f_in its fraction, e = the least exponent of any term of
    output channel c (without terms: f_in - f_out, or lo if the result is
    float):

    ```
    acc = sum over taps, terms of s * (q << (p - e))       exact
    fixed-point result: r = f_in - e - f_out
      r >= 0: acc = rescale(acc + half_even(bias * 2^(f_in - e)), r)
      r < 0:  acc = rescale(acc, r) + half_even(bias * 2^f_out)
      result = clamp(saturate(acc), fixed(clamp_min), fixed(clamp_max))
    float result: acc += half_even(bias * 2^(f_in - e));
      result = clamp(float32(acc) * 2^(e - f_in), clamp_min, clamp_max)
    ```

    Float input:

    ```
    acc = +0
    for ky, kx, ci of the group, terms first to last (absent terms are zeros):
      acc = fma(s * 2^p, x, acc)                  taps outside are skipped
    result = clamp(acc + bias, clamp_min, clamp_max)        unfused
    ```

    `pads` is top, left, bottom, right; taps outside the input are zero. A sum
    without bias or a rounded bias of 2^120 or more is an error.

    `inside`, the optional second result of a fixed-point one, is
    `passes(v, clamp_min, clamp_max)` of the exact number v that is rounded:
    acc * 2^(-r - f_out) before the shift right, acc * 2^-f_out after one left.

    Constraints:
    * (conv2d_c1) input, weights and result have rank 4
    * (conv2d_c2) two strides and dilations of at least 1, four pads of at least
      0, group of at least 1
    * (conv2d_c3) group divides the input's and the weights' channels, and the
      weights' dimension 1 times group is the input's channels
    * (conv2d_c4) bias has one element an output channel
    * (conv2d_c5) the result's shape follows from the input's batch, the output
      channels and the window
    * (conv2d_c6) a fixed-point result needs a fixed-point input
    * (conv2d_c7) clamp_min <= clamp_max, neither is NaN
    * (conv2d_c8) inside has the shape of the result, which is fixed point

    ```mlir
    %y = shift.conv2d %x, %w, %b {clamp_min = 0.0 : f32,
      dilations = array<i64: 1, 1>, group = 1 : i64,
      pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
      : (tensor<1x3x8x8x!quant.uniform<i16:f32, 0.0625>>,
         tensor<4x3x3x3x!shift.pow2<-10:5>>, tensor<4xf32>)
      -> tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
}

def Shift_LinearOp : Shift_RoundingOp<"linear", (ins
    Shift_ActivationTensor:$input, Shift_WeightTensor:$weights,
    Optional<Shift_FloatTensor>:$bias, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max), Shift_ActivationTensor> {
  let summary = "Matrix product by shifts and adds over the last dimension";
  let description = [{
    With every dimension before the last as one row index i, and m an output,
    k an input:

    ```
    fixed-point input:
      e = least exponent of any term of weights[m, ...], without terms
          f_input - f_result, or lo if the result is float
      acc = sum over k, terms of s * (input[i, k] << (p - e))         exact
      then bias[m], rounding, saturation and clamp as in shift.conv2d
    float input:
      acc = +0
      for k in order, terms first to last (absent terms are zeros):
        acc = fma(s * 2^p, input[i, k], acc)
      result[i, m] = clamp(acc + bias[m], clamp_min, clamp_max)     unfused
    ```

    The input is ... x K, weights are M x K, the result is ... x M. It equals
    `shift.conv2d` with a 1x1 window on images of one pixel, `inside` too.

    Constraints:
    * (linear_c1) weights have rank 2, input has rank 1 or more and its last
      dimension is K
    * (linear_c2) the result is the input's shape with M for K
    * (linear_c3) bias has M elements
    * (linear_c4) a fixed-point result needs a fixed-point input
    * (linear_c5) clamp_min <= clamp_max, neither is NaN
    * (linear_c6) inside has the shape of the result, which is fixed point

    ```mlir
    %y = shift.linear %x, %w, %b {clamp_min = 0.0 : f32}
      : (tensor<2x8x!quant.uniform<i16:f32, 0.0625>>,
         tensor<4x8x!shift.pow2<-10:5>>, tensor<4xf32>)
      -> tensor<2x4x!quant.uniform<i16:f32, 0.125>>
    ```
  }];
}

#endif // DIALECTS_SHIFT_IR_SHIFTOPS_TD
