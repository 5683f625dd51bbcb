# SPDX-License-Identifier: Apache-2.0
"""Backbones that return C3, C4 and C5 (strides 8, 16 and 32).

ResNet-18/50/101 (He et al. 2016), ResNeXt-101 32x8d (Xie et al. 2017) and
MobileNetV2 (Sandler et al. 2018), written from the papers' tables. The stride
of a bottleneck sits on its 3x3 convolution. All widths scale with one number,
so that the same code gives the small models of the tests and of the demo.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Sequence, Tuple

import torch
from torch import Tensor, nn

NormFactory = Callable[[int], nn.Module]


class FrozenBatchNorm2d(nn.Module):
    """Batch normalisation whose statistics and affine part are constants.

    y = x * k + (bias - mean * k) with k = weight / sqrt(var + eps), per
    channel of an (N, C, H, W) tensor. It exports as Mul and Add, preceded by
    the arithmetic of k (Sqrt, Div, Reshape, ...) unless the exporter folds
    constants.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        scale = self.weight / torch.sqrt(self.running_var + self.eps)
        shift = self.bias - self.running_mean * scale
        return x * scale.reshape(1, -1, 1, 1) + shift.reshape(1, -1, 1, 1)


def norm_factory(kind: str) -> NormFactory:
    """Returns the layer constructor of `kind`, 'batch' or 'frozen'."""
    factories: Dict[str, NormFactory] = {
        "batch": nn.BatchNorm2d,
        "frozen": FrozenBatchNorm2d,
    }
    if kind not in factories:
        raise ValueError(
            f"expected batch norm 'batch' or 'frozen', got '{kind}'"
        )
    return factories[kind]


