# SPDX-License-Identifier: Apache-2.0
"""Every case of ONNX's node tests passes or has a written reason.

The reference interpreter runs them, many in one process (shift-node-tests).
"""

from __future__ import annotations

import collections
import subprocess
import sys
from pathlib import Path
from typing import Callable

import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).parent))

import node_cases  # noqa: E402
import unsupported  # noqa: E402
from node_cases import Case  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
DRIVER = ROOT / "build/test/unit/shift-node-tests"
CASES = 1765


def write_case(case: Case, folder: Path) -> str:
    """Writes a case's files; returns its line of the driver's list."""
    folder.mkdir()
    model = folder / "model.onnx"
    onnx.save(case.model, model)
    fields = [str(model), str(folder)]
    for i, (name, array) in enumerate(case.inputs.items()):
        path = folder / f"input_{i}.npy"
        np.save(path, np.ascontiguousarray(array).reshape(array.shape))
        # An empty dimension looks like one that is not fixed.
        given = f"{name}=" if 0 in array.shape else ""
        fields.append(f"{given}{path}")
    return "\t".join(fields)


def run_driver(lines: list[str], folder: Path) -> list[int]:
    """Runs all cases; returns the numbers of those that ended the process."""
    crashed: list[int] = []
    first = 0
    listing = folder / "list.txt"
    while first < len(lines):
        listing.write_text("".join(line + "\n" for line in lines[first:]))
        done = subprocess.run(
            [DRIVER, listing],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode == 0:
            break
        started = done.stdout.split()
        assert started, "shift-node-tests did not start"
        first += int(started[-1])
        crashed.append(first)
        first += 1
    return crashed


def outcome(case: Case, folder: Path) -> str | None:
    """What is wrong with a case that the driver ran, or None."""
    error = folder / "error.txt"
    if error.exists():
        return error.read_text().strip()
    count = len(list(folder.glob("output_*.npy")))
    if count != len(case.outputs):
        return f"expected {len(case.outputs)} outputs, got {count}"
    for i, expected in enumerate(case.outputs):
        actual = np.load(folder / f"output_{i}.npy")
        problem = node_cases.difference(actual, expected)
        if problem:
            return f"output {i}: {problem}"
    return None


def judge(case: Case, problem: str | None, crashed: bool) -> str | None:
    """What the table of reasons gets wrong about a case, or None."""
    if crashed:
        return "ended the process"
    if case.reason is None:
        return problem
    if problem is None:
        return f"passes, but has the reason: {case.reason}"
    others = node_cases.other_ops(case.model)
    named = [op for op in others if f"({op}," in problem]
    if case.reason.startswith("op ") and others and not named:
        # Models of other opsets and domains are refused before their nodes.
        if "opset" not in problem:
            return f"expected an error that names {others}, got: {problem}"
    return None


def test_every_case_passes_or_has_a_reason(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert DRIVER.exists(), f"build {DRIVER} first"
    folders = sorted(node_cases.node_test_root().iterdir())
    cases = [node_cases.load_case(folder) for folder in folders]
    assert len(cases) == CASES
    lines = [write_case(case, tmp_path / case.name) for case in cases]
    crashed = set(run_driver(lines, tmp_path))
    failures = []
    reasons: collections.Counter[str | None] = collections.Counter()
    for i, case in enumerate(cases):
        problem = outcome(case, tmp_path / case.name)
        complaint = judge(case, problem, i in crashed)
        if complaint:
            failures.append(f"{case.name}: {complaint}")
        else:
            reasons[case.reason] += 1
    passed = reasons.pop(None, 0)
    record_property(
        "totals",
        f"ONNX node tests: {passed} of {CASES} pass, {sum(reasons.values())} "
        f"have one of {len(reasons)} written reasons, {len(failures)} fail",
    )
    assert not failures, "\n".join(failures)


def test_reasons_name_cases_that_exist() -> None:
    names = {
        folder.name.removeprefix("test_")
        for folder in node_cases.node_test_root().iterdir()
    }
    assert set(unsupported.UNSUPPORTED_CASES) <= names


def test_difference_is_strict_about_types_and_integers() -> None:
    ones = np.ones(3, np.float32)
    assert node_cases.difference(ones, ones) is None
    assert node_cases.difference(ones, ones * 1.01)
    assert node_cases.difference(ones, ones.astype(np.float64))
    assert node_cases.difference(ones, ones.reshape(3, 1))
    integers = np.arange(3)
    assert node_cases.difference(integers, integers + [0, 0, 1])
    nans = np.full(3, np.nan, np.float32)
    assert node_cases.difference(nans, nans) is None
    assert node_cases.difference(nans, ones)
