//===- ONNXTensorOps.td - Ops that move or make tensors ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef DIALECTS_ONNX_IR_ONNXTENSOROPS_TD
#define DIALECTS_ONNX_IR_ONNXTENSOROPS_TD

include "dialects/ONNX/IR/ONNXDialect.td"

def ONNX_ConstantOp : ONNX_Op<"Constant", (ins
    ElementsAttr:$value, OptionalAttr<StrAttr>:$name),
    [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "An initializer or a constant (ONNX Constant)";
  let description = [{
    `name` is the initializer's name in the model. Large values are
    `dense_resource` blobs.

    ```mlir
    %w = onnx.Constant {name = "w"} dense<1.0> : tensor<4x3x3x3xf32>
    ```
  }];
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def ONNX_ConcatOp : ONNX_InferredOp<"Concat", (ins
    Variadic<ONNX_Tensor>:$inputs, I64Attr:$axis)> {
  let summary = "Joins tensors along an axis (ONNX Concat)";
  let description = [{
    The inputs one behind the other along `axis`, which may count from the end;
    they have one type but for the size there.

    ```mlir
    %y = onnx.Concat %a, %b {axis = 1 : i64}
      : (tensor<1x2x8x8xf32>, tensor<1x3x8x8xf32>) -> tensor<1x5x8x8xf32>
    ```
  }];
}

def ONNX_SplitOp : ONNX_InferredOp<"Split", (ins
    ONNX_Tensor:$input, DefaultValuedAttr<I64Attr, "0">:$axis,
    DenseI64ArrayAttr:$split)> {
  let summary = "Cuts a tensor along an axis (ONNX Split)";
  let description = [{
    The inverse of onnx.Concat: one result for each size in `split`, in order.
    The sizes sum to the input's along `axis`, which may count from the end.

    ```mlir
    %y:2 = onnx.Split %x {axis = 1 : i64, split = array<i64: 2, 3>}
      : (tensor<1x5x8x8xf32>) -> (tensor<1x2x8x8xf32>, tensor<1x3x8x8xf32>)
    ```
  }];
  let results = (outs Variadic<ONNX_Tensor>:$outputs);
}

def ONNX_SliceOp : ONNX_InferredOp<"Slice", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$ends,
    DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$steps)> {
  let summary = "Strided part of a tensor (ONNX Slice)";
  let description = [{
    Along `axes[k]` result index i reads `starts[k] + i * steps[k]`, up to
    `ends[k]`, which it does not reach; other dimensions stay. Negative starts
    and ends count from the end, then both are clamped: to 0..size, or with a
    negative step starts to 0..size-1 and ends to -1..size-1. No step is 0.

    ```mlir
    %y = onnx.Slice %x {axes = array<i64: 1, 2>, ends = array<i64: 4, -9>,
      starts = array<i64: 0, -1>, steps = array<i64: 2, -1>}
      : (tensor<1x5x8xf32>) -> tensor<1x2x8xf32>
    ```
  }];
}

/// The result type says the new shape; the number of elements stays.
class ONNX_ReshapeLikeOp<string mnemonic, string shape, string example,
                         dag extra = (ins)>
    : ONNX_Op<mnemonic, !con((ins ONNX_Tensor:$data), extra)> {
  let summary = "New shape, same elements in row order (ONNX "
                # mnemonic # ")";
  let description =
      "Element k of the result is element k of the data, both in row order. "
      "The result's shape is " # shape # ".\n\n"
      "```mlir\n"
      "%y = onnx." # mnemonic # " %x" # example # "\n"
      "```\n";
  let hasVerifier = 1;
}

def ONNX_ReshapeOp : ONNX_ReshapeLikeOp<"Reshape",
    "any of as many elements; the -1 and 0 of ONNX are resolved",
    " : (tensor<1x4x8x8xf32>) -> tensor<1x256xf32>"> {
  let hasFolder = 1;
}
def ONNX_FlattenOp : ONNX_ReshapeLikeOp<"Flatten",
    "a matrix: the product of the sizes before `axis`, then of the others",
    " {axis = 1 : i64} : (tensor<2x4x8xf32>) -> tensor<2x32xf32>",
    (ins DefaultValuedAttr<I64Attr, "1">:$axis)>;
