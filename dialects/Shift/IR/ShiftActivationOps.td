//===- ShiftActivationOps.td - Ops on fixed-point tensors --*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
// What a network needs between convolutions to stay in integers. The notation
// of the pseudo-code is that of the dialect's description.
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD
#define DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD

include "dialects/Shift/IR/ShiftOps.td"

def Shift_QuantizeOp : Shift_RoundingOp<"quantize", (ins
    Shift_FloatTensor:$input, UnitAttr:$floor), Shift_FixedTensor> {
  let summary = "float32 to fixed point";
  let description = [{
    ```
    for each index i:
      result[i] = fixed(input[i])                half to even, NaN gives 0
      inside[i] = passes(input[i])                            if asked for
    ```

    With `floor` the number is rounded down instead, as DeepShift's published
    numbers are.

    Constraints:
    * (quantize_c1) shapes are equal
    * (quantize_c2) inside has the shape of the result

    ```mlir
    %q = shift.quantize %x : (tensor<1x3x8x8xf32>)
      -> tensor<1x3x8x8x!quant.uniform<i16<-512:511>:f32, 0.0625>>
    ```
  }];
  let hasFolder = 1;
}

def Shift_DequantizeOp
    : Shift_Op<"dequantize", (ins Shift_FixedTensor:$input)> {
  let summary = "Fixed point to float32";
  let description = [{
    ```
    for each index i:
      result[i] = float32(input[i]) * 2^-f_input
    ```

    The conversion rounds half to even, which changes only integers beyond 2^24;
    the product is exact.

    Constraints:
    * (dequantize_c1) shapes are equal

    ```mlir
    %x = shift.dequantize %q
      : (tensor<1x3x8x8x!quant.uniform<i8:f32, 0.125>>) -> tensor<1x3x8x8xf32>
    ```
  }];
  let results = (outs Shift_FloatTensor:$result);
}

def Shift_RequantizeOp : Shift_RoundingOp<"requantize", (ins
    Shift_FixedTensor:$input, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max), Shift_FixedTensor> {
  let summary = "Changes the fraction or range of a fixed-point tensor, clamps";
  let description = [{
    ```
    for each index i:
      v = rescale(input[i], f_input - f_result)                    half up
      result[i] = clamp(saturate(v), fixed(clamp_min), fixed(clamp_max))
      inside[i] = passes(input[i] * 2^-f_input, clamp_min, clamp_max)
                                                              if asked for
    ```

    Constraints:
    * (requantize_c1) shapes are equal
    * (requantize_c2) clamp_min <= clamp_max, neither is NaN
    * (requantize_c3) inside has the shape of the result

    ```mlir
    %r = shift.requantize %q {clamp_min = 0.0 : f32}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x8x8x!quant.uniform<u8:f32, 0.25>>
    ```
  }];
  let hasFolder = 1;
}

def Shift_AddOp : Shift_RoundingOp<"add", (ins
    Shift_FixedTensor:$lhs, Shift_FixedTensor:$rhs,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max),
    Shift_FixedTensor> {
  let summary = "Sum of two fixed-point tensors, aligned by shifts";
  let description = [{
    ```
    f = max(f_lhs, f_rhs)
    for each index i:
      v = (lhs[i] << (f - f_lhs)) + (rhs[i] << (f - f_rhs))          exact
      inside[i] = passes(v * 2^-f, clamp_min, clamp_max)      if asked for
      v = saturate(rescale(v, f - f_result))                       half up
      result[i] = clamp(v, fixed(clamp_min), fixed(clamp_max))
    ```

    Constraints:
    * (add_c1) operands and result have one shape
    * (add_c2) clamp_min <= clamp_max, neither is NaN
    * (add_c3) inside has the shape of the result

    ```mlir
    %s = shift.add %a, %b {clamp_min = 0.0 : f32}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>,
         tensor<1x4x8x8x!quant.uniform<i8:f32, 0.25>>)
      -> tensor<1x4x8x8x!quant.uniform<i16:f32, 0.125>>
    ```
  }];
}

