//===- ShiftActivationOps.td - Ops on fixed-point tensors ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
// What a network needs between convolutions to stay in integers. Notation as in
// ShiftOps.td.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD
#define DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD

include "dialects/Shift/IR/ShiftOps.td"

def Shift_QuantizeOp : Shift_Op<"quantize", (ins Shift_FloatTensor:$input)> {
  let summary = "float32 to fixed point";
  let description = [{
    `result = saturate(half_even(input * 2^f))`; NaN gives 0.

    Constraints:
    * (quantize_c1) shapes are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
  let hasFolder = 1;
}

def Shift_DequantizeOp
    : Shift_Op<"dequantize", (ins Shift_FixedTensor:$input)> {
  let summary = "Fixed point to float32";
  let description = [{
    `result = float32(q) * 2^-f`.

    Constraints:
    * (dequantize_c1) shapes are equal
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_RequantizeOp : Shift_Op<"requantize", (ins
    Shift_FixedTensor:$input, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max)> {
  let summary = "Changes the fraction or range of a fixed-point tensor, clamps";
  let description = [{
    ```
    r = f_in - f_out
    v = r <= 0 ? q << -r : (q + 2^(r-1)) >> r
    result = clamp(saturate(v), fixed(clamp_min), fixed(clamp_max))
    ```

    Constraints:
    * (requantize_c1) shapes are equal
    * (requantize_c2) clamp_min <= clamp_max, neither is NaN
  }];
  let results = (outs Shift_FixedTensor:$result);
  let hasFolder = 1;
}

def Shift_AddOp : Shift_Op<"add", (ins
    Shift_FixedTensor:$lhs, Shift_FixedTensor:$rhs,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max)> {
  let summary = "Sum of two fixed-point tensors, aligned by shifts";
  let description = [{
    ```
    f = max(f_lhs, f_rhs)
    v = (lhs << (f - f_lhs)) + (rhs << (f - f_rhs))
    result = requantize v from f to f_out, saturate, clamp
    ```

    Constraints:
    * (add_c1) operands and result have one shape
    * (add_c2) clamp_min <= clamp_max, neither is NaN
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_ConcatOp : Shift_Op<"concat", (ins
    Variadic<Shift_FixedTensor>:$inputs, I64Attr:$axis)> {
  let summary = "Joins fixed-point tensors, each requantized to the result";
  let description = [{
    Constraints:
    * (concat_c1) at least one input, equal shapes but for axis, which sums up
      to the result's; 0 <= axis < rank
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_MaxPoolOp : Shift_Op<"max_pool", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides, DefaultValuedAttr<I64Attr, "0">:$ceil_mode)> {
  let summary = "Maximum over windows; padding never wins";
  let description = [{
    Constraints:
    * (max_pool_c1) rank 4; two kernel sizes, strides, dilations of at least 1,
      four pads of at least 0
    * (max_pool_c2) the result's shape follows from the window
    * (max_pool_c3) element types are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_AveragePoolOp : Shift_Op<"average_pool", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides, DefaultValuedAttr<I64Attr, "0">:$ceil_mode,
    DefaultValuedAttr<I64Attr, "0">:$count_include_pad)> {
  let summary = "Average over windows";
  let description = [{
    `result = saturate(floor(S * 2^(f_out - f_in) / n + 1/2))`, exact, S the sum
    of the window, n ONNX's count.

    Constraints:
    * (average_pool_c1) rank 4; two kernel sizes, strides, dilations of at least
      1, four pads of at least 0
    * (average_pool_c2) the result's shape follows from the window
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_ResizeNearestOp : Shift_Op<"resize_nearest", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$rows,
    DenseI64ArrayAttr:$columns)> {
  let summary = "Nearest resampling by explicit index";
  let description = [{
    `result[n, c, y, x] = input[n, c, rows[y], columns[x]]`.

    Constraints:
    * (resize_nearest_c1) rank 4; rows and columns index the input
    * (resize_nearest_c2) the result has as many rows and columns as indices
    * (resize_nearest_c3) element types are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_PadOp : Shift_Op<"pad", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<F32Attr, "0.0f">:$value)> {
  let summary = "Adds a constant border, or removes one";
  let description = [{
    The border is `fixed(value)`. `pads` has all begins, then all ends.

    Constraints:
    * (pad_c1) two pads a dimension; the result's shape follows
    * (pad_c2) element types are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_ReshapeOp : Shift_Op<"reshape", (ins Shift_FixedTensor:$input)> {
  let summary = "New shape, same elements in row order";
  let description = [{
    Constraints:
    * (reshape_c1) equal numbers of elements
    * (reshape_c2) element types are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
  let hasFolder = 1;
}

def Shift_TransposeOp : Shift_Op<"transpose", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$perm)> {
  let summary = "Permutes dimensions; result dimension i is input perm[i]";
  let description = [{
    Constraints:
    * (transpose_c1) perm is a permutation, the result's shape follows
    * (transpose_c2) element types are equal
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_SliceOp : Shift_Op<"slice", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$starts,
    DenseI64ArrayAttr:$steps)> {
  let summary = "Strided part of a tensor";
  let description = [{
    Result index i reads input index `starts + i * steps`, one start and step a
    dimension.

    Constraints:
    * (slice_c1) one start and one step a dimension
    * (slice_c2) every index that is read lies in the input
    * (slice_c3) element types are equal
    * (slice_c4) no step is 0
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_GroupNormOp : Shift_Op<"group_norm", (ins
    Shift_FixedTensor:$input, Shift_FloatTensor:$scale,
    Shift_FloatTensor:$bias, DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon,
    I64Attr:$num_groups, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max)> {
  let summary = "Group normalization of a fixed-point tensor";
  let description = [{
    ```
    S1 = sum q, S2 = sum q*q                 64-bit, over a group of n elements
    m = S1/n, v = max(0, S2/n - m*m)                                  float64
    a = float32(scale / sqrt(v * 2^(-2f) + epsilon))
    b = float32(bias - m * 2^-f * a')       a' before its rounding to float32
    y = clamp(float32(q) * 2^-f * a + b, clamp_min, clamp_max)        unfused
    result = y, or fixed(y)
    ```

    Constraints:
    * (group_norm_c1) rank 2 or more, num_groups divides the channels
    * (group_norm_c2) scale and bias have one element a channel
    * (group_norm_c3) shapes of input and result are equal
    * (group_norm_c4) clamp_min <= clamp_max, neither is NaN
  }];
  let results = (outs Shift_ActivationTensor:$result);
}

#endif // DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD
