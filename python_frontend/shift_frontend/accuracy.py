# SPDX-License-Identifier: Apache-2.0
"""Accuracy of real models, float against converted ones.

    python -m shift_frontend.accuracy --data=DIR --bin=build/bin \
        [--quantize-shift=-10:5] [--models=mnist,resnet20]

Compiles each model twice with shift-compile (float and with weights rounded to
powers of two), runs both artefacts and prints a markdown table. DIR holds
mnist_onnx, mnist_5k, resnet20_cifar10, fastestdet, yunet and coco80_val.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import numpy as np

Network = Callable[[np.ndarray], Mapping[str, np.ndarray]]


def artefact_network(path: Path, threads: int = 2) -> Network:
    """The named outputs of a compiled artefact with one input."""
    from .runtime import Model

    model = Model(path, num_threads=threads)
    source = model.inputs[0].name
    return lambda x: model.run({source: np.ascontiguousarray(x)})


# -- classification -----------------------------------------------------------


def mnist_accuracy(network: Network, data: Path) -> float:
    """Share of right answers on the first 1000 digits of mnist_5k."""
    with gzip.open(data / "mnist_5k" / "mnist_5k.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",", max_rows=1000)
    images = rows[:, :-1].astype(np.float32).reshape(-1, 1, 1, 28, 28)
    answers = [next(iter(network(x).values())).argmax() for x in images]
    return float(np.mean(np.array(answers) == rows[:, -1]))


def cifar_accuracy(network: Network, data: Path) -> float:
    """Top-1 on the 200 test images beside the ResNet-20 model."""
    folder = data / "resnet20_cifar10"
    images = np.load(folder / "cifar10_200_exact_X.npy")
    labels = np.load(folder / "cifar10_200_exact_y.npy").ravel()
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    std = np.array([0.229, 0.224, 0.225], np.float32)
    inputs = ((images - mean) / std).astype(np.float32).transpose(0, 3, 1, 2)
    answers = [next(iter(network(x[None]).values())).argmax() for x in inputs]
    return float(np.mean(np.array(answers) == labels))


# -- detection ----------------------------------------------------------------


def load_stretched(path: Path, size: int, scale: float) -> np.ndarray:
    """BGR, 1 x 3 x size x size, pixels times `scale`."""
    from PIL import Image

    with Image.open(path) as image:
        resized = image.convert("RGB").resize((size, size), Image.BILINEAR)
    pixels = np.asarray(resized, np.float32)[:, :, ::-1] * np.float32(scale)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """IoU of one x0, y0, x1, y1 box with many."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    total = np.prod(box[2:] - box[:2]) + areas - shared
    return np.where(total > 0, shared / np.maximum(total, 1e-12), 0)


def suppress(
    boxes: np.ndarray, scores: np.ndarray, labels: np.ndarray, limit: float
) -> np.ndarray:
    """Indices that per-class NMS keeps, best first, at most 100."""
    kept: List[int] = []
    for index in np.argsort(-scores, kind="stable"):
        same = [k for k in kept if labels[k] == labels[index]]
        if not same or overlap(boxes[index], boxes[same]).max() <= limit:
            kept.append(int(index))
        if len(kept) == 100:
            break
    return np.array(kept, int)


Found = Tuple[np.ndarray, np.ndarray, np.ndarray]


def decode_fastestdet(outputs: Mapping[str, np.ndarray]) -> Found:
    """Boxes relative to the image, scores and classes of FastestDet."""
    raw = next(iter(outputs.values()))[0]
    size = raw.shape[1]
    score = raw[0] ** 0.6 * raw[5:].max(axis=0) ** 0.4
    label = raw[5:].argmax(axis=0)
    y, x = np.nonzero(score > 0.05)
    center = np.stack(
        [x + np.tanh(raw[1, y, x]), y + np.tanh(raw[2, y, x])], 1
    ) / size
    half = 0.5 / (1 + np.exp(-raw[3:5, y, x].T))
    boxes = np.concatenate([center - half, center + half], 1)
    keep = suppress(boxes, score[y, x], label[y, x], 0.6)
    return boxes[keep], score[y, x][keep], label[y, x][keep]


def decode_yunet(outputs: Mapping[str, np.ndarray]) -> Found:
    """Boxes in pixels of the 320 x 320 input, scores and class 0 of YuNet."""
    boxes, scores = [], []
    for stride in (8, 16, 32):
        size = 320 // stride
        cls, obj = (outputs[f"{n}_{stride}"].reshape(-1) for n in ("cls", "obj"))
        box = outputs[f"bbox_{stride}"].reshape(-1, 4)
        y, x = np.divmod(np.arange(size * size), size)
        center = (np.stack([x, y], 1) + box[:, :2]) * stride
        half = np.exp(box[:, 2:]) * stride / 2
        boxes.append(np.concatenate([center - half, center + half], 1))
        scores.append(np.sqrt(np.maximum(cls * obj, 0)))
    all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
    index = np.nonzero(all_scores > 0.5)[0]
    labels = np.zeros(len(index), int)
    keep = index[suppress(all_boxes[index], all_scores[index], labels, 0.45)]
    return all_boxes[keep], all_scores[keep], np.zeros(len(keep), int)