def ONNX_SqueezeOp : ONNX_ReshapeLikeOp<"Squeeze",
    "the data's without the dimensions `axes`, which are 1",
    " {axes = array<i64: 0>} : (tensor<1x4x8xf32>) -> tensor<4x8xf32>",
    (ins DenseI64ArrayAttr:$axes)>;
def ONNX_UnsqueezeOp : ONNX_ReshapeLikeOp<"Unsqueeze",
    "the data's with dimensions of 1 that become the result's `axes`",
    " {axes = array<i64: 0>} : (tensor<4x8xf32>) -> tensor<1x4x8xf32>",
    (ins DenseI64ArrayAttr:$axes)>;

def ONNX_TransposeOp : ONNX_InferredOp<"Transpose", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$perm)> {
  let summary = "Permutes dimensions (ONNX Transpose)";
  let description = [{
    Result dimension i is input dimension perm[i]: the result at index i is the
    data at index j with `j[perm[d]] = i[d]` for each dimension d.

    ```mlir
    %y = onnx.Transpose %x {perm = array<i64: 0, 2, 3, 1>}
      : (tensor<1x4x8x6xf32>) -> tensor<1x8x6x4xf32>
    ```
  }];
}

def ONNX_GatherOp : ONNX_InferredOp<"Gather", (ins
    ONNX_Tensor:$data, ONNX_Tensor:$indices,
    DefaultValuedAttr<I64Attr, "0">:$axis)> {
  let summary = "Takes slices by index along an axis (ONNX Gather)";
  let description = [{
    `result[a..., i..., b...] = data[a..., indices[i...], b...]`, a the
    dimensions before `axis` and b those behind it. Negative indices count from
    the end; others than -size..size-1 are an error.

    ```mlir
    %y = onnx.Gather %x, %indices {axis = 1 : i64}
      : (tensor<2x5x8xf32>, tensor<3xi64>) -> tensor<2x3x8xf32>
    ```
  }];
}

def ONNX_ShapeOp : ONNX_InferredOp<"Shape", (ins
    ONNX_Tensor:$data, DefaultValuedAttr<I64Attr, "0">:$start,
    OptionalAttr<I64Attr>:$end)> {
  let summary = "The shape as a tensor (ONNX Shape); always folds";
  let description = [{
    The sizes of the dimensions `start` up to but not including `end` (absent:
    all further ones). Negative numbers count from the end, then both are
    clamped to 0..rank.

    ```mlir
    %y = onnx.Shape %x {start = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2xi64>
    ```
  }];
  let hasFolder = 1;
}

