# SPDX-License-Identifier: Apache-2.0
"""The FCOS detector: backbone, feature pyramid and head behind one config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List

from torch import Tensor, nn

from .backbones import build_backbone
from .fpn import FeaturePyramid
from .head import FCOSHead, LevelOutputs


@dataclass(frozen=True)
class FCOSConfig:
    """Everything that decides the graph of a detector.

    `width` scales the backbone (64 is the published size), `channels` is the
    width of pyramid and towers, `depth` the tower depth, `levels` how many of
    P3..P7 exist. The other fields are those of the parts' constructors.
    """

    backbone: str = "r50"
    classes: int = 80
    width: int = 64
    channels: int = 256
    depth: int = 4
    levels: int = 5
    norm: str = "gn"
    box: str = "exp"
    batch_norm: str = "batch"
    centerness_on: str = "box"
    upsample: str = "size"

    @property
    def strides(self) -> List[int]:
        """Strides of the levels in pixels: 8, 16, 32, 64, 128."""
        return [8 << level for level in range(self.levels)]

    @property
    def level_names(self) -> List[str]:
        """Names of the levels: p3, p4, ..."""
        return [f"p{level + 3}" for level in range(self.levels)]


class FCOS(nn.Module):
    """FCOS (Tian et al. 2019): image batch to raw outputs of every level."""

    def __init__(self, config: FCOSConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = build_backbone(
            config.backbone, config.width, config.batch_norm
        )
        self.fpn = FeaturePyramid(
            self.backbone.out_channels,
            config.channels,
            config.levels,
            config.upsample,
        )
        self.head = FCOSHead(
            config.classes,
            config.strides,
            config.channels,
            config.depth,
            config.norm,
            config.box,
            config.centerness_on,
        )

    def forward(self, images: Tensor) -> List[LevelOutputs]:
        """Maps (N, 3, H, W) float32 to one (cls, box, centerness) a level.

        cls is (N, classes, h, w) logits, box (N, 4, h, w) distances left, top,
        right, bottom in input pixels, centerness (N, 1, h, w) logits.
        """
        return self.head(self.fpn(self.backbone(images)))
