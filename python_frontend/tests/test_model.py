# SPDX-License-Identifier: Apache-2.0
"""Shapes and structure of the detector."""

import pytest
import torch

from shift_frontend.fcos import (
    BACKBONES,
    FCOS,
    FCOSConfig,
    FrozenBatchNorm2d,
    build_backbone,
)


def millions(module: torch.nn.Module) -> float:
    return sum(p.numel() for p in module.parameters()) / 1e6


# Published parameter counts without the classifier: 11.69 - 0.513, 25.56 -
# 2.049, 44.55 - 2.049, 88.79 - 2.049 million; MobileNetV2: 3.505 million less
# the classifier (1.281) and the last 1x1 convolution (0.412).
@pytest.mark.parametrize(
    "name, expected, channels",
    [
        ("r18", 11.18, (128, 256, 512)),
        ("r50", 23.51, (512, 1024, 2048)),
        ("r101", 42.50, (512, 1024, 2048)),
        ("x101", 86.74, (512, 1024, 2048)),
        ("mobilenetv2", 1.81, (32, 96, 320)),
    ],
)
def test_backbones_have_the_published_size(name, expected, channels) -> None:
    backbone = build_backbone(name)
    assert millions(backbone) == pytest.approx(expected, abs=0.006)
    assert backbone.out_channels == channels


@pytest.mark.parametrize("name", list(BACKBONES))
def test_backbone_strides(name: str) -> None:
    backbone = build_backbone(name, width=16).eval()
    with torch.no_grad():
        features = backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(f.shape[2:]) for f in features] == [(8, 12), (4, 6), (2, 3)]
    assert tuple(f.shape[1] for f in features) == backbone.out_channels


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5])
def test_levels_and_their_shapes(levels: int) -> None:
    model = FCOS(FCOSConfig("r18", 3, 8, 64, 1, levels)).eval()
    with torch.no_grad():
        outputs = model(torch.zeros(1, 3, 70, 100))
    sizes = [(9, 13), (5, 7), (3, 4), (2, 2), (1, 1)][:levels]
    assert [tuple(c.shape) for c, _, _ in outputs] == [
        (1, 3, *s) for s in sizes
    ]
    assert [tuple(b.shape) for _, b, _ in outputs] == [
        (1, 4, *s) for s in sizes
    ]
    assert [tuple(n.shape) for _, _, n in outputs] == [
        (1, 1, *s) for s in sizes
    ]
    assert model.config.strides == [8, 16, 32, 64, 128][:levels]


def test_head_weights_are_shared_between_levels_and_scales_are_not() -> None:
    model = FCOS(FCOSConfig("r18", 3, 8, 64, 4, 5, norm="none"))
    convs = [m for m in model.head.modules() if isinstance(m, torch.nn.Conv2d)]
    assert len(convs) == 2 * 4 + 3
    assert len(model.head.scales) == 5


@pytest.mark.parametrize("box", ["exp", "relu"])
def test_box_branch_ends_in_pixels(box: str) -> None:
    model = FCOS(FCOSConfig("r18", 3, 8, 64, 1, 5, box=box))
    torch.nn.init.zeros_(model.head.box_pred.weight)
    torch.nn.init.constant_(model.head.box_pred.bias, 2.0)
    for index, scale in enumerate(model.head.scales):
        torch.nn.init.constant_(scale, 1 + index)
    outputs = model.eval()(torch.zeros(1, 3, 64, 64))
    for index, (_, distances, _) in enumerate(outputs):
        linear = torch.tensor(2.0 * (1 + index))
        expected = torch.exp(linear) if box == "exp" else linear * (8 << index)
        assert torch.equal(distances, expected.expand_as(distances))


def test_frozen_batch_norm_equals_batch_norm_in_evaluation() -> None:
    torch.manual_seed(0)
    frozen, plain = FrozenBatchNorm2d(4), torch.nn.BatchNorm2d(4).eval()
    for module in (frozen, plain):
        generator = torch.Generator().manual_seed(1)
        for name in ("weight", "bias", "running_mean", "running_var"):
            value = torch.rand(4, generator=generator) + 0.5
            getattr(module, name).data.copy_(value)
    x = torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(frozen(x), plain(x))
    assert not list(frozen.parameters())


@pytest.mark.parametrize(
    "change, message",
    [
        ({"backbone": "vgg"}, "expected backbone of .*, got 'vgg'"),
        ({"norm": "bn"}, "expected norm 'gn' or 'none', got 'bn'"),
        ({"box": "log"}, "expected box 'exp' or 'relu', got 'log'"),
        ({"levels": 6}, "expected 1 to 5 levels, got 6"),
        (
            {"batch_norm": "none"},
            "expected batch norm 'batch' or 'frozen', got 'none'",
        ),
        (
            {"upsample": "bilinear"},
            "expected upsample 'size' or 'scale', got 'bilinear'",
        ),
    ],
)
def test_wrong_configuration_is_refused(change, message) -> None:
    values = {"backbone": "r18", "width": 8, "channels": 32, **change}
    with pytest.raises(ValueError, match=message):
        FCOS(FCOSConfig(**values))
