# SPDX-License-Identifier: Apache-2.0
"""Exports FCOS with random weights, or a trained one, to ONNX.

    python -m shift_frontend.export --model=fcos_r50 --norm=gn --box=exp \
        --batch-norm=folded --opset=13 --size=800x1216 -o fcos.onnx

The input is `image`, (1, 3, H, W) float32. The outputs are the raw heads, all
levels of one kind after one another:

    cls_logits_p3 ... cls_logits_p7   (1, classes, h, w)  logits
    bbox_p3 ... bbox_p7               (1, 4, h, w)        distances left, top,
        right, bottom in pixels of the input: exp(scale * x), or
        relu(scale * x) * stride; a decoder multiplies by nothing
    centerness_p3 ... centerness_p7   (1, 1, h, w)        logits

Beside the model a detector description is written, with suffix .json.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn

from .data import ImageInput
from .fcos import FCOS, FCOSConfig, FrozenBatchNorm2d
from .fcos.backbones import BACKBONES, BasicBlock, Bottleneck, InvertedResidual
from .fcos.decode import DetectorDescription

OPSETS = (9, *range(11, 18))
MODELS = tuple(f"fcos_{name}" for name in BACKBONES)

# How batch normalisation arrives: folded into the convolutions, as Mul and
# Add, as the arithmetic before them (Sqrt, Div, Reshape, ...), or as
# BatchNormalization nodes.
BATCH_NORMS = ("folded", "frozen", "frozen-chain", "plain")


def output_names(config: FCOSConfig) -> List[str]:
    """Names of the outputs in the order of the exported graph."""
    return [
        f"{kind}_{level}"
        for kind in ("cls_logits", "bbox", "centerness")
        for level in config.level_names
    ]


def describe(
    config: FCOSConfig, classes: List[str], image_input: ImageInput
) -> DetectorDescription:
    """The detector description of an exported model."""
    names = output_names(config)
    count = config.levels
    return DetectorDescription(
        classes=classes,
        strides=config.strides,
        box=config.box,
        outputs={
            "cls": names[:count],
            "box": names[count : 2 * count],
            "centerness": names[2 * count :],
        },
        image_input=image_input.to_dict(),
    )


class RawHeads(nn.Module):
    """An FCOS whose outputs are one flat tuple, in `output_names` order."""

    def __init__(self, model: FCOS) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> Tuple[Tensor, ...]:
        levels = self.model(image)
        return tuple(tensor for kind in zip(*levels) for tensor in kind)


def export_onnx(
    model: FCOS, path: str, size: Tuple[int, int], opset: int, batch_norm: str
) -> None:
    """Writes `model`, in evaluation mode, as ONNX for inputs of `size` (H, W).

    `batch_norm` is one of BATCH_NORMS and must fit the model's layers:
    'frozen' and 'frozen-chain' need FrozenBatchNorm2d, the others BatchNorm2d.
    """
    if opset not in OPSETS:
        raise ValueError(f"expected opset 9 or 11 to 17, got {opset}")
    if batch_norm not in BATCH_NORMS:
        raise ValueError(
            f"expected batch norm of {', '.join(BATCH_NORMS)}, "
            f"got '{batch_norm}'"
        )
    frozen = any(isinstance(m, FrozenBatchNorm2d) for m in model.modules())
    if frozen != batch_norm.startswith("frozen"):
        raise ValueError(
            f"batch norm '{batch_norm}' does not fit the model's layers"
        )
    # PRESERVE of a model in evaluation mode keeps inference semantics, but
    # leaves out torch's own folding of batch normalisation; it must not be
    # combined with constant folding.
    mode = torch.onnx.TrainingMode
    keyword: Dict[str, Any] = {
        "opset_version": opset,
        "input_names": ["image"],
        "output_names": output_names(model.config),
        "training": mode.PRESERVE if batch_norm == "plain" else mode.EVAL,
        "do_constant_folding": batch_norm in ("folded", "frozen"),
    }
    # Newer releases have a second exporter, which ignores these options.
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        keyword["dynamo"] = False
    with warnings.catch_warnings():
        # What torch warns of (nearest Upsample of opset 9, PRESERVE, shape
        # checks in the trace) is meant here and compared with PyTorch in the
        # tests.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        torch.onnx.export(
            RawHeads(model.eval()), torch.zeros(1, 3, *size), path, **keyword
        )


def randomise(model: FCOS, seed: int) -> None:
    """Gives every layer seeded random values that keep signals of order one.

    Statistics and affine parts of the norms differ from 0 and 1, so that a
    wrong folding shows; the last norm of each residual branch is damped, so
    that 33 blocks after one another do not grow.
    """
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor: Tensor, low: float, high: float) -> None:
        tensor.copy_(
            torch.rand(tensor.shape, generator=generator) * (high - low) + low
        )

    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                fan_in = module.weight[0].numel()
                values = torch.randn(module.weight.shape, generator=generator)
                module.weight.copy_(values * (2 / fan_in) ** 0.5)
                if module.bias is not None:
                    uniform(module.bias, -0.1, 0.1)
            elif isinstance(module, (nn.BatchNorm2d, FrozenBatchNorm2d)):
                uniform(module.weight, 0.7, 1.3)
                uniform(module.bias, -0.2, 0.2)
                uniform(module.running_mean, -0.2, 0.2)
                uniform(module.running_var, 0.5, 2.0)
            elif isinstance(module, nn.GroupNorm):
                uniform(module.weight, 0.7, 1.3)
                uniform(module.bias, -0.2, 0.2)
        for module in model.modules():
            if isinstance(module, (BasicBlock, Bottleneck, InvertedResidual)):
                module.body[-1].weight.mul_(0.25)
        for scale in model.head.scales:
            uniform(scale, 0.8, 1.2)
        # Distances stay below some hundred pixels and most scores are low.
        model.head.box_pred.weight.mul_(0.5)
        model.head.box_pred.bias.add_(2.0)
        model.head.cls_logits.bias.sub_(3.0)


def parse_size(text: str) -> Tuple[int, int]:
    """Reads HEIGHTxWIDTH, both positive."""
    parts = text.split("x")
    if len(parts) != 2 or not all(p.isdigit() and int(p) > 0 for p in parts):
        raise argparse.ArgumentTypeError(
            f"expected HEIGHTxWIDTH, got '{text}'"
        )
    return int(parts[0]), int(parts[1])


def build_parser() -> argparse.ArgumentParser:
    """The command line's parser."""
    parser = argparse.ArgumentParser(
        prog="python -m shift_frontend.export",
        description="Export FCOS with seeded random weights to ONNX",
        epilog="example: python -m shift_frontend.export --model=fcos_x101 "
        "--norm=none --box=relu --batch-norm=frozen --opset=11 "
        "--size=800x1216 -o fcos.onnx",
    )
    parser.add_argument("--model", choices=MODELS, default="fcos_r50")
    parser.add_argument(
        "--norm",
        choices=("gn", "none"),
        default="gn",
        help="Norm of the towers",
    )
    parser.add_argument(
        "--box",
        choices=("exp", "relu"),
        default="exp",
        help="End of the box branch",
    )
    parser.add_argument(
        "--batch-norm",
        choices=BATCH_NORMS,
        default="folded",
        help="How the backbone's batch norm arrives",
    )
    parser.add_argument(
        "--upsample",
        choices=("size", "scale"),
        default="size",
        help="Resize by sizes or by a factor of two",
    )
    parser.add_argument("--opset", type=int, choices=OPSETS, default=13)
    parser.add_argument(
        "--size",
        type=parse_size,
        default=(800, 1216),
        metavar="HxW",
        help="Input size (default 800x1216)",
    )
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument(
        "--width",
        type=int,
        default=64,
        help="Width of the backbone; 64 is the published one",
    )
    parser.add_argument(
        "--channels",
        type=int,
        default=256,
        help="Channels of pyramid and towers",
    )
    parser.add_argument(
        "--depth", type=int, default=4, help="Depth of the towers"
    )
    parser.add_argument(
        "--levels",
        type=int,
        default=5,
        choices=range(1, 6),
        help="Levels from P3 on",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "-o", "--output", required=True, help="ONNX file to write"
    )
    return parser


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Command line; writes the model and its description."""
    options = build_parser().parse_args(arguments)
    frozen = options.batch_norm.startswith("frozen")
    config = FCOSConfig(
        backbone=options.model[len("fcos_") :],
        classes=options.classes,
        width=options.width,
        channels=options.channels,
        depth=options.depth,
        levels=options.levels,
        norm=options.norm,
        box=options.box,
        batch_norm="frozen" if frozen else "batch",
        upsample=options.upsample,
    )
    try:
        model = FCOS(config)
        randomise(model, options.seed)
        export_onnx(
            model,
            options.output,
            options.size,
            options.opset,
            options.batch_norm,
        )
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    # The published models' normalisation, in units of 0..255.
    image_input = ImageInput(
        size=list(options.size),
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        resize="keep-ratio",
    )
    classes = [f"class{index}" for index in range(options.classes)]
    describe(config, classes, image_input).to_json(
        Path(options.output).with_suffix(".json")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