def Shift_ConcatOp : Shift_Op<"concat", (ins
    Variadic<Shift_FixedTensor>:$inputs, I64Attr:$axis)> {
  let summary = "Joins fixed-point tensors, each requantized to the result";
  let description = [{
    ```
    begin = 0
    for each input x, first to last:
      for each index i of x:
        j = i, but j[axis] = begin + i[axis]
        result[j] = saturate(rescale(x[i], f_x - f_result))        half up
      begin += size of x along axis
    ```

    Constraints:
    * (concat_c1) at least one input, equal shapes but for axis, which sums up
      to the result's; 0 <= axis < rank

    ```mlir
    %c = shift.concat %a, %b {axis = 1 : i64}
      : (tensor<1x2x8x8x!quant.uniform<i16:f32, 0.0625>>,
         tensor<1x3x8x8x!quant.uniform<i16:f32, 0.125>>)
      -> tensor<1x5x8x8x!quant.uniform<i16:f32, 0.125>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_MaxPoolOp : Shift_Op<"max_pool", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$strides, DefaultValuedAttr<I64Attr, "0">:$ceil_mode)> {
  let summary = "Maximum over windows; padding never wins";
  let description = [{
    ```
    for each n, c, y, x of result:
      m = least q of the format
      for ky in 0..kernel[0]-1, kx in 0..kernel[1]-1:
        iy = y * strides[0] - pads[0] + ky * dilations[0]
        ix = x * strides[1] - pads[1] + kx * dilations[1]
        if iy, ix lie in the input:
          m = max(m, input[n, c, iy, ix])
      result[n, c, y, x] = m
    ```

    `pads` is top, left, bottom, right. With `extent = (kernel - 1) * dilation +
    1`, an axis has `floor((size + pads - extent) / stride) + 1` results; with
    `ceil_mode` the quotient is rounded up, but a window that would start beyond
    the input and the padding before it is dropped.

    Constraints:
    * (max_pool_c1) rank 4; two kernel sizes, strides, dilations of at least 1,
      four pads of at least 0
    * (max_pool_c2) the result's shape follows from the window
    * (max_pool_c3) element types are equal

    ```mlir
    %p = shift.max_pool %q {dilations = array<i64: 1, 1>,
      kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>,
      strides = array<i64: 2, 2>}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x4x4x!quant.uniform<i16:f32, 0.0625>>
    ```
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
    ```
    for each n, c, y, x of result:
      S = sum of input[n, c, iy, ix] over the taps inside the input   exact
      count = number of taps inside the input, or with count_include_pad
              inside input and padding; at least 1
      v = floor(S * 2^(f_result - f_input) / count + 1/2)             exact
      result[n, c, y, x] = saturate(v)
    ```

    Windows, pads and the result's shape are those of `shift.max_pool`. A window
    that `ceil_mode` lets run past the padding counts only what is before its
    end.

    Constraints:
    * (average_pool_c1) rank 4; two kernel sizes, strides, dilations of at least
      1, four pads of at least 0
    * (average_pool_c2) the result's shape follows from the window

    ```mlir
    %p = shift.average_pool %q {dilations = array<i64: 1, 1>,
      kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 2, 2>}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x4x4x!quant.uniform<i16:f32, 0.03125>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_ResizeNearestOp : Shift_Op<"resize_nearest", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$rows,
    DenseI64ArrayAttr:$columns)> {
  let summary = "Nearest resampling by explicit index";
  let description = [{
    ```
    for each n, c, y, x of result:
      result[n, c, y, x] = input[n, c, rows[y], columns[x]]
    ```

    Constraints:
    * (resize_nearest_c1) rank 4; rows and columns index the input
    * (resize_nearest_c2) the result has the input's batch and channels, and as
      many rows and columns as there are indices
    * (resize_nearest_c3) element types are equal

    ```mlir
    %r = shift.resize_nearest %q {columns = array<i64: 0, 0, 1, 1>,
      rows = array<i64: 0, 0, 1, 1>}
      : (tensor<1x4x2x2x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x4x4x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_PadOp : Shift_Op<"pad", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<F32Attr, "0.0f">:$value)> {
  let summary = "Adds a constant border, or removes one";
  let description = [{
    ```
    for each index i of result:
      j[d] = i[d] - pads[d] for each dimension d
      result[i] = j lies in the input ? input[j] : fixed(value)
    ```

    `pads` has all begins, then all ends; negative ones remove elements.

    Constraints:
    * (pad_c1) two pads a dimension, within -2^31 to 2^31; the result's shape follows
    * (pad_c2) element types are equal

    ```mlir
    %p = shift.pad %q {pads = array<i64: 0, 0, 1, -1, 0, 0, 1, 0>,
      value = 0.5 : f32}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x10x7x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_ReshapeOp : Shift_Op<"reshape", (ins Shift_FixedTensor:$input)> {
  let summary = "New shape, same elements in row order";
  let description = [{
    ```
    for each k below the number of elements:
      element k of result = element k of input, both counted in row order
    ```

    Constraints:
    * (reshape_c1) equal numbers of elements
    * (reshape_c2) element types are equal

    ```mlir
    %r = shift.reshape %q
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x256x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
  let hasFolder = 1;
}

def Shift_TransposeOp : Shift_Op<"transpose", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$perm)> {
  let summary = "Permutes dimensions; result dimension i is input perm[i]";
  let description = [{
    ```
    for each index i of result:
      j[perm[d]] = i[d] for each dimension d
      result[i] = input[j]
    ```

    Constraints:
    * (transpose_c1) perm is a permutation, the result's shape follows
    * (transpose_c2) element types are equal

    ```mlir
    %t = shift.transpose %q {perm = array<i64: 0, 2, 3, 1>}
      : (tensor<1x4x8x6x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x8x6x4x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_SliceOp : Shift_Op<"slice", (ins
    Shift_FixedTensor:$input, DenseI64ArrayAttr:$starts,
    DenseI64ArrayAttr:$steps)> {
  let summary = "Strided part of a tensor";
  let description = [{
    ```
    for each index i of result:
      j[d] = starts[d] + i[d] * steps[d] for each dimension d
      result[i] = input[j]
    ```

    Constraints:
    * (slice_c1) one start and one step a dimension, which the result keeps
    * (slice_c2) every index that is read lies in the input
    * (slice_c3) element types are equal
    * (slice_c4) no step is 0

    ```mlir
    %s = shift.slice %q {starts = array<i64: 0, 0, 7, 1>,
      steps = array<i64: 1, 1, -1, 2>}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>)
      -> tensor<1x4x8x3x!quant.uniform<i16:f32, 0.0625>>
    ```
  }];
  let results = (outs Shift_FixedTensor:$result);
}

def Shift_GroupNormOp : Shift_RoundingOp<"group_norm", (ins
    Shift_FixedTensor:$input, Shift_FloatTensor:$scale,
    Shift_FloatTensor:$bias, DefaultValuedAttr<F32Attr, "1e-5f">:$epsilon,
    I64Attr:$num_groups, OptionalAttr<F32Attr>:$clamp_min,
    OptionalAttr<F32Attr>:$clamp_max), Shift_ActivationTensor> {
  let summary = "Group normalization of a fixed-point tensor";
  let description = [{
    ```
    for each image, for each of num_groups groups of adjacent channels:
      n = elements of the group
      S1 = sum of q, S2 = sum of q * q over the group     64-bit, any order
      m = S1 / n, v = max(0, S2 / n - m * m)                        float64
      for each channel c of the group:
        a = scale[c] / sqrt(v * 2^(-2 f_input) + epsilon)           float64
        b = bias[c] - m * 2^-f_input * a                            float64
        for each element i of the channel:
          x = float32(input[i]) * 2^-f_input
          y = x * float32(a) + float32(b)                  float32, unfused
          inside[i] = passes(y, clamp_min, clamp_max)         if asked for
          y = clamp(y, clamp_min, clamp_max)
          result[i] = float result ? y : fixed(y)
    ```

    An S2 of 2^63 or more is an error of the run.

    Constraints:
    * (group_norm_c1) rank 2 or more, num_groups of at least 1 divides the
      channels
    * (group_norm_c2) scale and bias have one element a channel
    * (group_norm_c3) shapes of input and result are equal
    * (group_norm_c4) clamp_min <= clamp_max, neither is NaN
    * (group_norm_c5) inside has the shape of the result, which is fixed point

    ```mlir
    %y = shift.group_norm %q, %scale, %bias {clamp_min = 0.0 : f32,
      epsilon = 1.0e-5 : f32, num_groups = 2 : i64}
      : (tensor<1x4x8x8x!quant.uniform<i16:f32, 0.0625>>, tensor<4xf32>,
         tensor<4xf32>)
      -> tensor<1x4x8x8x!quant.uniform<i16:f32, 0.001953125>>
    ```
  }];
}

#endif // DIALECTS_SHIFT_IR_SHIFTACTIVATIONOPS_TD
