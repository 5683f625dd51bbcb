# SPDX-License-Identifier: Apache-2.0
"""The FCOS head: two towers shared by all levels and three predictions."""

from __future__ import annotations

import math
from typing import List, Sequence, Tuple

import torch
from torch import Tensor, nn

LevelOutputs = Tuple[Tensor, Tensor, Tensor]


class FCOSHead(nn.Module):
    """Class logits, box distances and centerness logits of every level.

    `norm` is 'gn' (GroupNorm(32) after each tower convolution) or 'none';
    `depth` is the number of 3x3 convolutions a tower. `box` chooses the end of
    the box branch, with one learned `scale` a level:

      exp   exp(scale * x)            the original FCOS
      relu  relu(scale * x) * stride  the improved FCOS

    In both cases the output is the distances left, top, right, bottom **in
    pixels of the network's input**; nothing is multiplied afterwards.
    Centerness reads the box tower (`centerness_on='box'`, improved) or the
    class tower ('cls', original).
    """

    def __init__(
        self,
        classes: int,
        strides: Sequence[int],
        channels: int = 256,
        depth: int = 4,
        norm: str = "gn",
        box: str = "exp",
        centerness_on: str = "box",
        prior: float = 0.01,
    ) -> None:
        super().__init__()
        for name, value, allowed in (
            ("norm", norm, ("gn", "none")),
            ("box", box, ("exp", "relu")),
            ("centerness_on", centerness_on, ("box", "cls")),
        ):
            if value not in allowed:
                raise ValueError(
                    f"expected {name} '{allowed[0]}' or '{allowed[1]}', "
                    f"got '{value}'"
                )
        self.strides = tuple(strides)
        self.box = box
        self.centerness_on = centerness_on
        self.cls_tower = self._tower(channels, depth, norm)
        self.box_tower = self._tower(channels, depth, norm)
        self.cls_logits = nn.Conv2d(channels, classes, 3, padding=1)
        self.box_pred = nn.Conv2d(channels, 4, 3, padding=1)
        self.centerness = nn.Conv2d(channels, 1, 3, padding=1)
        self.scales = nn.ParameterList(
            nn.Parameter(torch.ones(())) for _ in self.strides
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)
        nn.init.constant_(self.cls_logits.bias, -math.log((1 - prior) / prior))

    @staticmethod
    def _tower(channels: int, depth: int, norm: str) -> nn.Sequential:
        layers: List[nn.Module] = []
        for _ in range(depth):
            layers.append(nn.Conv2d(channels, channels, 3, padding=1))
            if norm == "gn":
                layers.append(nn.GroupNorm(32, channels))
            layers.append(nn.ReLU())
        return nn.Sequential(*layers)

    def forward(self, pyramid: Sequence[Tensor]) -> List[LevelOutputs]:
        outputs = []
        for feature, scale, stride in zip(pyramid, self.scales, self.strides):
            cls_feature = self.cls_tower(feature)
            box_feature = self.box_tower(feature)
            distances = self.box_pred(box_feature) * scale
            if self.box == "exp":
                distances = torch.exp(distances)
            else:
                distances = torch.relu(distances) * float(stride)
            centre_feature = (
                box_feature if self.centerness_on == "box" else cls_feature
            )
            outputs.append(
                (
                    self.cls_logits(cls_feature),
                    distances,
                    self.centerness(centre_feature),
                )
            )
        return outputs
