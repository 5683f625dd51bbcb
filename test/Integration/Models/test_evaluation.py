# SPDX-License-Identifier: Apache-2.0
"""shift-run --eval against pycocotools on the same detections."""
import contextlib
import io
import json

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from test_models import DATA, INPUTS, MODELS, tool

COCO80 = DATA / "coco80_val"
NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl",
         "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]


@pytest.mark.skipif(not COCO80.exists(), reason="no COCO images")
def test_numbers_are_those_of_pycocotools(tmp_path):
    annotations = COCO80 / "annotations" / "instances_val2017.json"
    printed = tool(
        "shift-run", MODELS["fastestdet"], "--detector=fastestdet",
        "--channel-order=BGR", "--mean=0,0,0", "--std=255,255,255",
        "--resize=stretch", f"--eval={annotations}",
        "--image", COCO80 / "val2017", f"--json={tmp_path / 'd.json'}",
    ).stdout
    ours = dict(line.split() for line in printed.splitlines()[:len(NAMES)])
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(annotations))
        images = {image["file_name"]: image["id"]
                  for image in truth.dataset["images"]}
        categories = {category["name"]: category["id"]
                      for category in truth.dataset["categories"]}
        results = []
        for image in json.loads((tmp_path / "d.json").read_text())["images"]:
            for found in image["detections"]:
                x0, y0, x1, y1 = found["box"]
                results.append({"image_id": images[image["file"]],
                                "category_id": categories[found["label"]],
                                "bbox": [x0, y0, x1 - x0, y1 - y0],
                                "score": found["score"]})
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert list(ours) == NAMES
    for name, wanted in zip(NAMES, evaluation.stats):
        assert abs(float(ours[name]) - wanted) < 1e-9, name
    assert float(ours["AP50"]) > 0.3


def test_wrong_use_is_refused():
    model = INPUTS / "fcos-bccd.onnx"
    for flags, message in [
        (["--eval=a.json"], "needs --image FOLDER"),
        (["--eval=voc:/none,val"], "cannot read '/none/ImageSets/Main/val.txt'"),
        (["--eval=voc:/none,val", "--input", "x.npy"], "--eval reads images"),
    ]:
        done = tool("shift-run", model,
                    f"--detector={INPUTS / 'fcos-bccd.json'}", *flags,
                    check=False)
        assert done.returncode != 0
        assert message in done.stderr
