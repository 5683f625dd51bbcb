# SPDX-License-Identifier: Apache-2.0
"""Assignment of boxes to locations on cases small enough to do by hand."""

from types import SimpleNamespace

import pytest
import torch

from shift_frontend.fcos.targets import (
    BACKGROUND,
    SIZES_OF_INTEREST,
    assign_targets,
    level_locations,
)

# One 8x8-stride level of 4 rows and 6 columns: a 48x32 image.
ONE_LEVEL = dict(shapes=[(4, 6)], strides=[8])


def grid(values: torch.Tensor) -> list:
    """The single level's values as rows."""
    return values.reshape(4, 6).tolist()


def test_locations_are_centers_rows_first() -> None:
    points = level_locations(2, 3, 16)
    assert points.tolist() == [
        [8, 8],
        [24, 8],
        [40, 8],
        [8, 24],
        [24, 24],
        [40, 24],
    ]


def test_location_must_lie_strictly_inside() -> None:
    # The border runs through x = 12 and y = 12: those locations stay outside.
    boxes = torch.tensor([[12.0, 12.0, 29.0, 29.0]])
    targets = assign_targets(
        **ONE_LEVEL, boxes=boxes, labels=torch.tensor([2])
    )
    assert grid(targets.labels) == [
        [-1, -1, -1, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1],
        [-1, -1, 2, 2, -1, -1],
        [-1, -1, 2, 2, -1, -1],
    ]
    place = 2 * 6 + 2  # (20, 20)
    assert targets.distances[place].tolist() == [8, 8, 9, 9]
    assert targets.centerness[place].item() == pytest.approx(8 / 9)
    # (28, 20): sqrt(1/16 * 8/9)
    assert targets.centerness[place + 1].item() == pytest.approx(
        (1 / 18) ** 0.5
    )
    assert targets.distances[0].tolist() == [0, 0, 0, 0]
    assert targets.centerness[0].item() == 0


