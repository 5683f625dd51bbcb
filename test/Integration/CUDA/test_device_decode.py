# SPDX-License-Identifier: Apache-2.0
"""shift.decode as CUDA text, run by the host shim, gives the interpreter's
bits: every kind of detector and what its fields can say."""
import ctypes
import os
import subprocess

import numpy as np
import pytest

import cuda_text
from detector_heads import RESULTS, Decode, module_of, values_of

FCOS = {"kind": "fcos", "classes": ["a", "b", "c"], "strides": [8, 16, 32],
        "outputs": {"cls": ["c8", "c16", "c32"], "box": ["b8", "b16", "b32"],
                    "centerness": ["n8", "n16", "n32"]}}
FCOS_SHAPES = {8: (10, 13), 16: (5, 7), 32: (3, 4)}
FCOS_HEADS = {f"{part}{stride}": (channels, *shape)
              for stride, shape in FCOS_SHAPES.items()
              for part, channels in (("c", 3), ("b", 4), ("n", 1))}


def one_stage(classes, outputs, **fields):
    return {"kind": "one-stage", "outputs": outputs,
            "classes": [f"class{i}" for i in range(classes)], **fields}


DECODES = {
    "fcos": Decode({**FCOS, "candidates_per_level": 40}, FCOS_HEADS, (75, 100),
                   images=2, least=20),
    "fastestdet": Decode({"kind": "fastestdet", "classes": ["a", "b", "c"],
                          "outputs": {"head": ["h"]}},
                         {"h": (8, 6, 8)}, (96, 128)),
    "yunet": Decode({"kind": "yunet", "classes": ["face"], "strides": [8, 16],
                     "outputs": {"cls": ["c8", "c16"], "obj": ["o8", "o16"],
                                 "box": ["b8", "b16"]}},
                    {"c8": (88, 1), "c16": (24, 1), "o8": (88, 1),
                     "o16": (24, 1), "b8": (88, 4), "b16": (24, 4)},
                    (64, 88), images=3),
    "list": Decode(one_stage(2, {"head": ["all"]}, strides=[8, 16, 32],
                             layout="NLC", head_order=["box", "obj", "cls"],
                             cls_activation="none", obj_activation="clip",
                             score="product", labels="best", box="center",
                             box_unit="stride", size_activation="exp",
                             location=0, nms_iou=0.45),
                   {"all": (64 + 16 + 4, 7)}, (64, 64), images=2),
    "absolute": Decode(one_stage(5, {"head": ["h"]}, layout="NCL",
                                 head_order=["box", "cls"],
                                 cls_activation="none", box="absolute",
                                 score_threshold=0),
                       {"h": (9, 50)}, (48, 64)),
    "corners": Decode(one_stage(2, {"cls": ["c"], "box": ["box"],
                                    "obj": ["o"]}, cls_activation="tanh",
                                obj_activation="exp", score="power",
                                cls_power=0.5, obj_power=2,
                                box="corners", box_unit="input",
                                center_activation="sigmoid"),
                      {"c": (2, 7, 9), "box": (4, 7, 9), "o": (1, 7, 9)},
                      (70, 90)),
    # Scores that may be negative, infinite or -0.
    "bins": Decode(one_stage(3, {"cls": ["c"], "box": ["box"], "obj": ["o"]},
                             strides=[8], bins=5, box="distances",
                             box_unit="stride", score="product",
                             obj_activation="none", threshold_on="cls"),
                   {"c": (3, 6, 5), "box": (20, 6, 5), "o": (1, 6, 5)},
                   (48, 40)),
    # Runs that are merged.
    "cut": Decode(one_stage(2, {"cls": ["c"], "box": ["box"]}, strides=[4],
                            box="distances", candidates_per_level=3000,
                            max_detections=300, nms_iou=0.2),
                  {"c": (2, 60, 64), "box": (4, 60, 64)}, (240, 256)),
}
# Merged runs that are merged again.
LARGE = {
    "whole": Decode(one_stage(1, {"cls": ["c"], "box": ["box"]}, strides=[4],
                              box="distances", candidates_per_level=100000,
                              max_detections=30),
                    {"c": (1, 150, 230), "box": (4, 150, 230)}, (600, 920)),
}
KINDS = ("normal", "ties", "special", "all", "none")
CHECKED = ("-g", "-fsanitize=thread,alignment", "-fno-vectorize",
           "-fno-slp-vectorize", "-mllvm", "-tsan-instrument-read-before-write",
           "-mllvm", "-tsan-instrument-func-entry-exit=0")


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The folder of each module's text."""
    folders = {}
    for name, decodes in (("small", DECODES), ("large", LARGE)):
        folder = folders[name] = tmp_path_factory.mktemp(name)
        (folder / "m.mlir").write_text(module_of(decodes))
        cuda_text.translate(folder, folder / "m.mlir")
    return folders


def interpret(folder, values):
    """The interpreter's outputs by name."""
    inputs = []
    for name, value in values.items():
        np.save(folder / f"{name}.npy", value)
        inputs += ["--input", f"{name}={folder / name}.npy"]
    results = folder / "expected"
    subprocess.run([str(cuda_text.BUILD / "bin/shift-run"),
                    str(folder / "m.mlir"), "--engine=reference", *inputs,
                    f"--output-dir={results}"], check=True)
    return {path.stem: np.load(path) for path in results.glob("*.npy")}


def run(library, model, decodes, values):
    """The program's outputs by name."""
    outputs = {}
    for case, decode in decodes.items():
        n, most = decode.images, decode.detector["max_detections"]
        shapes = ((n, most, 4), (n, most), (n, most), (n,))
        for result, shape in zip(RESULTS, shapes):
            dtype = np.int32 if result in ("labels", "count") else np.float32
            outputs[f"{case}_{result}"] = np.full(shape, -7, dtype)

    def views(arrays):
        return [(ctypes.c_char * a.nbytes).from_buffer(a) for a in arrays]
    cuda_text.run_host(library, model, views(values.values()),
                       views(outputs.values()))
    return outputs


def check(folder, library, decodes, kind, seed):
    values = values_of(decodes, kind, seed)
    expected = interpret(folder, values)
    model = cuda_text.create(library, folder / "m.weights.bin")
    outputs = run(library, model, decodes, values)
    library.shift_cuda_destroy(model)
    for name, output in outputs.items():
        assert output.tobytes() == expected[name].tobytes(), (kind, name)
    return expected


def test_equals_the_interpreter(programs):
    folder = programs["small"]
    library = cuda_text.load(folder)
    most = {}
    for seed, kind in enumerate(KINDS):
        for name, output in check(folder, library, DECODES, kind,
                                  seed).items():
            if name.endswith("count"):
                most[name] = max(most.get(name, 0), int(output.max()))
    # No case is empty all the time.
    assert all(most.values()), most


def test_many_candidates(programs):
    folder = programs["large"]
    library = cuda_text.load(folder)
    for seed, kind in enumerate(("ties", "all")):
        check(folder, library, LARGE, kind, seed)


def test_is_free_of_races_in_any_order(programs, tmp_path):
    """The shim's checked mode looks at every access."""
    folder = programs["small"]
    for seed in ("0", "11"):
        os.environ["SHIFT_SHIM_SEED"] = seed
        try:
            library = cuda_text.load(folder, *CHECKED, name=f"checked{seed}")
            check(folder, library, DECODES, "ties", 5)
        finally:
            del os.environ["SHIFT_SHIM_SEED"]
