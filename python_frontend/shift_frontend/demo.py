# SPDX-License-Identifier: Apache-2.0
"""The table and the pictures of tools/demo.

    python -m shift_frontend.demo --images=DIR --annotations=FILE.json \
        --float=PREFIX --shift=PREFIX --output=DIR

PREFIX.json holds the detections of shift-run --json, PREFIX.so the artefact.
Writes table.md and one picture an image, float boxes left, shift boxes right.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Sequence

from PIL import Image, ImageDraw

from .evaluate import average_precision

COLORS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080")


def load_detections(path: Path) -> Dict[str, List[Dict[str, Any]]]:
    """Detections by file name of a file that shift-run --json wrote."""
    images = json.loads(path.read_text())["images"]
    return {image["file"]: image["detections"] for image in images}


def coco_results(
    document: Dict[str, Any], detections: Dict[str, List[Dict[str, Any]]]
) -> List[Dict[str, Any]]:
    """The detections on the document's images as COCO result entries."""
    categories = {c["name"]: c["id"] for c in document["categories"]}
    results = []
    for image in document["images"]:
        for found in detections.get(image["file_name"], []):
            x0, y0, x1, y1 = found["box"]
            results.append(
                {
                    "image_id": image["id"],
                    "category_id": categories[found["label"]],
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "score": found["score"],
                }
            )
    return results


def draw(
    image: Image.Image,
    detections: Sequence[Dict[str, Any]],
    classes: Sequence[str],
    caption: str,
    threshold: float,
) -> Image.Image:
    """A copy of `image` with a caption and the boxes above the threshold."""
    picture = image.convert("RGB").copy()
    pen = ImageDraw.Draw(picture)
    for found in detections:
        if found["score"] < threshold:
            continue
        color = COLORS[list(classes).index(found["label"]) % len(COLORS)]
        x0, y0, x1, y1 = found["box"]
        pen.rectangle((x0, y0, x1, y1), outline=color, width=2)
        pen.text(
            (x0 + 3, y0 + 2), f"{found['label']} {found['score']:.2f}", color
        )
    pen.rectangle((0, 0, 8 * len(caption), 14), fill="black")
    pen.text((3, 2), caption, "white")
    return picture


def main(argv: Sequence[str] = sys.argv[1:]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--annotations", type=Path, required=True)
    parser.add_argument("--float", dest="plain", type=Path, required=True)
    parser.add_argument("--shift", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.35)
    options = parser.parse_args(argv)

    truth = json.loads(options.annotations.read_text())
    rows = ["| model | AP | AP50 | artefact | bits a weight |"]
    rows.append("| --- | --- | --- | --- | --- |")
    found = {}
    for name, prefix in (("float32", options.plain), ("-10:5", options.shift)):
        found[name] = load_detections(Path(f"{prefix}.json"))
        scores = average_precision(truth, coco_results(truth, found[name]))
        size = Path(f"{prefix}.so").stat().st_size / 1e6
        bits = "32" if name == "float32" else packed_bits(f"{prefix}.explain")
        rows.append(
            f"| {name} | {scores['AP']:.3f} | {scores['AP50']:.3f} "
            f"| {size:.2f} MB | {bits} |"
        )
    table = "\n".join(rows) + "\n"
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "table.md").write_text(table)
    print(table)

    classes = [category["name"] for category in truth["categories"]]
    for file, detections in found["float32"].items():
        with Image.open(options.images / file) as image:
            halves = [
                draw(image, detections, classes, "float32", options.threshold),
                draw(
                    image,
                    found["-10:5"].get(file, []),
                    classes,
                    "powers of two, -10:5",
                    options.threshold,
                ),
            ]
        width, height = halves[0].size
        both = Image.new("RGB", (2 * width + 4, height), "white")
        both.paste(halves[0], (0, 0))
        both.paste(halves[1], (width + 4, 0))
        both.save(options.output / f"{Path(file).stem}.png")
    return 0


def packed_bits(path: str) -> str:
    """Bits a weight that shift-compile --explain printed as its total."""
    for line in Path(path).read_text().splitlines():
        if line.startswith("total:"):
            return line.split()[1]
    raise ValueError(f"expected a line 'total: N bits a weight' in {path}")


if __name__ == "__main__":
    sys.exit(main())