def test_smallest_box_wins_contested_location() -> None:
    boxes = torch.tensor(
        [
            [0.0, 0.0, 48.0, 32.0],
            [8.0, 0.0, 24.0, 16.0],
            [0.0, 0.0, 32.0, 16.0],
        ]
    )
    targets = assign_targets(
        **ONE_LEVEL, boxes=boxes, labels=torch.tensor([0, 1, 2])
    )
    assert grid(targets.labels) == [
        [2, 1, 1, 2, 0, 0],
        [2, 1, 1, 2, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    assert torch.equal(targets.matched, targets.labels)


def test_first_of_equally_small_boxes_wins() -> None:
    boxes = torch.tensor([[0.0, 0.0, 16.0, 32.0], [0.0, 0.0, 32.0, 16.0]])
    targets = assign_targets(
        **ONE_LEVEL, boxes=boxes, labels=torch.tensor([5, 7])
    )
    assert targets.labels[0] == 5
    assert targets.matched[0] == 0
    assert targets.labels[2] == 7


def test_size_of_interest_chooses_the_level() -> None:
    # A 120x120 box: at its center all distances are 60, so P3; towards the
    # corners the largest one passes 64, so P4.
    boxes = torch.tensor([[0.0, 0.0, 120.0, 120.0]])
    targets = assign_targets(
        [(16, 16), (8, 8)], [8, 16], boxes, torch.tensor([0])
    )
    fine = targets.labels[:256].reshape(16, 16)
    coarse = targets.labels[256:].reshape(8, 8)
    positive = [(y, x) for y, x in (fine == 0).nonzero().tolist()]
    assert positive == [(7, 7)]  # (60, 60) only: (52, 60) is 68 from the right
    # P4 has centers 8, 24, ..., 104 inside (7 a side); the one nearest to the
    # middle, 56, is exactly 64 from the far side, which still counts.
    assert (coarse[:7, :7] == 0).all()
    assert (coarse == 0).sum() == 49


def test_bounds_of_interest_are_inclusive() -> None:
    # Largest distance exactly 64 at (4, 4) of P3; P4 takes 64 at (8, 8), too.
    on_fine = assign_targets(
        [(1, 1)], [8], torch.tensor([[0.0, 0.0, 68.0, 8.0]]), torch.tensor([0])
    )
    assert on_fine.labels.tolist() == [0]
    on_coarse = assign_targets(
        [(1, 1)],
        [16],
        torch.tensor([[0.0, 0.0, 72.0, 16.0]]),
        torch.tensor([0]),
        sizes=SIZES_OF_INTEREST[1:],
    )
    assert on_coarse.labels.tolist() == [0]
    below = assign_targets(
        [(1, 1)],
        [16],
        torch.tensor([[0.0, 0.0, 71.9, 16.0]]),
        torch.tensor([0]),
        sizes=SIZES_OF_INTEREST[1:],
    )
    assert below.labels.tolist() == [BACKGROUND]


def test_center_sampling_keeps_the_middle() -> None:
    boxes = torch.tensor([[0.0, 0.0, 48.0, 32.0]])
    targets = assign_targets(
        **ONE_LEVEL, boxes=boxes, labels=torch.tensor([0]), radius=1.5
    )
    # Center (24, 16), 12 pixels: columns 20, 28 and rows 12, 20 are 4 away,
    # columns 12, 36 and rows 4, 28 exactly 12, which is outside.
    assert grid(targets.labels) == [
        [-1, -1, -1, -1, -1, -1],
        [-1, -1, 0, 0, -1, -1],
        [-1, -1, 0, 0, -1, -1],
        [-1, -1, -1, -1, -1, -1],
    ]


def test_no_boxes_is_all_background() -> None:
    targets = assign_targets(
        **ONE_LEVEL,
        boxes=torch.zeros(0, 4),
        labels=torch.zeros(0, dtype=torch.int64)
    )
    assert (targets.labels == BACKGROUND).all()
    assert targets.distances.shape == (24, 4)


def test_wrong_number_of_strides_is_refused() -> None:
    with pytest.raises(ValueError, match="got 1 levels, 2 strides"):
        assign_targets([(1, 1)], [8, 16], torch.zeros(1, 4), torch.zeros(1))


@pytest.mark.parametrize("seed", range(5))
def test_equals_torchvision_where_definitions_coincide(seed: int) -> None:
    """torchvision's FCOS, given our locations, matches the same boxes.

    Its matching has center sampling of 1.5 strides and the same sizes of
    interest; random boxes never hit the bounds, where it excludes the ends.
    """
    fcos = pytest.importorskip("torchvision.models.detection.fcos")
    generator = torch.Generator().manual_seed(seed)
    shapes = [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]
    strides = [8, 16, 32, 64, 128]
    corner = torch.rand(12, 2, generator=generator) * torch.tensor(
        [340.0, 220.0]
    )
    side = torch.exp(torch.rand(12, 2, generator=generator) * 4 + 2)
    boxes = torch.cat([corner, corner + side], dim=1)
    labels = torch.randint(0, 3, (12,), generator=generator)
    anchors = []
    for (h, w), stride in zip(shapes, strides):
        points = level_locations(h, w, stride)
        anchors.append(
            torch.cat([points - stride / 2, points + stride / 2], dim=1)
        )
    found = {}

    def capture(targets, outputs, anchors, matched) -> None:
        found["matched"] = matched[0]

    shell = SimpleNamespace(
        center_sampling_radius=1.5, head=SimpleNamespace(compute_loss=capture)
    )
    fcos.FCOS.compute_loss(
        shell,
        [{"boxes": boxes, "labels": labels}],
        {},
        [torch.cat(anchors)],
        [len(a) for a in anchors],
    )
    ours = assign_targets(shapes, strides, boxes, labels, radius=1.5)
    assert (ours.matched >= 0).sum() > 20
    assert torch.equal(ours.matched, found["matched"])
