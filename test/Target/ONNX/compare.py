# SPDX-License-Identifier: Apache-2.0
"""Runs a module with the reference and its exports with ONNX Runtime.

compare.py MODULE MODEL TOLERANCE: the outputs may differ by TOLERANCE times the
largest absolute value of the output. Inputs are random, in [0, 1).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime as ort


def run_reference(
    module: str, inputs: dict[str, np.ndarray], outputs: list[str]
) -> list[np.ndarray]:
    """The outputs of shift-run --engine=reference."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["shift-run", module, "--engine=reference"]
        for i, (name, value) in enumerate(inputs.items()):
            path = Path(folder) / f"{i}.npy"
            np.save(path, value)
            command.append(f"--input={name}={path}")
        command.append(f"--output-dir={folder}/out")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        files = [re.sub(r"[^A-Za-z0-9_.-]", "_", name) for name in outputs]
        return [np.load(f"{folder}/out/{name}.npy") for name in files]


def main() -> None:
    """Prints a line for each output; fails where one differs."""
    module, model, tolerance = sys.argv[1:]
    settings = ort.SessionOptions()
    # By default ONNX Runtime rounds the float weights of convolutions between
    # quantize and dequantize steps to 8 bits.
    settings.add_session_config_entry("session.disable_quant_qdq", "1")
    session = ort.InferenceSession(model, settings)
    random = np.random.default_rng(0)
    inputs = {
        port.name: random.random(port.shape, np.float32)
        for port in session.get_inputs()
    }
    names = [port.name for port in session.get_outputs()]
    actual = session.run(names, inputs)
    expected = run_reference(module, inputs, names)
    failed = False
    for name, a, e in zip(names, actual, expected):
        error = float(np.abs(a - e).max() / np.abs(e).max())
        is_right = a.shape == e.shape and error <= float(tolerance)
        failed = failed or not is_right
        print(f"{name}: {'equal' if is_right else 'DIFFERENT'} ({error:.2g})")
    sys.exit(failed)


if __name__ == "__main__":
    main()
