# SPDX-License-Identifier: Apache-2.0
"""Why cases of ONNX's node tests do not run, by operator, type and feature.

A case that no rule here names must pass, and one that a rule names must not.
"""

SUPPORTED_OPS = frozenset(
    """
    Abs Add AveragePool BatchNormalization Cast Clip Concat Constant
    ConstantOfShape Conv ConvTranspose DequantizeLinear Div Dropout Elu Exp
    Expand Flatten Gather Gemm GlobalAveragePool GlobalMaxPool
    GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization
    LeakyRelu Log MatMul Max MaxPool Min Mul Neg Pad Pow PRelu QuantizeLinear
    Reciprocal ReduceMean ReduceSum Relu Reshape Resize Shape Sigmoid Size
    Slice Softmax Split Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze Upsample
    """.split()
)

# The importer folds these away where their inputs are constants or shapes.
CONSTANT_OPS = frozenset(
    "Ceil Equal Floor Greater Less Not Range Where".split()
)

UNSUPPORTED_TYPES = {
    "FLOAT8E4M3FN": "8-bit floats",
    "FLOAT8E4M3FNUZ": "8-bit floats",
    "FLOAT8E5M2": "8-bit floats",
    "FLOAT8E5M2FNUZ": "8-bit floats",
    "FLOAT8E8M0": "8-bit floats",
    "FLOAT4E2M1": "4-bit floats",
    "INT2": "2-bit integers",
    "UINT2": "2-bit integers",
    "INT4": "4-bit integers",
    "UINT4": "4-bit integers",
    "STRING": "strings",
    "COMPLEX64": "complex numbers",
    "COMPLEX128": "complex numbers",
}

NON_TENSOR = "values that are sequences or optional"

INDICES = "the Indices output of MaxPool"
MASK = "the mask output of Dropout"
TRAINING = "training mode"
BLOCKED = "blocked quantization (block_size)"
BFLOAT16 = "casts to bfloat16 keep float32's precision"
FLOAT_RANGE = "Range of floats"
UNROUNDED = (
    "expects the length that is not rounded (2.4) where ONNX's text and ONNX "
    "Runtime take the result's length (2)"
)

UNSUPPORTED_CASES = {
    "batchnorm_epsilon_training_mode": TRAINING,
    "batchnorm_example_training_mode": TRAINING,
    "cast_FLOAT_to_BFLOAT16": BFLOAT16,
    "castlike_FLOAT_to_BFLOAT16_expanded": BFLOAT16,
    "dequantizelinear_blocked": BLOCKED,
    "dropout_default_mask": MASK,
    "dropout_default_mask_ratio": MASK,
    "maxpool_with_argmax_2d_precomputed_pads": INDICES,
    "maxpool_with_argmax_2d_precomputed_strides": INDICES,
    "quantizelinear_blocked_asymmetric": BLOCKED,
    "quantizelinear_blocked_symmetric": BLOCKED,
    "range_bfloat16_type_positive_delta": FLOAT_RANGE,
    "range_float16_type_positive_delta": FLOAT_RANGE,
    "range_float_type_positive_delta": FLOAT_RANGE,
    "resize_downsample_scales_cubic_align_corners": UNROUNDED,
    "resize_downsample_scales_linear_align_corners": UNROUNDED,
    "training_dropout": TRAINING,
    "training_dropout_default": TRAINING,
    "training_dropout_default_mask": TRAINING,
    "training_dropout_mask": TRAINING,
    "training_dropout_zero_ratio": TRAINING,
    "training_dropout_zero_ratio_mask": TRAINING,
}