def fastestdet_ap(network: Network, data: Path) -> float:
    """COCO AP on the 80 images of coco80_val."""
    from .evaluate import average_precision

    folder = data / "coco80_val"
    truth = json.loads(
        (folder / "annotations" / "instances_val2017.json").read_text()
    )
    categories = sorted(category["id"] for category in truth["categories"])
    results: List[Dict[str, Any]] = []
    for image in truth["images"]:
        x = load_stretched(
            folder / "val2017" / image["file_name"], 352, 1 / 255
        )
        boxes, scores, labels = decode_fastestdet(network(x))
        boxes = boxes * np.tile([image["width"], image["height"]], 2)
        for box, score, label in zip(boxes, scores, labels):
            results.append(
                {
                    "image_id": image["id"],
                    "category_id": categories[label],
                    "bbox": [*box[:2], *(box[2:] - box[:2])],
                    "score": float(score),
                }
            )
    return average_precision(truth, results)["AP"]


def yunet_faces(network: Network, data: Path) -> List[np.ndarray]:
    """The boxes that YuNet finds in each image of coco80_val."""
    paths = sorted((data / "coco80_val" / "val2017").glob("*.jpg"))
    return [
        decode_yunet(network(load_stretched(path, 320, 1.0)))[0]
        for path in paths
    ]


def agreement(
    truth: Sequence[np.ndarray], found: Sequence[np.ndarray]
) -> float:
    """F1 of boxes that match one to one at IoU 0.5."""
    matches = total = 0
    for expected, boxes in zip(truth, found):
        total += len(expected) + len(boxes)
        left = list(range(len(boxes)))
        for box in expected:
            ious = overlap(box, boxes[left]) if left else np.zeros(0)
            if len(ious) and ious.max() > 0.5:
                del left[int(ious.argmax())]
                matches += 1
    return 2 * matches / total if total else 1.0


# -- the table ----------------------------------------------------------------

CLASSIFIERS = {
    "mnist": ("mnist_onnx/mnist-8.onnx", mnist_accuracy, "accuracy, 1000"),
    "resnet20": (
        "resnet20_cifar10/resnet20_cifar10.onnx",
        cifar_accuracy,
        "top-1, 200",
    ),
    "fastestdet": ("fastestdet/FastestDet.onnx", fastestdet_ap, "AP, coco80"),
}


def compile_model(arguments: Sequence[str], output: Path) -> Path:
    subprocess.run([*arguments, "-o", str(output)], check=True)
    return output


def measure(
    name: str, data: Path, tool: Path, extra: Sequence[str], folder: Path
) -> Dict[str, Any]:
    """One row: metric of the float artefact and of the converted one."""
    yunet = name == "yunet"
    path = "yunet/yunet_n_320_320.onnx" if yunet else CLASSIFIERS[name][0]
    source = [str(tool), str(data / path)]
    plain = artefact_network(compile_model(source, folder / f"{name}.so"))
    converted = artefact_network(
        compile_model([*source, *extra], folder / f"{name}.shift.so")
    )
    if yunet:
        faces = yunet_faces(plain, data)
        values = (1.0, agreement(faces, yunet_faces(converted, data)))
        metric = "F1 against float boxes, coco80"
    else:
        _, function, metric = CLASSIFIERS[name]
        values = (function(plain, data), function(converted, data))
    return dict(
        model=name, metric=metric, float=values[0], converted=values[1]
    )


def main(argv: Sequence[str] = sys.argv[1:]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bin", type=Path, default=Path("build/bin"))
    parser.add_argument("--quantize-shift", default="-10:5")
    parser.add_argument("--models", default="mnist,resnet20,fastestdet,yunet")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    options = parser.parse_args(argv)
    extra = [f"--quantize-shift={options.quantize_shift}"]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.models.split(","):
            rows.append(
                measure(
                    name,
                    options.data,
                    options.bin / "shift-compile",
                    extra,
                    Path(folder),
                )
            )
    print(f"| model | metric | float32 | {options.quantize_shift} |")
    print("| --- | --- | --- | --- |")
    for row in rows:
        print(
            f"| {row['model']} | {row['metric']} | {row['float']:.3f} "
            f"| {row['converted']:.3f} |"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
