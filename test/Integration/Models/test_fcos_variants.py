# SPDX-License-Identifier: Apache-2.0
"""Every form in which exporters write FCOS: import, convert, run.

Networks have random weights, full depth and a small width. The converted
graph must hold no batch norm, no decomposed group norm and no float
convolution; the interpreter must agree with onnxruntime on the float graph.
"""
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("SHIFT_BIN", ROOT / "build" / "bin"))

VARIANTS = [
    "--model=fcos_r50 --norm=gn --box=exp --batch-norm=folded --opset=11",
    "--model=fcos_r50 --norm=gn --box=exp --batch-norm=frozen-chain --opset=13",
    "--model=fcos_r50 --norm=none --box=relu --batch-norm=plain --opset=9 "
    "--upsample=scale",
    "--model=fcos_r101 --norm=none --box=relu --batch-norm=frozen --opset=13",
    "--model=fcos_x101 --norm=gn --box=exp --batch-norm=plain --opset=17",
    "--model=fcos_mobilenetv2 --norm=gn --box=relu --batch-norm=folded "
    "--opset=13",
    "--model=fcos_mobilenetv2 --norm=none --box=exp --batch-norm=frozen "
    "--opset=17 --upsample=scale",
    "--model=fcos_r18 --norm=gn --box=relu --batch-norm=plain --opset=16",
]


def run(*arguments):
    result = subprocess.run(
        [str(a) for a in arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python_frontend")},
    )
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.parametrize("flags", VARIANTS)
def test_variant(flags, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("torch")
    model, module = tmp_path / "m.onnx", tmp_path / "q.mlir"
    run(
        sys.executable, "-m", "shift_frontend.export", *flags.split(),
        "--size=64x96", "--width=16", "--channels=64", "--depth=2",
        "-o", model,
    )
    run(BIN / "shift-translate", "--import-onnx", model, "-o",
        tmp_path / "m.mlir")
    run(BIN / "shift-opt", tmp_path / "m.mlir", "--quantize-shift=-10:5",
        "-o", module)
    text = module.read_text()
    assert "shift.conv2d" in text
    for left in ("Conv", "BatchNormalization", "InstanceNormalization"):
        assert f"onnx.{left} " not in text, left
    assert ("onnx.GroupNormalization" in text) == ("--norm=gn" in flags)

    x = np.random.default_rng(0).normal(size=(1, 3, 64, 96))
    np.save(tmp_path / "x.npy", x.astype(np.float32))
    run(BIN / "shift-run", model, "--input", tmp_path / "x.npy",
        "--engine=reference", f"--output-dir={tmp_path}/out")
    session = onnxruntime.InferenceSession(str(model))
    names = [output.name for output in session.get_outputs()]
    source = session.get_inputs()[0].name
    for name, value in zip(
        names, session.run(names, {source: x.astype(np.float32)})
    ):
        ours = np.load(tmp_path / "out" / f"{name}.npy")
        scale = max(1.0, float(np.abs(value).max()))
        assert np.abs(ours - value).max() < 1e-3 * scale, name
