# SPDX-License-Identifier: Apache-2.0
"""Feature pyramid P3..P7 (Lin et al. 2017, with FCOS' two extra levels)."""

from __future__ import annotations

from typing import List, Sequence

from torch import Tensor, nn
from torch.nn import functional as F


class FeaturePyramid(nn.Module):
    """Maps [C3, C4, C5] to the first `levels` of [P3, P4, P5, P6, P7].

    Laterals are 1x1 convolutions, the top-down path is nearest upsampling and
    addition, a 3x3 convolution follows on P3..P5. P6 is a strided 3x3
    convolution of P5, P7 one of relu(P6). `upsample` decides how the nearest
    upsampling is exported: 'size' takes the finer map's size (right for any
    input), 'scale' a factor of two (needs inputs divisible by 32).
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        channels: int = 256,
        levels: int = 5,
        upsample: str = "size",
    ) -> None:
        super().__init__()
        if not 1 <= levels <= 5:
            raise ValueError(f"expected 1 to 5 levels, got {levels}")
        if upsample not in ("size", "scale"):
            raise ValueError(
                f"expected upsample 'size' or 'scale', got '{upsample}'"
            )
        self.upsample = upsample
        self.lateral = nn.ModuleList(
            nn.Conv2d(cin, channels, 1) for cin in in_channels
        )
        self.output = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1)
            for _ in range(min(levels, 3))
        )
        self.extra = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, 2, 1)
            for _ in range(max(0, levels - 3))
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(module.weight, a=1)
                nn.init.zeros_(module.bias)

    def _up(self, coarse: Tensor, fine: Tensor) -> Tensor:
        if self.upsample == "scale":
            return F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return F.interpolate(coarse, size=fine.shape[-2:], mode="nearest")

    def forward(self, features: Sequence[Tensor]) -> List[Tensor]:
        merged = [conv(c) for conv, c in zip(self.lateral, features)]
        for level in (1, 0):
            merged[level] = merged[level] + self._up(
                merged[level + 1], merged[level]
            )
        pyramid = [conv(m) for conv, m in zip(self.output, merged)]
        for index, conv in enumerate(self.extra):
            source = pyramid[-1] if index == 0 else F.relu(pyramid[-1])
            pyramid.append(conv(source))
        return pyramid
