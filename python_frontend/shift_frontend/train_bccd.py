# SPDX-License-Identifier: Apache-2.0
"""Trains the small FCOS of the demo on BCCD's train split and exports it.

    python -m shift_frontend.train_bccd --data=BCCD --output=fcos-bccd.onnx

From scratch, CPU, fixed seed. Only the train split is learned from; the val
split chooses the epoch; the test split is evaluated once, at the end. The
exported weights are the moving average of the trained ones. Beside the model
lies its detector description, with suffix .json.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
import time
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .data import BCCD_CLASSES, ImageInput, ImageRecord, load_voc, to_coco
from .evaluate import average_precision, coco_results, onnx_network
from .export import describe, export_onnx, output_names
from .fcos import FCOS, FCOSConfig, Targets, assign_targets, fcos_losses

CONFIG = FCOSConfig(
    backbone="r18",
    classes=len(BCCD_CLASSES),
    width=16,
    channels=64,
    depth=4,
    levels=5,
    norm="gn",
    box="relu",
)
# Powers of two: the normalisation of a uint8 pixel is exact in float32.
IMAGE_INPUT = ImageInput(size=[240, 320], mean=[128.0] * 3, std=[64.0] * 3)
RADIUS = 1.5
# A crop keeps a box that shows at least this part of its area.
LEAST_VISIBLE = 0.4


def augment(
    image: Image.Image, record: ImageRecord, random: np.random.Generator
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A random view: (H, W, 3) uint8 pixels, boxes (G, 4), labels (G,).

    Quarter turn and flips, scale 0.8..1.25 with slight stretch, random
    position (missing pixels are grey), brightness and channel gains.
    """
    height, width = IMAGE_INPUT.size
    boxes = record.boxes.copy()
    image_width, image_height = image.size
    if random.random() < 0.5:
        image = image.transpose(Image.TRANSPOSE)
        boxes = boxes[:, [1, 0, 3, 2]]
        image_width, image_height = image_height, image_width
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
        boxes[:, [0, 2]] = image_width - boxes[:, [2, 0]]
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_TOP_BOTTOM)
        boxes[:, [1, 3]] = image_height - boxes[:, [3, 1]]
    scale = width / record.width * math.exp(random.uniform(-0.223, 0.223))
    stretch = math.exp(random.uniform(-0.07, 0.07))
    columns = max(1, round(image_width * scale * stretch))
    rows = max(1, round(image_height * scale / stretch))
    image = image.resize((columns, rows), Image.BILINEAR)
    x = int(
        random.integers(min(0, width - columns), max(0, width - columns) + 1)
    )
    y = int(random.integers(min(0, height - rows), max(0, height - rows) + 1))
    canvas = Image.new("RGB", (width, height), (128, 128, 128))
    canvas.paste(image, (x, y))
    factor = np.array([columns / image_width, rows / image_height] * 2)
    boxes = boxes * factor + np.array([x, y] * 2)
    clipped = np.clip(boxes, 0, [width, height] * 2)
    area = lambda b: (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])  # noqa: E731
    keep = area(clipped) >= LEAST_VISIBLE * area(boxes)
    pixels = np.asarray(canvas, dtype=np.float32)
    pixels = pixels * random.uniform(0.92, 1.08, 3) + random.uniform(-15, 15)
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    return pixels, clipped[keep].astype(np.float32), record.labels[keep]


def batch_of(
    images: Sequence[Image.Image],
    records: Sequence[ImageRecord],
    chosen: np.ndarray,
    shapes: Sequence[Tuple[int, int]],
    random: np.random.Generator,
) -> Tuple[Tensor, List[Targets]]:
    """Augmented input (N, 3, H, W) and targets of the chosen images."""
    inputs, targets = [], []
    for index in chosen:
        pixels, boxes, labels = augment(images[index], records[index], random)
        inputs.append(IMAGE_INPUT.normalise(pixels).transpose(2, 0, 1))
        targets.append(
            assign_targets(
                shapes,
                CONFIG.strides,
                torch.from_numpy(boxes),
                torch.from_numpy(labels),
                radius=RADIUS,
            )
        )
    return torch.from_numpy(np.stack(inputs)), targets


def initialise(model: FCOS) -> None:
    """Starts the box distances at a positive 4 strides, where relu learns."""
    nn.init.constant_(model.head.box_pred.bias, 4.0)
    for tower in (model.head.cls_tower, model.head.box_tower):
        for module in tower:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")


