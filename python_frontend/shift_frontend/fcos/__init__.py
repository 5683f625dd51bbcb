# SPDX-License-Identifier: Apache-2.0
"""FCOS: backbones, FPN, heads, training targets, losses and decoding."""

from .backbones import BACKBONES, FrozenBatchNorm2d, build_backbone
from .decode import (
    Detections,
    DetectorDescription,
    decode,
    non_max_suppression,
)
from .fpn import FeaturePyramid
from .head import FCOSHead
from .losses import LossWeights, fcos_losses
from .model import FCOS, FCOSConfig, LevelOutputs
from .targets import (
    SIZES_OF_INTEREST,
    Targets,
    assign_targets,
    level_locations,
)

__all__ = [
    "BACKBONES",
    "Detections",
    "DetectorDescription",
    "FCOS",
    "FCOSConfig",
    "FCOSHead",
    "FeaturePyramid",
    "FrozenBatchNorm2d",
    "LevelOutputs",
    "LossWeights",
    "SIZES_OF_INTEREST",
    "Targets",
    "assign_targets",
    "build_backbone",
    "decode",
    "fcos_losses",
    "level_locations",
    "non_max_suppression",
]
