# SPDX-License-Identifier: Apache-2.0
"""Reading data sets and preparing images."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shift_frontend.data import ImageInput, load_coco, load_voc, to_coco

VOC_OBJECT = """<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin>
<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"""


def write_voc(root: Path, objects: list) -> None:
    """A VOC folder with one 64x48 image, `one`, in split `train`."""
    for folder in ("ImageSets/Main", "Annotations", "JPEGImages"):
        (root / folder).mkdir(parents=True)
    (root / "ImageSets/Main/train.txt").write_text("one\n")
    rows = "".join(VOC_OBJECT.format(*item) for item in objects)
    (root / "Annotations/one.xml").write_text(
        "<annotation><size><width>64</width><height>48</height></size>"
        f"{rows}</annotation>"
    )
    Image.new("RGB", (64, 48)).save(root / "JPEGImages/one.jpg")


def test_voc_reads_boxes_and_drops_those_without_area(tmp_path: Path) -> None:
    write_voc(
        tmp_path,
        [("WBC", 1, 2, 30, 40), ("RBC", 5, 5, 5, 9), ("RBC", 0, 0, 8, 8)],
    )
    (record,) = load_voc(tmp_path, "train")
    assert (record.image_id, record.width, record.height) == (1, 64, 48)
    assert record.boxes.tolist() == [[1, 2, 30, 40], [0, 0, 8, 8]]
    assert record.labels.tolist() == [1, 0]


def test_voc_refuses_unknown_class(tmp_path: Path) -> None:
    write_voc(tmp_path, [("cat", 1, 2, 30, 40)])
    with pytest.raises(ValueError, match="expected class of .*, got 'cat' in"):
        load_voc(tmp_path, "train")


def test_voc_to_coco_and_back_keeps_everything(tmp_path: Path) -> None:
    write_voc(tmp_path, [("WBC", 1, 2, 30, 40), ("Platelets", 3, 4, 8, 8)])
    records = load_voc(tmp_path, "train")
    document = to_coco(records, ("RBC", "WBC", "Platelets"))
    assert document["annotations"][0]["bbox"] == [1, 2, 29, 38]
    assert document["annotations"][0]["category_id"] == 2
    (tmp_path / "a.json").write_text(json.dumps(document))
    (again,), category_of = load_coco(
        tmp_path / "a.json", tmp_path / "JPEGImages"
    )
    assert category_of == {0: 1, 1: 2, 2: 3}
    assert again.path == records[0].path
    assert np.array_equal(again.boxes, records[0].boxes)
    assert np.array_equal(again.labels, records[0].labels)


def test_coco_labels_close_the_gaps_of_category_ids(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps(
            {
                "images": [
                    {"id": 7, "file_name": "x.jpg", "width": 9, "height": 9}
                ],
                "categories": [
                    {"id": 90, "name": "b"},
                    {"id": 3, "name": "a"},
                ],
                "annotations": [
                    {
                        "id": 1,
                        "image_id": 7,
                        "category_id": 90,
                        "bbox": [1, 2, 3, 4],
                        "iscrowd": 1,
                    }
                ],
            }
        )
    )
    (record,), category_of = load_coco(tmp_path / "a.json", tmp_path)
    assert category_of == {0: 3, 1: 90}
    assert record.labels.tolist() == [1]
    assert record.crowd.tolist() == [True]
    assert record.boxes.tolist() == [[1, 2, 4, 6]]


def test_prepare_normalises_channels_in_their_order() -> None:
    image = Image.new("RGB", (10, 10), (10, 20, 40))
    described = ImageInput(
        size=[4, 6],
        mean=[8, 4, 2],
        std=[1, 2, 4],
        scale=0.5,
        channel_order="BGR",
    )
    x = described.prepare(image)
    assert x.shape == (1, 3, 4, 6) and x.dtype == np.float32
    assert x[0, :, 0, 0].tolist() == [(20 - 8) / 1, (10 - 4) / 2, (5 - 2) / 4]
    nhwc = ImageInput(size=[4, 6], layout="NHWC").prepare(image)
    assert nhwc.shape == (1, 4, 6, 3)
    assert nhwc[0, 0, 0].tolist() == [10, 20, 40]


def test_stretch_is_pillows_antialiased_resize() -> None:
    pixels = np.random.default_rng(0).integers(
        0, 256, (48, 64, 3), dtype=np.uint8
    )
    image = Image.fromarray(pixels)
    x = ImageInput(size=[12, 20]).prepare(image)[0].transpose(1, 2, 0)
    assert np.array_equal(
        x, np.asarray(image.resize((20, 12), Image.BILINEAR))
    )


def test_keep_ratio_pads_right_and_below_and_maps_back() -> None:
    described = ImageInput(
        size=[30, 30], mean=[5] * 3, std=[5] * 3, resize="keep-ratio"
    )
    x = described.prepare(Image.new("RGB", (60, 41), (10, 10, 10)))
    # Factor 0.5; 20.5 rows round to 21.
    assert described.resized(60, 41) == (30, 21)
    assert (x[0, :, :21] == 1).all()
    assert (x[0, :, 21:] == 0).all()
    boxes = np.array([[3, 2.1, 15, 30]], dtype=np.float32)
    mapped = described.to_image(boxes, 60, 41)
    assert mapped.tolist() == [pytest.approx([6, 4.1, 30, 41], rel=1e-6)]