def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Moves the averaged weights and statistics towards the trained ones."""
    with torch.no_grad():
        for old, new in zip(
            average.state_dict().values(), model.state_dict().values()
        ):
            if old.dtype.is_floating_point:
                old.mul_(decay).add_(new, alpha=1 - decay)


def score(model: FCOS, records: Sequence[ImageRecord]) -> Dict[str, float]:
    """Average precision of a model in PyTorch."""
    model.eval()
    names = output_names(CONFIG)
    detector = describe(CONFIG, list(BCCD_CLASSES), IMAGE_INPUT)

    def network(x: np.ndarray) -> Dict[str, np.ndarray]:
        with torch.no_grad():
            levels = model(torch.from_numpy(x))
        tensors = [t for kind in zip(*levels) for t in kind]
        return {name: tensor.numpy() for name, tensor in zip(names, tensors)}

    category_of = {label: label + 1 for label in range(CONFIG.classes)}
    results = coco_results(network, detector, records, category_of)
    return average_precision(to_coco(records, BCCD_CLASSES), results)


def train(root: Path, options: argparse.Namespace) -> FCOS:
    """Trains and returns the averaged model of the best epoch on val."""
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    records, val = load_voc(root, "train"), load_voc(root, "val")
    images = [Image.open(record.path).convert("RGB") for record in records]
    model = FCOS(CONFIG)
    initialise(model)
    average = copy.deepcopy(model)
    with torch.no_grad():
        outputs = model.eval()(torch.zeros(1, 3, *IMAGE_INPUT.size))
    shapes = [tuple(cls.shape[-2:]) for cls, _, _ in outputs]
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": 0.05},
            {"params": plain, "weight_decay": 0.0},
        ],
        lr=options.lr,
    )
    per_epoch = math.ceil(len(records) / options.batch)
    total = per_epoch * options.epochs
    best, best_state, start, step = -1.0, average.state_dict(), time.time(), 0
    for epoch in range(1, options.epochs + 1):
        model.train()
        order = random.permutation(len(records))
        sums = np.zeros(3)
        for first in range(0, len(records), options.batch):
            rate = 0.5 * (1 + math.cos(math.pi * step / total))
            rate *= min(1.0, (step + 1) / 100)
            for group in optimiser.param_groups:
                group["lr"] = options.lr * rate
            inputs, targets = batch_of(
                images,
                records,
                order[first : first + options.batch],
                shapes,
                random,
            )
            terms = fcos_losses(model(inputs), targets)
            optimiser.zero_grad()
            terms["total"].backward()
            nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimiser.step()
            step += 1
            # A young average would be dominated by the random start.
            update_average(average, model, min(0.998, step / (step + 20)))
            sums += [float(terms[k]) for k in ("cls", "box", "centerness")]
        line = " ".join(f"{value:.4f}" for value in sums / per_epoch)
        print(
            f"epoch {epoch} loss {line} {time.time() - start:.0f} s",
            flush=True,
        )
        if epoch % options.evaluate_every == 0 or epoch == options.epochs:
            scores = score(average, val)
            print(
                "val", {k: round(v, 4) for k, v in scores.items()}, flush=True
            )
            if scores["AP"] > best:
                best, best_state = scores["AP"], copy.deepcopy(
                    average.state_dict()
                )
    average.load_state_dict(best_state)
    return average.eval()


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Command line: trains, exports, evaluates the exported model on test."""
    parser = argparse.ArgumentParser(description="Train a small FCOS on BCCD")
    parser.add_argument("--data", required=True, help="VOC folder of BCCD")
    parser.add_argument(
        "-o", "--output", required=True, help="ONNX file to write"
    )
    parser.add_argument("--epochs", type=int, default=70)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--evaluate-every", type=int, default=5, metavar="EPOCHS"
    )
    parser.add_argument(
        "--checkpoint", help="File for the PyTorch weights, too"
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    root = Path(options.data)
    model = train(root, options)
    if options.checkpoint:
        torch.save(model.state_dict(), options.checkpoint)
    # Batch normalisation stays visible: folding it is the compiler's job.
    export_onnx(model, options.output, tuple(IMAGE_INPUT.size), 13, "plain")
    detector = describe(CONFIG, list(BCCD_CLASSES), IMAGE_INPUT)
    detector.to_json(Path(options.output).with_suffix(".json"))
    test = load_voc(root, "test")
    category_of = {label: label + 1 for label in range(CONFIG.classes)}
    results = coco_results(
        onnx_network(options.output), detector, test, category_of
    )
    scores = average_precision(to_coco(test, BCCD_CLASSES), results)
    for name, value in scores.items():
        print(f"test {name} {value:.4f}")
    print("parameters", sum(p.numel() for p in model.parameters()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
