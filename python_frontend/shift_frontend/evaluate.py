# SPDX-License-Identifier: Apache-2.0
"""Average precision of an FCOS detector with pycocotools.

    python -m shift_frontend.evaluate --model=fcos-bccd.onnx \
        --annotations=test.json --images=JPEGImages

The detector's description lies beside the model, with suffix .json, unless
--detector names it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import numpy as np
from PIL import Image

from .data import ImageInput, ImageRecord, load_coco
from .fcos.decode import Detections, DetectorDescription, decode

# Maps an input array to named raw outputs with a batch of one.
Network = Callable[[np.ndarray], Mapping[str, np.ndarray]]


def onnx_network(path: str, threads: int = 2) -> Network:
    """The raw outputs of an ONNX model in onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    source = session.get_inputs()[0].name
    return lambda x: dict(zip(names, session.run(names, {source: x})))


def detect(
    network: Network, detector: DetectorDescription, image: Image.Image
) -> Detections:
    """Detections of one image, boxes in its own pixels."""
    if detector.image_input is None:
        raise ValueError("expected a detector with image_input, got none")
    image_input = ImageInput.from_dict(detector.image_input)
    levels = detector.levels(network(image_input.prepare(image)))
    height, width = image_input.size
    found = decode(levels, detector, (height, width))
    boxes = image_input.to_image(found.boxes, *image.size)
    return Detections(boxes, found.scores, found.labels)


def coco_results(
    network: Network,
    detector: DetectorDescription,
    records: Sequence[ImageRecord],
    category_of: Mapping[int, int],
) -> List[Dict[str, Any]]:
    """COCO result entries of all `records`."""
    results = []
    for record in records:
        with Image.open(record.path) as image:
            found = detect(network, detector, image)
        for box, score, label in zip(found.boxes, found.scores, found.labels):
            x1, y1, x2, y2 = (float(v) for v in box)
            results.append(
                {
                    "image_id": record.image_id,
                    "category_id": category_of[int(label)],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "score": float(score),
                }
            )
    return results


def average_precision(
    document: Dict[str, Any], results: List[Dict[str, Any]]
) -> Dict[str, float]:
    """AP (0.50:0.95), AP50, AP75 and AP a class name, all in 0..1."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    categories = document["categories"]
    if not results:
        return {
            "AP": 0.0,
            "AP50": 0.0,
            "AP75": 0.0,
            **{c["name"]: 0.0 for c in categories},
        }
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = document
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    scores = {
        "AP": float(evaluation.stats[0]),
        "AP50": float(evaluation.stats[1]),
        "AP75": float(evaluation.stats[2]),
    }
    # Precision is [IoU, recall, class, area, detections]; -1 marks no truth.
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    for index, category in enumerate(
        sorted(categories, key=lambda c: c["id"])
    ):
        values = precision[:, :, index]
        values = values[values > -1]
        scores[category["name"]] = (
            float(values.mean()) if values.size else -1.0
        )
    return scores


def evaluate_onnx(
    model: str, detector: DetectorDescription, annotations: str, images: str
) -> Dict[str, float]:
    """Average precision of an ONNX model on a COCO file's images."""
    records, category_of = load_coco(annotations, images)
    results = coco_results(onnx_network(model), detector, records, category_of)
    with open(annotations, encoding="utf-8") as file:
        return average_precision(json.load(file), results)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Command line; prints one line a score."""
    parser = argparse.ArgumentParser(
        description="AP of an FCOS ONNX model with pycocotools"
    )
    parser.add_argument("--model", required=True, help="ONNX file")
    parser.add_argument(
        "--detector", help="Description (default: MODEL with .json)"
    )
    parser.add_argument("--annotations", required=True, help="COCO JSON file")
    parser.add_argument("--images", required=True, help="Folder of the images")
    options = parser.parse_args(arguments)
    path = options.detector or str(Path(options.model).with_suffix(".json"))
    detector = DetectorDescription.from_json(path)
    if detector.image_input is None:
        print(f"error: '{path}' has no image_input", file=sys.stderr)
        return 1
    scores = evaluate_onnx(
        options.model, detector, options.annotations, options.images
    )
    for name, value in scores.items():
        print(f"{name} {value:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
