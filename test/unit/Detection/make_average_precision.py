# SPDX-License-Identifier: Apache-2.0
"""Makes Inputs/average-precision.json: random objects and detections, and what
pycocotools computes of them.

    build/venv/bin/python test/unit/Detection/make_average_precision.py
"""
import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

IMAGES, CLASSES = 12, 4


def main() -> None:
    random = np.random.default_rng(5)
    dataset = {
        "images": [{"id": 7 + 3 * i, "file_name": f"{i}.jpg", "width": 640,
                    "height": 480} for i in range(IMAGES)],
        # The last class has no object.
        "categories": [{"id": 11 * c + 2, "name": f"class{c}"}
                       for c in range(CLASSES)],
        "annotations": [],
    }
    results = []
    for image in dataset["images"]:
        for _ in range(random.integers(0, 9)):
            label = int(random.integers(0, CLASSES - 1))
            size = np.exp(random.uniform(2, 6, size=2))
            corner = random.uniform(0, 300, size=2)
            box = [*map(float, corner.round(2)), *map(float, size.round(2))]
            dataset["annotations"].append({
                "id": len(dataset["annotations"]) + 1,
                "image_id": image["id"], "category_id": 11 * label + 2,
                "bbox": box, "area": round(box[2] * box[3] * 0.8, 3),
                "iscrowd": int(random.random() < 0.15)})
            for _ in range(random.integers(0, 4)):
                noise = random.normal(scale=0.12, size=4) * np.tile(size, 2)
                results.append((image, label, np.add(box, noise)))
        for _ in range(random.integers(0, 5)):
            results.append((image, int(random.integers(0, CLASSES)),
                            random.uniform(20, 200, size=4)))
    # float32 corners, as detectors have them; some scores are equal.
    detections, coco = [], []
    for image, label, (x, y, w, h) in results:
        x0, y0, x1, y1 = (float(np.float32(v))
                          for v in (x, y, x + abs(w), y + abs(h)))
        score = float(np.float32(round(random.random(), 1)
                                 if random.random() < 0.3 else random.random()))
        detections.append({"image": dataset["images"].index(image),
                           "label": label, "score": score,
                           "box": [x0, y0, x1, y1]})
        coco.append({"image_id": image["id"], "category_id": 11 * label + 2,
                     "bbox": [x0, y0, x1 - x0, y1 - y0], "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = dataset
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(coco), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    # precision: thresholds, recalls, classes, areas, detections an image
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    expected = {
        "stats": evaluation.stats.tolist(),
        "classAp": [float(precision[:, :, c].mean())
                    for c in range(CLASSES - 1)],
        "curves": precision[0, :, :CLASSES - 1].T.tolist(),
    }
    path = Path(__file__).parent / "Inputs/average-precision.json"
    path.write_text(json.dumps({"dataset": dataset, "detections": detections,
                                "expected": expected}))


if __name__ == "__main__":
    main()
