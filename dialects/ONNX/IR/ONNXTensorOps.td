//===- ONNXTensorOps.td - Ops that move or make tensors ------*- tablegen -*-===//
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
}

def ONNX_SplitOp : ONNX_InferredOp<"Split", (ins
    ONNX_Tensor:$input, DefaultValuedAttr<I64Attr, "0">:$axis,
    DenseI64ArrayAttr:$split)> {
  let summary = "Cuts a tensor along an axis (ONNX Split)";
  let results = (outs Variadic<ONNX_Tensor>:$outputs);
}

def ONNX_SliceOp : ONNX_InferredOp<"Slice", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$ends,
    DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$steps)> {
  let summary = "Strided part of a tensor (ONNX Slice)";
  let description = [{
    Negative starts and ends count from the end and are clamped as in ONNX.
  }];
}

/// The result type says the new shape; the number of elements stays.
class ONNX_ReshapeLikeOp<string mnemonic, dag extra = (ins)>
    : ONNX_Op<mnemonic, !con((ins ONNX_Tensor:$data), extra)> {
  let summary = "New shape, same elements in row order (ONNX "
                # mnemonic # ")";
  let hasVerifier = 1;
}

def ONNX_ReshapeOp : ONNX_ReshapeLikeOp<"Reshape"> { let hasFolder = 1; }
def ONNX_FlattenOp : ONNX_ReshapeLikeOp<"Flatten",
    (ins DefaultValuedAttr<I64Attr, "1">:$axis)>;
def ONNX_SqueezeOp : ONNX_ReshapeLikeOp<"Squeeze",
    (ins DenseI64ArrayAttr:$axes)>;
def ONNX_UnsqueezeOp : ONNX_ReshapeLikeOp<"Unsqueeze",
    (ins DenseI64ArrayAttr:$axes)>;

def ONNX_TransposeOp : ONNX_InferredOp<"Transpose", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$perm)> {
  let summary = "Permutes dimensions (ONNX Transpose)";
}

def ONNX_GatherOp : ONNX_InferredOp<"Gather", (ins
    ONNX_Tensor:$data, ONNX_Tensor:$indices,
    DefaultValuedAttr<I64Attr, "0">:$axis)> {
  let summary = "Takes slices by index along an axis (ONNX Gather)";
}

def ONNX_ShapeOp : ONNX_InferredOp<"Shape", (ins
    ONNX_Tensor:$data, DefaultValuedAttr<I64Attr, "0">:$start,
    OptionalAttr<I64Attr>:$end)> {
  let summary = "The shape as a tensor (ONNX Shape); always folds";
  let hasFolder = 1;
}

def ONNX_ConstantOfShapeOp : ONNX_Op<"ConstantOfShape", (ins
    ElementsAttr:$value)> {
  let summary = "A tensor of one repeated value (ONNX ConstantOfShape)";
  let assemblyFormat = "attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def ONNX_ExpandOp : ONNX_Op<"Expand", (ins ONNX_Tensor:$input)> {
  let summary = "Broadcast to the result's shape (ONNX Expand)";
  let hasVerifier = 1;
}

def ONNX_CastOp : ONNX_Op<"Cast", (ins ONNX_Tensor:$input)> {
  let summary = "Converts the element type (ONNX Cast)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def ONNX_PadOp : ONNX_InferredOp<"Pad", (ins
    ONNX_Tensor:$data, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<StrAttr, "\"constant\"">:$mode,
    OptionalAttr<AnyAttr>:$constant_value)> {
  let summary = "Adds or removes a border (ONNX Pad)";
  let description = [{
    `pads` has two entries a dimension, all begins first, over all dimensions;
    `mode` is constant, reflect, edge or wrap. Without `constant_value` the
    border is zero.
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
    `scales` has one entry a dimension. With `sizes` in the model the importer
    writes the scales that ONNX derives from them; the result type has the
    sizes themselves.
  }];
  let hasVerifier = 1;
}

def ONNX_UpsampleOp : ONNX_Op<"Upsample", (ins
    ONNX_Tensor:$X, DenseF32ArrayAttr:$scales,
    DefaultValuedAttr<StrAttr, "\"nearest\"">:$mode)> {
  let summary = "Enlarges a tensor (ONNX Upsample, opset 7 and 9)";
  let description = [{
    Output index i reads input index floor(i / scale) for `nearest`; `linear`
    interpolates at i / scale (asymmetric).
  }];
  let hasVerifier = 1;
}

def ONNX_QuantizeLinearOp : ONNX_Op<"QuantizeLinear", (ins
    ONNX_Tensor:$x, ONNX_Tensor:$y_scale, Optional<ONNX_Tensor>:$y_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis)> {
  let summary = "saturate(round_half_even(x / y_scale) + y_zero_point)";
  let hasVerifier = 1;
}

def ONNX_DequantizeLinearOp : ONNX_Op<"DequantizeLinear", (ins
    ONNX_Tensor:$x, ONNX_Tensor:$x_scale, Optional<ONNX_Tensor>:$x_zero_point,
    DefaultValuedAttr<I64Attr, "1">:$axis)> {
  let summary = "(x - x_zero_point) * x_scale";
  let hasVerifier = 1;
}

#endif // DIALECTS_ONNX_IR_ONNXTENSOROPS_TD
