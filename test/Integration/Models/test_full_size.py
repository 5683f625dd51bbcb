# SPDX-License-Identifier: Apache-2.0
"""FCOS with ResNet-50 at 800x1216: what its artefacts weigh, what a run takes.

The network has random weights; sizes and memory do not depend on them. Speed is
not tested here: `shift-bench` measures it.
"""
import json
import os
import re
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from test_models import BIN, ROOT, tool

SHAPE = (1, 3, 800, 1216)
FLOAT_BITS = 32
RUN_ORT = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(sys.argv[1], options)
session.run(None, {session.get_inputs()[0].name: numpy.load(sys.argv[2])})
"""
RUN_AND_REPORT = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the network, m.onnx, and an input of it, in/x.npy."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("full-size")
    subprocess.run(
        [sys.executable, "-m", "shift_frontend.export", "--model=fcos_r50",
         "--norm=gn", "--box=exp", "--batch-norm=plain", "--opset=13",
         f"--size={SHAPE[2]}x{SHAPE[3]}", "-o", folder / "m.onnx"],
        check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python_frontend")},
    )
    (folder / "in").mkdir()
    x = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    np.save(folder / "in" / "x.npy", x)
    return folder


@pytest.fixture(scope="module")
def artefact(folder):
    """artefact(quantization): a calibrated library, and what it says of itself:
    weights, bits of one, megabytes of stored constants."""

    @cache
    def compile_(quantization):
        path = folder / (re.sub(r"\W+", "_", quantization) + ".so")
        text = tool(
            "shift-compile", folder / "m.onnx",
            f"--quantize-shift={quantization}", f"--calibrate={folder / 'in'}",
            "--explain", "-o", path,
        ).stdout
        bits, weights = re.search(
            r"^total: ([\d.]+) bits a weight, (\d+) weights$", text, re.M
        ).groups()
        stored = re.search(r"([\d.]+) MB of stored constants", text).group(1)
        return path, int(weights), float(bits), float(stored)

    return compile_


def peak_memory(*command):
    """Bytes that a process and its threads held at most."""
    # A process starts with the peak of the one that makes it, so a small one
    # has to: this one may hold much.
    result = subprocess.run(
        [sys.executable, "-I", "-c", RUN_AND_REPORT, *map(str, command)],
        check=True, capture_output=True, text=True,
    )
    return int(result.stdout) * 1024


@pytest.mark.parametrize(
    "quantization, ratio",
    [("range=-10:5 activation-bits=16", 6.4),
     ("range=-10:5 window=7 activation-bits=8", 8.0)],
)
def test_artefact_is_packed_weights_and_little_else(
    quantization, ratio, artefact
):
    path, weights, bits, stored = artefact(quantization)
    assert weights > 30_000_000
    # The text rounds bits to two digits.
    assert bits <= FLOAT_BITS / ratio + 0.005
    packed = weights * bits / 8
    assert path.stat().st_size - packed < 4e6
    assert packed * 0.99 < stored * 1e6 < packed + 2e6


def test_artefact_loads_at_once(artefact, folder):
    path = artefact("range=-10:5 window=7 activation-bits=8")[0]
    text = tool(
        "shift-run", path, "--input", folder / "in" / "x.npy", "--benchmark=1"
    ).stdout
    # The goal is 300 ms besides the expansion of weights; a machine of tests
    # may be busy.
    assert json.loads(text)["load_ms"] < 3000


def test_run_takes_no_more_memory_than_onnxruntime(artefact, folder):
    pytest.importorskip("onnxruntime")
    path = artefact("range=-10:5 window=7 activation-bits=8")[0]
    x = folder / "in" / "x.npy"
    # Each without the program that the engine is part of.
    ours = peak_memory(BIN / "shift-run", path, "--input", x) - peak_memory(
        BIN / "shift-run", "--version"
    )
    theirs = peak_memory(
        sys.executable, "-c", RUN_ORT, folder / "m.onnx", x
    ) - peak_memory(sys.executable, "-c", "import numpy, onnxruntime")
    assert ours < theirs
