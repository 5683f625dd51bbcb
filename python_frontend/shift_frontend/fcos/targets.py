# SPDX-License-Identifier: Apache-2.0
"""Training targets: which location learns which box.

A location is positive for a box when it lies strictly inside the box (or,
with center sampling, inside the part of the box within `radius` strides of
the box's center) and the largest of its four distances lies in the level's
sizes of interest, both ends included. Of several such boxes the smallest wins,
of equally small ones the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

import torch
from torch import Tensor

# Lower and upper bound, in pixels, of the largest distance of P3..P7.
SIZES_OF_INTEREST: Tuple[Tuple[float, float], ...] = (
    (-1.0, 64.0),
    (64.0, 128.0),
    (128.0, 256.0),
    (256.0, 512.0),
    (512.0, float("inf")),
)

BACKGROUND = -1


@dataclass(frozen=True)
class Targets:
    """Targets of the L locations of one image, levels after one another.

    `labels` (L,) int64 class or BACKGROUND; `distances` (L, 4) float32 left,
    top, right, bottom in pixels and `centerness` (L,) float32, both 0 where
    the label is BACKGROUND; `matched` (L,) int64 index of the box or -1.
    """

    labels: Tensor
    distances: Tensor
    centerness: Tensor
    matched: Tensor


def level_locations(height: int, width: int, stride: int) -> Tensor:
    """Centers (x, y) in pixels of a level, (height*width, 2), rows first.

    x = column * stride + stride / 2, y = row * stride + stride / 2.
    """
    xs = torch.arange(width, dtype=torch.float32) * stride + stride / 2
    ys = torch.arange(height, dtype=torch.float32) * stride + stride / 2
    return torch.stack([xs.repeat(height), ys.repeat_interleave(width)], dim=1)


def centerness_of(distances: Tensor) -> Tensor:
    """sqrt(min(l,r)/max(l,r) * min(t,b)/max(t,b)) of (..., 4) distances."""
    left, top, right, bottom = distances.unbind(-1)
    horizontal = torch.minimum(left, right) / torch.maximum(left, right)
    vertical = torch.minimum(top, bottom) / torch.maximum(top, bottom)
    return torch.sqrt(horizontal * vertical)


def _inside(
    points: Tensor,
    boxes: Tensor,
    distances: Tensor,
    stride: int,
    radius: Optional[float],
) -> Tensor:
    """(L, G) mask of the locations that may be positive for each box."""
    inside = distances.min(dim=2).values > 0
    if radius is None:
        return inside
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    offset = (points[:, None, :] - centers[None]).abs().max(dim=2).values
    return inside & (offset < radius * stride)


def assign_targets(
    shapes: Sequence[Tuple[int, int]],
    strides: Sequence[int],
    boxes: Tensor,
    labels: Tensor,
    sizes: Sequence[Tuple[float, float]] = SIZES_OF_INTEREST,
    radius: Optional[float] = None,
) -> Targets:
    """Assigns `boxes` (G, 4) x1, y1, x2, y2 with `labels` (G,) to locations.

    `shapes` are the (height, width) of the levels; `radius` is the center
    sampling radius in strides (1.5 in the improved FCOS) or None for none.
    """
    if not len(shapes) == len(strides) <= len(sizes):
        raise ValueError(
            f"expected as many strides as levels and sizes for all, got "
            f"{len(shapes)} levels, {len(strides)} strides, {len(sizes)} sizes"
        )
    count = boxes.shape[0]
    if count == 0:
        total = sum(h * w for h, w in shapes)
        nothing = torch.full((total,), BACKGROUND)
        return Targets(
            nothing, torch.zeros(total, 4), torch.zeros(total), nothing
        )
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = torch.sort(areas, stable=True).indices
    boxes, labels = boxes[order].float(), labels[order].long()
    found: List[Tuple[Tensor, Tensor]] = []
    for (height, width), stride, (low, high) in zip(shapes, strides, sizes):
        points = level_locations(height, width, stride)
        distances = torch.cat(
            [
                points[:, None] - boxes[None, :, :2],
                boxes[None, :, 2:] - points[:, None],
            ],
            dim=2,
        )
        largest = distances.max(dim=2).values
        match = (
            _inside(points, boxes, distances, stride, radius)
            & (largest >= low)
            & (largest <= high)
        )
        # Boxes are sorted by area: the lowest matching position wins.
        rank = torch.where(match, torch.arange(count), count).min(dim=1).values
        picked = rank.clamp(max=count - 1)
        chosen = distances[torch.arange(len(points)), picked]
        found.append((rank, chosen))
    rank = torch.cat([r for r, _ in found])
    positive = rank < count
    picked = rank.clamp(max=count - 1)
    zero = torch.zeros(())
    distances = torch.where(
        positive[:, None], torch.cat([d for _, d in found]), zero
    )
    safe = torch.where(positive[:, None], distances, torch.ones(()))
    return Targets(
        labels=torch.where(positive, labels[picked], BACKGROUND),
        distances=distances,
        centerness=torch.where(positive, centerness_of(safe), zero),
        matched=torch.where(positive, order[picked], BACKGROUND),
    )
