# SPDX-License-Identifier: Apache-2.0
"""Decoding of raw FCOS outputs to boxes; the reference of lib/Detection.

NumPy float32 throughout. The order of detections is fixed completely: by
falling score, equal scores by level, row, column and class, each rising.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

LevelArrays = Tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class DetectorDescription:
    """What a decoder must know; the fields of the detector's JSON file.

    `box` is how the box branch ends ('exp' or 'relu'), `box_unit` the unit of
    its output: 'pixels' of the network's input, or 'stride', then a distance
    is output * stride. `outputs` maps 'cls', 'box' and 'centerness' to output
    names, one a level. `image_input` describes the image, see data.ImageInput.
    """

    classes: List[str]
    strides: List[int]
    box: str
    outputs: Dict[str, List[str]]
    kind: str = "fcos"
    box_unit: str = "pixels"
    score_threshold: float = 0.05
    candidates_per_level: int = 1000
    nms_iou: float = 0.6
    max_detections: int = 100
    image_input: Optional[Dict[str, Any]] = field(default=None)

    @staticmethod
    def from_json(path: Union[str, Path]) -> "DetectorDescription":
        """Reads a description; raises ValueError that names a wrong field."""
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        if values.get("kind") != "fcos":
            raise ValueError(
                f"expected kind 'fcos', got '{values.get('kind')}'"
            )
        unknown = set(values) - set(DetectorDescription.__dataclass_fields__)
        if unknown:
            raise ValueError(
                f"unknown field '{sorted(unknown)[0]}' in '{path}'"
            )
        return DetectorDescription(**values)

    def to_json(self, path: Union[str, Path]) -> None:
        """Writes the description as indented JSON."""
        values = asdict(self)
        order = ["kind", *(key for key in values if key != "kind")]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({key: values[key] for key in order}, file, indent=2)
            file.write("\n")

    def levels(self, outputs: Mapping[str, np.ndarray]) -> List[LevelArrays]:
        """Picks the levels of image 0 out of named (N, C, h, w) outputs."""
        return [
            (outputs[cls][0], outputs[box][0], outputs[centerness][0])
            for cls, box, centerness in zip(
                *(self.outputs[k] for k in ("cls", "box", "centerness"))
            )
        ]


@dataclass(frozen=True)
class Detections:
    """Boxes (D, 4) x1, y1, x2, y2 in pixels, scores (D,), classes (D,)."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-abs x)), mirrored, so that exp never overflows."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e)).astype(np.float32)


def _pairwise_iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """IoU of one box with (K, 4) others; 0 where the union has no area."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    side = np.maximum(high - low, 0)
    overlap = side[:, 0] * side[:, 1]
    area = lambda b: (b[..., 2] - b[..., 0]) * (
        b[..., 3] - b[..., 1]
    )  # noqa: E731
    union = area(box) + area(others) - overlap
    return np.divide(overlap, union, out=np.zeros_like(union), where=union > 0)


def non_max_suppression(
    boxes: np.ndarray, labels: np.ndarray, threshold: float, limit: int
) -> np.ndarray:
    """Positions kept, at most `limit`, of boxes sorted best first.

    A box is dropped when a kept box of its class overlaps it by an IoU greater
    than `threshold`, both as float32.
    """
    limit_iou = np.float32(threshold)
    alive = np.ones(len(boxes), dtype=bool)
    kept: List[int] = []
    for index in range(len(boxes)):
        if not alive[index]:
            continue
        kept.append(index)
        if len(kept) == limit:
            break
        rest = np.arange(index + 1, len(boxes))
        rest = rest[alive[rest] & (labels[rest] == labels[index])]
        alive[rest[_pairwise_iou(boxes[index], boxes[rest]) > limit_iou]] = (
            False
        )
    return np.array(kept, dtype=np.int64)


def _level_candidates(
    level: LevelArrays, stride: int, detector: DetectorDescription
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes, scores and labels of one level, best first."""
    cls, box, centerness = (np.asarray(a, dtype=np.float32) for a in level)
    classes, _, width = cls.shape
    probability = _sigmoid(cls)
    score = np.sqrt(probability * _sigmoid(centerness))
    # Location-major, class-minor: the order that equal scores keep.
    flat = probability.transpose(1, 2, 0).ravel()
    order = np.flatnonzero(flat > np.float32(detector.score_threshold))
    scores = score.transpose(1, 2, 0).ravel()[order]
    best = np.argsort(-scores, kind="stable")[: detector.candidates_per_level]
    order, scores = order[best], scores[best]
    place, labels = order // classes, order % classes
    y, x = place // width, place % width
    half = np.float32(stride) / 2
    px = x.astype(np.float32) * stride + half
    py = y.astype(np.float32) * stride + half
    distance = box[:, y, x]
    if detector.box_unit == "stride":
        distance = distance * np.float32(stride)
    left, top, right, bottom = distance
    boxes = np.stack([px - left, py - top, px + right, py + bottom], axis=1)
    return boxes, scores, labels


def decode(
    levels: Sequence[LevelArrays],
    detector: DetectorDescription,
    image_size: Tuple[int, int],
) -> Detections:
    """Decodes one image's levels, each (classes,h,w), (4,h,w), (1,h,w).

    score = sqrt(sigmoid(cls) * sigmoid(centerness)); candidates have
    sigmoid(cls) > score_threshold, the best candidates_per_level a level by
    score; boxes are clipped to 0..width, 0..height of `image_size` (height,
    width) before the per-class NMS.
    """
    if len(levels) != len(detector.strides):
        raise ValueError(
            f"expected {len(detector.strides)} levels, got {len(levels)}"
        )
    parts = [
        _level_candidates(level, stride, detector)
        for level, stride in zip(levels, detector.strides)
    ]
    boxes, scores, labels = (np.concatenate(p) for p in zip(*parts))
    height, width = image_size
    limits = np.array([width, height, width, height], dtype=np.float32)
    boxes = np.clip(boxes, np.float32(0), limits)
    # Levels are concatenated in order and each is ordered already, so a
    # stable sort leaves equal scores in the promised order.
    order = np.argsort(-scores, kind="stable")
    boxes, scores, labels = boxes[order], scores[order], labels[order]
    kept = non_max_suppression(
        boxes, labels, detector.nms_iou, detector.max_detections
    )
    return Detections(boxes[kept], scores[kept], labels[kept])
