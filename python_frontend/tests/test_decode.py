# SPDX-License-Identifier: Apache-2.0
"""Decoding: scores, thresholds, ties, suppression and limits."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from shift_frontend.fcos.decode import (
    DetectorDescription,
    decode,
    non_max_suppression,
)

OFF = -20.0  # A logit whose sigmoid stays far below the threshold.


def detector(**changes) -> DetectorDescription:
    """Two classes on strides 8 and 16."""
    values = dict(
        classes=["a", "b"],
        strides=[8, 16],
        box="exp",
        outputs={
            "cls": ["c3", "c4"],
            "box": ["b3", "b4"],
            "centerness": ["n3", "n4"],
        },
    )
    return DetectorDescription(**{**values, **changes})


def empty_levels():
    """Levels of 4x6 and 2x3 locations without candidates; distances 3."""
    return [
        (
            np.full((2, h, w), OFF, np.float32),
            np.full((4, h, w), 3, np.float32),
            np.zeros((1, h, w), np.float32),
        )
        for h, w in ((4, 6), (2, 3))
    ]


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_box_score_and_class_of_one_location() -> None:
    levels = empty_levels()
    levels[0][0][1, 2, 3] = logit(0.81)
    levels[0][1][:, 2, 3] = [1, 2, 3, 4]
    levels[0][2][0, 2, 3] = logit(0.36)
    found = decode(levels, detector(), (32, 48))
    assert found.boxes.tolist() == [[27, 18, 31, 24]]  # around (28, 20)
    assert found.scores.tolist() == pytest.approx([0.54], rel=1e-6)
    assert found.labels.tolist() == [1]
    assert found.boxes.dtype == found.scores.dtype == np.float32


def test_box_unit_stride_multiplies_distances() -> None:
    levels = empty_levels()
    levels[1][0][0, 0, 1] = 2.0
    levels[1][1][:, 0, 1] = [0.5, 0.25, 1, 1.5]
    found = decode(levels, detector(box_unit="stride"), (32, 48))
    assert found.boxes.tolist() == [[16, 4, 40, 32]]  # around (24, 8)


def test_boxes_are_clipped_to_the_image() -> None:
    levels = empty_levels()
    levels[0][0][0, 0, 0] = 2.0
    levels[0][1][:, 0, 0] = 100
    found = decode(levels, detector(), (32, 48))
    assert found.boxes.tolist() == [[0, 0, 48, 32]]


def test_candidate_threshold_is_on_the_class_alone() -> None:
    levels = empty_levels()
    levels[0][0][0, 0, 0] = logit(0.06)
    levels[0][2][0, 0, 0] = logit(0.01)  # score 0.024, yet a candidate
    levels[0][0][0, 3, 5] = logit(0.04)
    levels[0][2][0, 3, 5] = logit(0.99)
    found = decode(levels, detector(), (32, 48))
    assert found.scores.tolist() == pytest.approx(
        [math.sqrt(0.0006)], rel=1e-5
    )


def test_equal_scores_are_ordered_by_level_row_column_class() -> None:
    levels = empty_levels()
    for level, c, y, x in (
        (1, 0, 0, 0),
        (0, 1, 2, 1),
        (0, 0, 2, 1),
        (0, 0, 1, 5),
        (0, 1, 1, 2),
        (1, 1, 1, 2),
        (0, 1, 3, 0),
    ):
        levels[level][0][c, y, x] = 1.0
    found = decode(levels, detector(), (32, 48))
    centers = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    rows = [
        (x, y, c) for (x, y), c in zip(centers.tolist(), found.labels.tolist())
    ]
    assert rows == [
        (20, 12, 1),
        (44, 12, 0),
        (12, 20, 0),
        (12, 20, 1),
        (4, 28, 1),
        (8, 8, 0),
        (40, 24, 1),
    ]


def test_limits_keep_the_first_of_equal_scores() -> None:
    levels = empty_levels()
    levels[0][0][:] = 1.0
    levels[1][0][:] = 1.0
    found = decode(levels, detector(candidates_per_level=3), (32, 48))
    centers = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    # Three a level: both classes of the first location, one of the second.
    assert centers.tolist() == [
        [4, 4],
        [4, 4],
        [12, 4],
        [8, 8],
        [8, 8],
        [24, 8],
    ]
    assert found.labels.tolist() == [0, 1, 0, 0, 1, 0]
    found = decode(levels, detector(max_detections=5), (32, 48))
    assert len(found.scores) == 5


def test_candidates_are_chosen_by_score_not_by_class() -> None:
    levels = empty_levels()
    levels[0][0][0, 0, 0], levels[0][2][0, 0, 0] = logit(0.9), logit(0.1)
    levels[0][0][0, 3, 3], levels[0][2][0, 3, 3] = logit(0.5), logit(0.5)
    found = decode(levels, detector(candidates_per_level=1), (32, 48))
    assert found.scores.tolist() == pytest.approx([0.5], rel=1e-6)


def test_suppression_is_per_class_and_strictly_above_the_threshold() -> None:
    boxes = np.array(
        [
            [0, 0, 10, 10],
            [0, 0, 10, 6],  # IoU 0.6 with the first: stays
            [0, 0, 10, 7],  # 0.7 with the first: goes
            [0, 0, 10, 10],  # same box, other class: stays
            [20, 0, 20, 10],  # no area: overlaps nothing
            [20, 0, 20, 10],
        ],
        dtype=np.float32,
    )
    labels = np.array([0, 0, 0, 1, 0, 0])
    # 60 / 100 is compared as float32, where it equals 0.6.
    kept = non_max_suppression(boxes, labels, 0.6, 100)
    assert kept.tolist() == [0, 1, 3, 4, 5]
    assert non_max_suppression(boxes, labels, 0.65, 2).tolist() == [0, 1]


def test_suppressed_boxes_suppress_nothing() -> None:
    # 0 drops 1 (IoU 8/12), which would have dropped 2; 0 and 2 are at 6/14.
    boxes = np.array(
        [[0, 0, 10, 1], [2, 0, 12, 1], [4, 0, 14, 1]], dtype=np.float32
    )
    kept = non_max_suppression(boxes, np.zeros(3, dtype=int), 0.6, 100)
    assert kept.tolist() == [0, 2]


def test_suppression_equals_torchvision() -> None:
    ops = pytest.importorskip("torchvision.ops")
    import torch

    random = np.random.default_rng(3)
    corner = random.uniform(0, 60, (300, 2))
    boxes = np.concatenate(
        [corner, corner + random.uniform(5, 40, (300, 2))], axis=1
    ).astype(np.float32)
    scores = np.sort(random.uniform(0, 1, 300).astype(np.float32))[::-1].copy()
    labels = random.integers(0, 3, 300)
    kept = non_max_suppression(boxes, labels, 0.6, 300)
    theirs = ops.batched_nms(
        torch.from_numpy(boxes),
        torch.from_numpy(scores),
        torch.from_numpy(labels),
        0.6,
    )
    assert 20 < len(kept) < 300
    assert kept.tolist() == theirs.tolist()


def test_nothing_found_is_empty() -> None:
    found = decode(empty_levels(), detector(), (32, 48))
    assert found.boxes.shape == (0, 4)


def test_extreme_logits_raise_no_warning() -> None:
    levels = empty_levels()
    levels[0][0][0, 0, 0] = 1e4
    levels[0][2][0, 0, 0] = -1e4
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = decode(levels, detector(), (32, 48))
    assert found.scores.tolist() == [0]


def test_wrong_number_of_levels_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 levels, got 1"):
        decode(empty_levels()[:1], detector(), (32, 48))


def test_description_survives_json(tmp_path: Path) -> None:
    original = detector(image_input={"size": [32, 48]}, box_unit="stride")
    original.to_json(tmp_path / "d.json")
    assert DetectorDescription.from_json(tmp_path / "d.json") == original
    assert next(iter(json.loads((tmp_path / "d.json").read_text()))) == "kind"


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kind": "yolo"}, "expected kind 'fcos', got 'yolo'"),
        ({"stride": [8]}, "unknown field 'stride'"),
    ],
)
def test_wrong_description_is_refused(tmp_path: Path, change, message) -> None:
    path = tmp_path / "d.json"
    detector().to_json(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=message):
        DetectorDescription.from_json(path)