def conv_norm(
    cin: int,
    cout: int,
    kernel: int,
    norm: NormFactory,
    stride: int = 1,
    groups: int = 1,
) -> List[nn.Module]:
    """Convolution without bias (same padding for odd kernels) and its norm."""
    conv = nn.Conv2d(
        cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False
    )
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return [conv, norm(cout)]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    expansion = 1

    def __init__(
        self,
        cin: int,
        planes: int,
        inner: int,
        stride: int,
        groups: int,
        norm: NormFactory,
    ) -> None:
        super().__init__()
        del inner, groups  # Only bottlenecks have an inner width and groups.
        self.body = nn.Sequential(
            *conv_norm(cin, planes, 3, norm, stride),
            nn.ReLU(),
            *conv_norm(planes, planes, 3, norm),
        )
        self.shortcut = shortcut(cin, planes, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1x1, 3x3 (strided, grouped) and 1x1 convolutions and a shortcut."""

    expansion = 4

    def __init__(
        self,
        cin: int,
        planes: int,
        inner: int,
        stride: int,
        groups: int,
        norm: NormFactory,
    ) -> None:
        super().__init__()
        cout = planes * self.expansion
        self.body = nn.Sequential(
            *conv_norm(cin, inner, 1, norm),
            nn.ReLU(),
            *conv_norm(inner, inner, 3, norm, stride, groups),
            nn.ReLU(),
            *conv_norm(inner, cout, 1, norm),
        )
        self.shortcut = shortcut(cin, cout, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def shortcut(cin: int, cout: int, stride: int, norm: NormFactory) -> nn.Module:
    """Identity where shapes agree, else a strided 1x1 projection."""
    if stride == 1 and cin == cout:
        return nn.Identity()
    return nn.Sequential(*conv_norm(cin, cout, 1, norm, stride))


class ResNet(nn.Module):
    """ResNet or ResNeXt trunk.

    `width` is the channel count of the stem and of the first stage's planes
    (64 in the papers); `groups` and `group_width` are ResNeXt's cardinality
    and channels a group at `width` 64.
    """

    def __init__(
        self,
        block: type,
        depths: Sequence[int],
        width: int = 64,
        groups: int = 1,
        group_width: int = 64,
        norm: NormFactory = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            *conv_norm(3, width, 7, norm, 2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
        )
        stages: List[nn.Module] = []
        channels: List[int] = []
        cin = width
        for index, depth in enumerate(depths):
            planes = width << index
            inner = planes * group_width // 64 * groups
            blocks = []
            for position in range(depth):
                stride = 2 if index > 0 and position == 0 else 1
                blocks.append(block(cin, planes, inner, stride, groups, norm))
                cin = planes * block.expansion
            stages.append(nn.Sequential(*blocks))
            channels.append(cin)
        self.stages = nn.ModuleList(stages)
        self.out_channels: Tuple[int, ...] = tuple(channels[-3:])

    def forward(self, x: Tensor) -> List[Tensor]:
        features = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features[-3:]


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise 3x3, linear 1x1; residual if shapes agree."""

    def __init__(
        self,
        cin: int,
        cout: int,
        stride: int,
        expansion: int,
        norm: NormFactory,
    ) -> None:
        super().__init__()
        hidden = cin * expansion
        layers: List[nn.Module] = []
        if expansion != 1:
            layers += [*conv_norm(cin, hidden, 1, norm), nn.ReLU6()]
        layers += [
            *conv_norm(hidden, hidden, 3, norm, stride, hidden),
            nn.ReLU6(),
            *conv_norm(hidden, cout, 1, norm),
        ]
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.residual else self.body(x)


# Expansion, channels, repeats, stride of the first: table 2 of MobileNetV2.
_MOBILENET_V2_ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _round_to_eight(channels: float) -> int:
    """Nearest multiple of 8, at least 8, never below 90 % of `channels`."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class MobileNetV2(nn.Module):
    """MobileNetV2 trunk; `width` 64 is the paper's multiplier 1.0."""

    def __init__(
        self, width: int = 64, norm: NormFactory = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        multiplier = width / 64
        cin = _round_to_eight(32 * multiplier)
        self.stem = nn.Sequential(*conv_norm(3, cin, 3, norm, 2), nn.ReLU6())
        stages: List[nn.Module] = []
        channels: List[int] = []
        blocks: List[nn.Module] = []
        for expansion, planes, repeats, first_stride in _MOBILENET_V2_ROWS:
            cout = _round_to_eight(planes * multiplier)
            if first_stride == 2 and blocks:
                stages.append(nn.Sequential(*blocks))
                channels.append(cin)
                blocks = []
            for position in range(repeats):
                stride = first_stride if position == 0 else 1
                blocks.append(
                    InvertedResidual(cin, cout, stride, expansion, norm)
                )
                cin = cout
        stages.append(nn.Sequential(*blocks))
        channels.append(cin)
        self.stages = nn.ModuleList(stages)
        self.out_channels: Tuple[int, ...] = tuple(channels[-3:])

    def forward(self, x: Tensor) -> List[Tensor]:
        features = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features[-3:]


BACKBONES: Dict[str, Callable[[int, NormFactory], nn.Module]] = {
    "r18": lambda width, norm: ResNet(
        BasicBlock, (2, 2, 2, 2), width, norm=norm
    ),
    "r50": lambda width, norm: ResNet(
        Bottleneck, (3, 4, 6, 3), width, norm=norm
    ),
    "r101": lambda width, norm: ResNet(
        Bottleneck, (3, 4, 23, 3), width, norm=norm
    ),
    "x101": lambda width, norm: ResNet(
        Bottleneck, (3, 4, 23, 3), width, 32, 8, norm=norm
    ),
    "mobilenetv2": lambda width, norm: MobileNetV2(width, norm),
}


def build_backbone(
    name: str, width: int = 64, batch_norm: str = "batch"
) -> nn.Module:
    """Builds the backbone `name` with random weights.

    The module maps an (N, 3, H, W) tensor to [C3, C4, C5] and has their
    channel counts as `out_channels`. `batch_norm` is 'batch' or 'frozen'.
    """
    if name not in BACKBONES:
        raise ValueError(
            f"expected backbone of {', '.join(BACKBONES)}, got '{name}'"
        )
    return BACKBONES[name](width, norm_factory(batch_norm))
