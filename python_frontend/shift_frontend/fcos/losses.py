# SPDX-License-Identifier: Apache-2.0
"""FCOS losses: focal, IoU or GIoU weighted by centerness, BCE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Sequence, Tuple

import torch
from torch import Tensor
from torch.nn import functional as F

from .targets import BACKGROUND, Targets

ALPHA = 0.25
GAMMA = 2.0
# Keeps quotients and logarithms finite; far below a pixel.
EPSILON = 1e-6


@dataclass(frozen=True)
class LossWeights:
    """Factors of the three terms in the total."""

    cls: float = 1.0
    box: float = 1.0
    centerness: float = 1.0


def focal_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Sum of the sigmoid focal loss over (L, classes) logits.

    `labels` (L,) holds the class or BACKGROUND (all classes negative).
    """
    classes = torch.arange(logits.shape[1])
    target = (labels[:, None] == classes[None]).to(logits.dtype)
    cross = F.binary_cross_entropy_with_logits(
        logits, target, reduction="none"
    )
    probability = torch.sigmoid(logits)
    missing = target * (1 - probability) + (1 - target) * probability
    weight = target * ALPHA + (1 - target) * (1 - ALPHA)
    return (weight * missing**GAMMA * cross).sum()


def box_loss(predicted: Tensor, target: Tensor, kind: str) -> Tensor:
    """Loss (P,) of (P, 4) distances l, t, r, b at common locations.

    'iou' is -log(IoU), 'giou' is 1 - IoU + (hull - union) / hull; quotients
    have EPSILON added below, the logarithm's argument is at least EPSILON.
    """
    if kind not in ("iou", "giou"):
        raise ValueError(f"expected box loss 'iou' or 'giou', got '{kind}'")
    area = lambda d: (d[:, 0] + d[:, 2]) * (d[:, 1] + d[:, 3])  # noqa: E731
    overlap = area(torch.minimum(predicted, target))
    union = area(predicted) + area(target) - overlap
    iou = overlap / (union + EPSILON)
    if kind == "iou":
        return -torch.log(iou.clamp(min=EPSILON))
    hull = area(torch.maximum(predicted, target))
    return 1 - iou + (hull - union) / (hull + EPSILON)


def flatten_levels(
    outputs: Sequence[Tuple[Tensor, Tensor, Tensor]],
) -> Tuple[Tensor, Tensor, Tensor]:
    """Concatenates level outputs to (N, L, classes), (N, L, 4), (N, L).

    Levels after one another, rows first: the order of `assign_targets`.
    """
    rows = lambda t: t.flatten(2).transpose(1, 2)  # noqa: E731
    return (
        torch.cat([rows(cls) for cls, _, _ in outputs], dim=1),
        torch.cat([rows(box) for _, box, _ in outputs], dim=1),
        torch.cat([rows(ctr) for _, _, ctr in outputs], dim=1)[..., 0],
    )


def fcos_losses(
    outputs: Sequence[Tuple[Tensor, Tensor, Tensor]],
    targets: Sequence[Targets],
    kind: str = "giou",
    weights: LossWeights = LossWeights(),
) -> Dict[str, Tensor]:
    """The loss terms of a batch: 'cls', 'box', 'centerness' and 'total'.

    cls and centerness are divided by the number of positive locations of the
    whole batch, box by the sum of their centerness targets (both at least 1,
    so that a batch without boxes has a finite loss).
    """
    cls, box, centerness = flatten_levels(outputs)
    labels = torch.stack([t.labels for t in targets])
    positive = labels != BACKGROUND
    count = positive.sum().clamp(min=1).to(cls.dtype)
    goal = torch.stack([t.centerness for t in targets])[positive]
    distances = torch.stack([t.distances for t in targets])[positive]
    terms = {
        "cls": focal_loss(cls.flatten(0, 1), labels.flatten()) / count,
        "box": (box_loss(box[positive], distances, kind) * goal).sum()
        / goal.sum().clamp(min=1),
        "centerness": F.binary_cross_entropy_with_logits(
            centerness[positive], goal, reduction="sum"
        )
        / count,
    }
    terms["total"] = (
        weights.cls * terms["cls"]
        + weights.box * terms["box"]
        + weights.centerness * terms["centerness"]
    )
    return terms
