# SPDX-License-Identifier: Apache-2.0
"""Reading detection data sets (Pascal VOC, COCO) and preparing images.

Needs NumPy and Pillow only. Boxes are x1, y1, x2, y2 in pixels of the stored
image, exactly as the annotation gives them (VOC corners are not shifted by
one); boxes without area are dropped.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple, Union

import numpy as np
from PIL import Image

PathLike = Union[str, Path]

BCCD_CLASSES = ("RBC", "WBC", "Platelets")


@dataclass(frozen=True)
class ImageRecord:
    """One image: boxes (G, 4) float32, labels (G,) int64, crowd (G,) bool."""

    image_id: int
    path: Path
    width: int
    height: int
    boxes: np.ndarray
    labels: np.ndarray
    crowd: np.ndarray


def _record(
    image_id: int,
    path: Path,
    width: int,
    height: int,
    rows: Sequence[Sequence[float]],
) -> ImageRecord:
    """Builds a record from rows x1, y1, x2, y2, label, crowd."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    table = table[(table[:, 2] > table[:, 0]) & (table[:, 3] > table[:, 1])]
    return ImageRecord(
        image_id,
        path,
        width,
        height,
        table[:, :4].astype(np.float32),
        table[:, 4].astype(np.int64),
        table[:, 5].astype(bool),
    )


def load_voc(
    root: PathLike, split: str, classes: Sequence[str] = BCCD_CLASSES
) -> List[ImageRecord]:
    """Reads a Pascal VOC folder's split (ImageSets/Main/<split>.txt).

    Image ids count from 1 in the order of the split file. Raises ValueError
    for a class that is not in `classes`.
    """
    root = Path(root)
    names = (root / "ImageSets" / "Main" / f"{split}.txt").read_text().split()
    records = []
    for image_id, name in enumerate(names, start=1):
        annotation = root / "Annotations" / f"{name}.xml"
        tree = ElementTree.parse(annotation).getroot()
        rows = []
        for item in tree.findall("object"):
            label = item.findtext("name", default="")
            if label not in classes:
                raise ValueError(
                    f"expected class of {', '.join(classes)}, got '{label}' "
                    f"in '{annotation}'"
                )
            corners = [
                float(item.findtext(f"bndbox/{key}", default="nan"))
                for key in ("xmin", "ymin", "xmax", "ymax")
            ]
            rows.append([*corners, classes.index(label), 0])
        records.append(
            _record(
                image_id,
                root / "JPEGImages" / f"{name}.jpg",
                int(tree.findtext("size/width", default="0")),
                int(tree.findtext("size/height", default="0")),
                rows,
            )
        )
    return records


def load_coco(
    annotations: PathLike, images: PathLike
) -> Tuple[List[ImageRecord], Dict[int, int]]:
    """Reads a COCO JSON; returns records and {label: COCO category id}.

    Labels count from 0 in rising order of the category ids.
    """
    with open(annotations, encoding="utf-8") as file:
        document = json.load(file)
    categories = sorted(c["id"] for c in document["categories"])
    label_of = {category: label for label, category in enumerate(categories)}
    rows: Dict[int, List[List[float]]] = {
        i["id"]: [] for i in document["images"]
    }
    for item in document["annotations"]:
        x, y, w, h = item["bbox"]
        rows[item["image_id"]].append(
            [
                x,
                y,
                x + w,
                y + h,
                label_of[item["category_id"]],
                item.get("iscrowd", 0),
            ]
        )
    records = [
        _record(
            i["id"],
            Path(images) / i["file_name"],
            i["width"],
            i["height"],
            rows[i["id"]],
        )
        for i in document["images"]
    ]
    return records, dict(enumerate(categories))


def to_coco(
    records: Sequence[ImageRecord], classes: Sequence[str]
) -> Dict[str, Any]:
    """A COCO document of `records`; category id = label + 1."""
    annotations = []
    for record in records:
        for box, label, crowd in zip(
            record.boxes, record.labels, record.crowd
        ):
            x1, y1, x2, y2 = (float(v) for v in box)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": record.image_id,
                    "category_id": int(label) + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": int(crowd),
                }
            )
    return {
        "info": {},
        "licenses": [],
        "images": [
            {
                "id": r.image_id,
                "file_name": r.path.name,
                "width": r.width,
                "height": r.height,
            }
            for r in records
        ],
        "categories": [
            {"id": label + 1, "name": name}
            for label, name in enumerate(classes)
        ],
        "annotations": annotations,
    }


@dataclass(frozen=True)
class ImageInput:
    """How an image becomes the network's input.

    The uint8 image is resized with Pillow's antialiased BILINEAR, then
    x = (pixel * scale - mean) / std per channel, in float32. `size` is
    [height, width]. `resize` 'stretch' fills it; 'keep-ratio' scales by
    min(height / h, width / w), rounds the sides half up, places the image at
    the top left and leaves x = 0 elsewhere. `channel_order` is 'RGB' or 'BGR'
    (mean and std are in that order), `layout` 'NCHW' or 'NHWC'.
    """

    size: List[int]
    mean: List[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    std: List[float] = field(default_factory=lambda: [1.0, 1.0, 1.0])
    scale: float = 1.0
    channel_order: str = "RGB"
    layout: str = "NCHW"
    resize: str = "stretch"

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "ImageInput":
        """Builds the description from a detector's `image_input` object."""
        return ImageInput(**values)

    def to_dict(self) -> Dict[str, Any]:
        """The `image_input` object of a detector description."""
        return asdict(self)

    def resized(self, width: int, height: int) -> Tuple[int, int]:
        """Width and height of the resized image inside the input."""
        rows, columns = self.size
        if self.resize == "stretch":
            return columns, rows
        factor = min(rows / height, columns / width)
        return (
            min(columns, max(1, int(width * factor + 0.5))),
            min(rows, max(1, int(height * factor + 0.5))),
        )

    def normalise(self, pixels: np.ndarray) -> np.ndarray:
        """(h, w, 3) uint8 RGB pixels to float32 of the described channels."""
        values = pixels.astype(np.float32)
        if self.channel_order == "BGR":
            values = values[:, :, ::-1]
        mean = np.array(self.mean, dtype=np.float32)
        std = np.array(self.std, dtype=np.float32)
        return (values * np.float32(self.scale) - mean) / std

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Image of any size to the float32 input with a batch of one."""
        image = image.convert("RGB")
        width, height = self.resized(*image.size)
        pixels = np.asarray(image.resize((width, height), Image.BILINEAR))
        canvas = np.zeros((*self.size, 3), dtype=np.float32)
        canvas[:height, :width] = self.normalise(pixels)
        if self.layout == "NCHW":
            canvas = canvas.transpose(2, 0, 1)
        return np.ascontiguousarray(canvas[None])

    def to_image(
        self, boxes: np.ndarray, width: int, height: int
    ) -> np.ndarray:
        """Maps (D, 4) boxes of the input to an image of width x height.

        Boxes are clipped to the image.
        """
        inner_width, inner_height = self.resized(width, height)
        factor = np.array(
            [width / inner_width, height / inner_height] * 2, dtype=np.float32
        )
        limit = np.array([width, height] * 2, dtype=np.float32)
        return np.clip(boxes * factor, np.float32(0), limit)