def ONNX_ConstantOfShapeOp : ONNX_Op<"ConstantOfShape", (ins
    ElementsAttr:$value)> {
  let summary = "A tensor of one repeated value (ONNX ConstantOfShape)";
  let description = [{
    Every element of the result is the only element of `value`.

    ```mlir
    %y = onnx.ConstantOfShape {value = dense<1.0> : tensor<1xf32>}
      : () -> tensor<2x3xf32>
    ```
  }];
  let assemblyFormat = "attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def ONNX_ExpandOp : ONNX_Op<"Expand", (ins ONNX_Tensor:$input)> {
  let summary = "Broadcast to the result's shape (ONNX Expand)";
  let description = [{
    Repeats the input along dimensions of size 1 and absent leading ones. A size
    of 1 in ONNX's shape is resolved to the input's.

    ```mlir
    %y = onnx.Expand %x : (tensor<3x1xf32>) -> tensor<2x3x4xf32>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_CastOp : ONNX_Op<"Cast", (ins ONNX_Tensor:$input)> {
  let summary = "Converts the element type (ONNX Cast)";
  let description = [{
    Integers to floats and floats to floats round half to even; floats to
    integers truncate and saturate, NaN gives 0; integers to integers keep the
    low bits; to i1 whether it is other than 0.

    ```mlir
    %y = onnx.Cast %x : (tensor<2x3xi64>) -> tensor<2x3xf32>
    ```
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def ONNX_PadOp : ONNX_InferredOp<"Pad", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<StrAttr, "\"constant\"">:$mode,
    OptionalAttr<AnyAttr>:$constant_value)> {
  let summary = "Adds or removes a border (ONNX Pad)";
  let description = [{
    Along each dimension result index i shows data index `j = i - begin`; where
    that lies outside, by `mode`:

    * `constant`: the border, `constant_value` or zero
    * `edge`: the nearest element
    * `reflect`: mirrored at the first and last element, which are not repeated
    * `wrap`: `j mod size`

    `pads` has two entries a dimension, all begins first; negative ones remove
    elements.

    ```mlir
    %y = onnx.Pad %x {constant_value = 0.5 : f32, mode = "constant",
      pads = array<i64: 0, 1, 0, 2>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
    ```
  }];
}

def ONNX_ResizeOp : ONNX_Op<"Resize", (ins
    ONNX_Tensor:$X, DenseF32ArrayAttr:$scales,
    DefaultValuedAttr<StrAttr, "\"nearest\"">:$mode,
    DefaultValuedAttr<StrAttr, "\"half_pixel\"">:
        $coordinate_transformation_mode,
    DefaultValuedAttr<StrAttr, "\"round_prefer_floor\"">:$nearest_mode,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coeff_a,
    DefaultValuedAttr<I64Attr, "0">:$exclude_outside,
    DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value,
    OptionalAttr<DenseF32ArrayAttr>:$roi,
    DefaultValuedAttr<I64Attr, "0">:$antialias)> {
  let summary = "Resamples a tensor (ONNX Resize)";
  let description = [{
    Axis by axis, the last one first, output i lies at position p of the input,
    in float32: for `half_pixel` `p = (i + 0.5) / scale - 0.5`, for `asymmetric`
    `p = i / scale`, for `align_corners` `p = i * (input - 1) / (output - 1)`,
    for the other coordinates ONNX's formula of opset 19. Then by `mode`:

    * `nearest`: the element at p rounded by `nearest_mode`, clamped to the axis
    * `linear`, `cubic`: `acc = +0; for each tap in order: acc = acc + w * x`,
      unfused, with weights computed in float64 and rounded once to float32

    `shift/Support/ResizeTable.h` is the definition. `roi` and
    `extrapolation_value` matter for `tf_crop_and_resize` only.

    `scales` has one entry a dimension. With `sizes` in the model the importer
    writes the scales that ONNX derives from them; the result type has the
    sizes themselves.

    ```mlir
    %y = onnx.Resize %x {coordinate_transformation_mode = "asymmetric",
      mode = "nearest", nearest_mode = "floor",
      scales = array<f32: 1.0, 1.0, 2.0, 2.0>}
      : (tensor<1x4x8x8xf32>) -> tensor<1x4x16x16xf32>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_UpsampleOp : ONNX_Op<"Upsample", (ins
    ONNX_Tensor:$X, DenseF32ArrayAttr:$scales,
    DefaultValuedAttr<StrAttr, "\"nearest\"">:$mode)> {
  let summary = "Enlarges a tensor (ONNX Upsample, opset 7 and 9)";
  let description = [{
    onnx.Resize with `asymmetric` coordinates: output index i reads input index
    floor(i / scale) for `nearest`; `linear` interpolates at i / scale.

    ```mlir
    %y = onnx.Upsample %x {mode = "nearest",
      scales = array<f32: 1.0, 1.0, 2.0, 2.0>}
      : (tensor<1x4x8x8xf32>) -> tensor<1x4x16x16xf32>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_QuantizeLinearOp : ONNX_Op<"QuantizeLinear", (ins
    ONNX_Tensor:$x, ONNX_Tensor:$y_scale, Optional<ONNX_Tensor>:$y_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis)> {
  let summary = "saturate(round_half_even(x / y_scale) + y_zero_point)";
  let description = [{
    The quotient is float32, the sum exact; saturation is to the whole range of
    the result's type, and a quotient that is NaN counts as 0. Scale and zero
    point are scalars, or vectors along `axis`; an absent zero point is 0.

    ```mlir
    %y = onnx.QuantizeLinear %x, %scale, %zero {axis = 1 : i64}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
    ```
  }];
  let hasVerifier = 1;
}

def ONNX_DequantizeLinearOp : ONNX_Op<"DequantizeLinear", (ins
    ONNX_Tensor:$x, ONNX_Tensor:$x_scale, Optional<ONNX_Tensor>:$x_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis)> {
  let summary = "(x - x_zero_point) * x_scale";
  let description = [{
    The difference is an exact integer, converted to float32, times `x_scale`.
    Scale and zero point are scalars, or vectors along `axis`; an absent zero
    point is 0.

    ```mlir
    %y = onnx.DequantizeLinear %x, %scale {axis = 1 : i64}
      : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x3xf32>
    ```
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_ONNX_IR_ONNXTENSOROPS_TD
