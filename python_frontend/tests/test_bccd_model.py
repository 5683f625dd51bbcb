# SPDX-License-Identifier: Apache-2.0
"""The committed detector reaches the accuracy that the project reports."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

from shift_frontend.data import BCCD_CLASSES, ImageInput, load_voc, to_coco
from shift_frontend.evaluate import (
    average_precision,
    coco_results,
    evaluate_onnx,
    main,
    onnx_network,
)
from shift_frontend.fcos.decode import DetectorDescription

pytest.importorskip("onnxruntime")
pytest.importorskip("pycocotools")

REPOSITORY = Path(__file__).resolve().parents[2]
INPUTS = REPOSITORY / "test" / "Inputs"
MODEL = INPUTS / "fcos-bccd.onnx"
DESCRIPTION = INPUTS / "fcos-bccd.json"
IMAGES = INPUTS / "bccd"

# Measured with onnxruntime 1.26; other builds differ in the last bits only.
FOUR_IMAGES = {"AP": 0.6435, "AP50": 0.9501}
TEST_SPLIT = {"AP": 0.5866, "AP50": 0.8986}


def data_folder() -> Path:
    """BCCD's VOC folder; skips the test where it is absent."""
    default = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("SHIFT_DATA", default)) / "bccd" / "BCCD"
    if not folder.is_dir():
        pytest.skip(f"needs the BCCD images, '{folder}' is absent")
    return folder


def test_model_keeps_batch_norm_and_group_norm_visible() -> None:
    assert MODEL.stat().st_size < 8_000_000
    model = onnx.load(str(MODEL))
    onnx.checker.check_model(model, full_check=True)
    ops = Counter(node.op_type for node in model.graph.node)
    assert ops["BatchNormalization"] == 20
    assert ops["InstanceNormalization"] == 40
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 13)]


def test_description_fits_the_model() -> None:
    detector = DetectorDescription.from_json(DESCRIPTION)
    outputs = [o.name for o in onnx.load(str(MODEL)).graph.output]
    assert outputs == sum(detector.outputs.values(), [])
    assert detector.classes == list(BCCD_CLASSES)
    assert (detector.box, detector.box_unit) == ("relu", "pixels")
    described = ImageInput.from_dict(detector.image_input)
    assert described == ImageInput(
        size=[240, 320], mean=[128.0] * 3, std=[64.0] * 3
    )


def test_committed_annotations_belong_to_the_committed_images() -> None:
    four = json.loads((IMAGES / "annotations.json").read_text())
    whole = json.loads((IMAGES / "test.json").read_text())
    names = sorted(image["file_name"] for image in four["images"])
    assert names == sorted(path.name for path in IMAGES.glob("*.jpg"))
    assert len(whole["images"]) == 72
    assert len(list((IMAGES / "calibration").glob("*.jpg"))) == 8
    ids = {image["id"] for image in four["images"]}
    boxes = [a["bbox"] for a in whole["annotations"] if a["image_id"] in ids]
    assert boxes == [a["bbox"] for a in four["annotations"]]
    assert {a["category_id"] for a in four["annotations"]} == {1, 2, 3}


def test_accuracy_on_the_committed_images() -> None:
    scores = evaluate_onnx(
        str(MODEL),
        DetectorDescription.from_json(DESCRIPTION),
        str(IMAGES / "annotations.json"),
        str(IMAGES),
    )
    for name, value in FOUR_IMAGES.items():
        assert scores[name] == pytest.approx(value, abs=0.005)


def test_accuracy_on_the_test_split() -> None:
    records = load_voc(data_folder(), "test")
    document = to_coco(records, BCCD_CLASSES)
    assert document == json.loads((IMAGES / "test.json").read_text())
    results = coco_results(
        onnx_network(str(MODEL)),
        DetectorDescription.from_json(DESCRIPTION),
        records,
        {0: 1, 1: 2, 2: 3},
    )
    scores = average_precision(document, results)
    for name, value in TEST_SPLIT.items():
        assert scores[name] == pytest.approx(value, abs=0.003)


def test_calibration_images_are_of_the_train_split() -> None:
    train = {r.path.name: r.path for r in load_voc(data_folder(), "train")}
    for path in (IMAGES / "calibration").glob("*.jpg"):
        assert path.read_bytes() == train[path.name].read_bytes()


def test_evaluation_command_prints_scores(capsys) -> None:
    arguments = [
        f"--model={MODEL}",
        f"--annotations={IMAGES / 'annotations.json'}",
        f"--images={IMAGES}",
    ]
    assert main(arguments) == 0
    lines = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert list(lines) == ["AP", "AP50", "AP75", *BCCD_CLASSES]
    assert float(lines["AP"]) == pytest.approx(FOUR_IMAGES["AP"], abs=0.005)


def test_perfect_and_empty_results_score_one_and_zero() -> None:
    document = json.loads((IMAGES / "annotations.json").read_text())
    perfect = [
        {
            "image_id": a["image_id"],
            "category_id": a["category_id"],
            "bbox": a["bbox"],
            "score": 0.9,
        }
        for a in document["annotations"]
    ]
    scores = average_precision(document, perfect)
    assert all(np.isclose(value, 1.0) for value in scores.values())
    assert average_precision(document, [])["AP"] == 0.0
