# SPDX-License-Identifier: Apache-2.0
"""ONNX's node tests, imported and exported again, run elsewhere.

The importer and the exporter are each other's inverse up to the opset: what
ONNX Runtime computes of the exported model is what the case expects.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.checker
import onnxruntime as ort
import pytest
from onnx.reference import ReferenceEvaluator

ROOT = Path(__file__).resolve().parents[3]
TRANSLATE = ROOT / "build/bin/shift-translate"
sys.path.insert(0, str(ROOT / "test/Integration/ONNXNodeTests"))

import node_cases  # noqa: E402
from node_cases import Case  # noqa: E402


def run_exported(path: Path, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The model's outputs; ONNX's own evaluator has what the runtime lacks."""
    try:
        session = ort.InferenceSession(path)
    except ort.capi.onnxruntime_pybind11_state.NotImplemented:
        evaluator = ReferenceEvaluator(str(path))
        names = evaluator.input_names
        return evaluator.run(None, {name: inputs[name] for name in names})
    names = [port.name for port in session.get_inputs()]
    return session.run(None, {name: inputs[name] for name in names})


def problem_of(case: Case, folder: Path) -> str | None:
    """What is wrong with the exported model of a case, or None."""
    original = folder / "original.onnx"
    module = folder / "module.mlirbc"
    exported = folder / "exported.onnx"
    onnx.save(case.model, original)
    for flag, source, target in (
        ("--import-onnx", original, module),
        ("--export-onnx", module, exported),
    ):
        done = subprocess.run(
            [TRANSLATE, flag, source, "-o", target],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            return done.stderr.strip()
    onnx.checker.check_model(exported, full_check=True)
    outputs = run_exported(exported, case.inputs)
    for actual, expected in zip(outputs, case.outputs, strict=True):
        problem = node_cases.difference(np.asarray(actual), expected)
        if problem:
            return problem
    return None


@pytest.mark.skipif(not TRANSLATE.exists(), reason="shift-translate not built")
def test_exported_node_tests_compute_the_same(
    tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    folders = sorted(node_cases.node_test_root().iterdir())
    cases = [node_cases.load_case(folder) for folder in folders]
    supported = [case for case in cases if case.reason is None]
    failures = {}
    for case in supported:
        problem = problem_of(case, tmp_path)
        if problem:
            failures[case.name] = problem
    passed = len(supported) - len(failures)
    record_property(
        "totals", f"Exported node tests: {passed} of {len(supported)} pass"
    )
    assert len(supported) > 400
    assert not failures, failures
