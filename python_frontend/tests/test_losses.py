# SPDX-License-Identifier: Apache-2.0
"""Losses against values written out by hand."""

import math

import pytest
import torch

from shift_frontend.fcos.losses import box_loss, fcos_losses, focal_loss
from shift_frontend.fcos.targets import Targets, assign_targets


def test_focal_loss_written_out() -> None:
    # p = 0.5 everywhere: 0.25 * 0.25 * ln 2 for the class, 0.75 * 0.25 * ln 2
    # for each of the others.
    loss = focal_loss(torch.zeros(1, 3), torch.tensor([1]))
    assert loss.item() == pytest.approx((0.0625 + 2 * 0.1875) * math.log(2))
    # p = 0.9 for the true class, 0.8 for a wrong one.
    logits = torch.tensor([[math.log(9), math.log(4)]])
    loss = focal_loss(logits, torch.tensor([0]))
    expected = 0.25 * 0.1**2 * -math.log(0.9) + 0.75 * 0.8**2 * -math.log(0.2)
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    background = focal_loss(logits, torch.tensor([-1]))
    expected = 0.75 * (0.9**2 * -math.log(0.1) + 0.8**2 * -math.log(0.2))
    assert background.item() == pytest.approx(expected, rel=1e-6)


def test_focal_loss_equals_torchvision() -> None:
    ops = pytest.importorskip("torchvision.ops")
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(50, 4, generator=generator) * 3
    labels = torch.randint(-1, 4, (50,), generator=generator)
    target = (labels[:, None] == torch.arange(4)).float()
    theirs = ops.sigmoid_focal_loss(logits, target, 0.25, 2.0, "sum")
    assert focal_loss(logits, labels).item() == pytest.approx(
        theirs.item(), rel=1e-5
    )


def test_box_losses_written_out() -> None:
    predicted = torch.tensor([[2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 3.0, 1.0]])
    target = torch.tensor([[1.0, 1.0, 1.0, 1.0], [3.0, 1.0, 1.0, 1.0]])
    # First: 4x4 against 2x2 inside it: IoU 4/16, hull = union.
    # Second: 4x2 against 4x2, overlap 2x2: IoU 4/12, hull 6x2.
    assert box_loss(predicted, target, "iou").tolist() == pytest.approx(
        [math.log(4), math.log(3)], rel=1e-5
    )
    assert box_loss(predicted, target, "giou").tolist() == pytest.approx(
        [0.75, 1 - 1 / 3], rel=1e-5
    )
    # Hull larger than the union: 2x4 and 4x2 around one corner.
    tall = torch.tensor([[1.0, 3.0, 1.0, 1.0]])
    wide = torch.tensor([[1.0, 1.0, 3.0, 1.0]])
    assert box_loss(tall, wide, "giou").item() == pytest.approx(
        1 - 4 / 12 + (16 - 12) / 16, rel=1e-5
    )


def test_box_loss_is_finite_for_collapsed_boxes() -> None:
    predicted = torch.zeros(1, 4, requires_grad=True)
    for kind in ("iou", "giou"):
        loss = box_loss(predicted, torch.ones(1, 4), kind).sum()
        loss.backward()
        assert torch.isfinite(loss) and torch.isfinite(predicted.grad).all()


def one_level(cls, box, centerness):
    """A level of 1 x 2 locations out of nested lists."""
    make = lambda rows: torch.tensor(rows)[None, :, None, :]  # noqa: E731
    return [(make(cls), make(box), make(centerness))]


def test_terms_and_their_normalisation() -> None:
    outputs = one_level(
        cls=[[0.0, 0.0]], box=[[4.0, 4.0]] * 4, centerness=[[0.0, 0.0]]
    )
    targets = Targets(
        labels=torch.tensor([0, 0]),
        distances=torch.tensor([[2.0, 2.0, 2.0, 2.0], [4.0, 4.0, 1.0, 1.0]]),
        centerness=torch.tensor([1.0, 0.25]),
        matched=torch.tensor([0, 0]),
    )
    terms = fcos_losses(outputs, [targets], "giou")
    # IoUs 16/64 and 25/64; weights 1 and 0.25; their sum 1.25.
    assert terms["box"].item() == pytest.approx(
        (0.75 * 1 + (39 / 64) * 0.25) / 1.25, rel=1e-5
    )
    assert terms["cls"].item() == pytest.approx(0.0625 * math.log(2))
    assert terms["centerness"].item() == pytest.approx(math.log(2))
    assert terms["total"].item() == pytest.approx(
        sum(terms[k].item() for k in ("cls", "box", "centerness"))
    )


def test_batch_without_boxes_has_finite_loss_and_gradient() -> None:
    outputs = one_level(
        cls=[[0.0, 0.0]], box=[[4.0, 4.0]] * 4, centerness=[[0.0, 0.0]]
    )
    cls = outputs[0][0].requires_grad_()
    targets = assign_targets([(1, 2)], [8], torch.zeros(0, 4), torch.zeros(0))
    terms = fcos_losses(outputs, [targets])
    assert terms["box"].item() == 0
    assert terms["centerness"].item() == 0
    assert terms["cls"].item() == pytest.approx(2 * 0.1875 * math.log(2))
    terms["total"].backward()
    assert torch.isfinite(cls.grad).all()


def test_unknown_box_loss_is_refused() -> None:
    with pytest.raises(
        ValueError, match="expected box loss 'iou' or 'giou', got 'l1'"
    ):
        box_loss(torch.ones(1, 4), torch.ones(1, 4), "l1")
