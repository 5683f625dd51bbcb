# SPDX-License-Identifier: Apache-2.0
"""A calibrated detector, exported with its fixed-point steps, run again.

The exported model quantizes its activations with QuantizeLinear and
DequantizeLinear; compiled code computes them as the interpreter does.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "build/bin"
INPUTS = ROOT / "test/Inputs"
TOOLS = [BIN / name for name in ("shift-compile", "shift-translate", "shift-run")]

pytestmark = pytest.mark.skipif(
    not all(tool.exists() for tool in TOOLS), reason="tools not built"
)


def call(*command: str | Path) -> None:
    """Runs a tool that must succeed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", name="exported")
def fixture_exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calibrated detector as a float model with quantized activations."""
    folder = tmp_path_factory.mktemp("qdq")
    module, exported = folder / "fcos.mlir", folder / "fcos.onnx"
    call(
        BIN / "shift-compile",
        INPUTS / "fcos-bccd.onnx",
        f"--detector={INPUTS / 'fcos-bccd.json'}",
        "--quantize-shift=-10:5",
        f"--calibrate={INPUTS / 'bccd'}",
        "--emit=mlir",
        "-o",
        module,
    )
    call(
        BIN / "shift-translate",
        "--export-onnx",
        "--activations=qdq",
        module,
        "-o",
        exported,
    )
    return exported


def test_exported_activations_are_quantized(exported: Path) -> None:
    nodes = Counter(node.op_type for node in onnx.load(exported).graph.node)
    assert nodes["QuantizeLinear"] > 50
    assert nodes["QuantizeLinear"] == nodes["DequantizeLinear"]


def test_compiled_code_equals_the_interpreter(
    exported: Path, tmp_path: Path
) -> None:
    image = INPUTS / "bccd/BloodImage_00011.jpg"
    for engine in ("compiled", "reference"):
        call(
            BIN / "shift-run",
            exported,
            f"--engine={engine}",
            f"--image={image}",
            f"--output-dir={tmp_path / engine}",
            f"--json={tmp_path / engine}.json",
        )
    compiled = sorted((tmp_path / "compiled").rglob("*.npy"))
    assert len(compiled) == 15
    for path in compiled:
        name = path.relative_to(tmp_path / "compiled")
        actual = np.load(path)
        expected = np.load(tmp_path / "reference" / name)
        assert actual.dtype == expected.dtype == np.float32
        assert actual.tobytes() == expected.tobytes(), name
    boxes = [
        json.loads((tmp_path / f"{engine}.json").read_text())
        for engine in ("compiled", "reference")
    ]
    assert boxes[0] == boxes[1]
    assert boxes[0]
