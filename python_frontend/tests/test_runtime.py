# SPDX-License-Identifier: Apache-2.0
"""The binding of the C API, on the model written by hand for the C++ tests."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import numpy as np
import pytest

from shift_frontend import runtime

MODELS = runtime.library_path().parents[1] / "test" / "unit" / "models"

pytestmark = pytest.mark.skipif(
    not (runtime.library_path().exists() and MODELS.exists()),
    reason="libShiftRuntime.so or the test models are not built",
)

WEIGHTS = np.resize(np.float32([-2, 0, 0.5, 4]), 100)


def make_inputs() -> Dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    return {
        name: generator.standard_normal((2, 50), dtype=np.float32)
        for name in ("b", "a")
    }


def expected_y(inputs: Dict[str, np.ndarray]) -> np.ndarray:
    total = (inputs["a"] + inputs["b"]).ravel()
    return (total * WEIGHTS + np.float32(0.25)).reshape(2, 50)


@pytest.fixture()
def model() -> runtime.Model:
    return runtime.Model(MODELS / "affine.so", num_threads=2)


def test_model_describes_itself(model: runtime.Model) -> None:
    shape = (2, 50)
    assert model.inputs == [
        runtime.TensorInfo("a", np.dtype("float32"), shape),
        runtime.TensorInfo("b", np.dtype("float32"), shape),
    ]
    assert [info.name for info in model.outputs] == ["y", "z", "isa"]
    assert model.outputs[1].dtype == np.int32
    assert model.detector == {"kind": "fcos", "classes": ["cell"]}
    assert model.image_input is None
    assert model.isa in ("baseline", "avx2")
    assert model.steps[1] == runtime.StepInfo(
        "Affine_1", "shift.linear", "values", "shift_affine", 100, 4
    )


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_run_gives_the_right_bits(threads: int) -> None:
    model = runtime.Model(str(MODELS / "affine.so"), threads)
    inputs = make_inputs()
    for _ in range(3):
        outputs = model.run(inputs)
        np.testing.assert_array_equal(outputs["y"], expected_y(inputs))
        taps = (2 * WEIGHTS.reshape(4, 25)) @ np.arange(1, 26)
        np.testing.assert_array_equal(outputs["z"], taps - 1000)


def test_strided_input_is_copied(model: runtime.Model) -> None:
    inputs = make_inputs()
    contiguous = model.run(inputs)["y"]
    wide = np.zeros((50, 4), np.float32)
    wide[:, ::2] = inputs["a"].T
    inputs["a"] = wide[:, ::2].T
    assert not inputs["a"].flags.c_contiguous
    np.testing.assert_array_equal(model.run(inputs)["y"], contiguous)


def test_outputs_outlive_model() -> None:
    inputs = make_inputs()
    outputs = runtime.Model(MODELS / "affine.so").run(inputs)
    gc.collect()
    np.testing.assert_array_equal(outputs["y"], expected_y(inputs))


def test_wrong_inputs_are_named(model: runtime.Model) -> None:
    inputs = make_inputs()
    with pytest.raises(runtime.ShiftError) as raised:
        model.run({**inputs, "a": inputs["a"].T})
    assert raised.value.kind == "argument"
    assert str(raised.value) == (
        "input 'a': expected shape [2, 50], got [50, 2]"
    )
    with pytest.raises(runtime.ShiftError, match="type f32, got i64"):
        model.run({**inputs, "b": np.zeros((2, 50), np.int64)})
    with pytest.raises(runtime.ShiftError, match="'b'.*got float64"):
        model.run({**inputs, "b": np.zeros((2, 50))})
    with pytest.raises(runtime.ShiftError, match=r"\['a', 'b'\], got \['a'\]"):
        model.run({"a": inputs["a"]})


def test_observer_sees_values(model: runtime.Model) -> None:
    inputs = make_inputs()
    seen: List[runtime.Observation] = []
    model.run(inputs, observer=seen.append)
    assert [step.name for step in seen] == [step.name for step in model.steps]
    assert [step.value for step in seen] == [3, 4, -1, -1]
    total = (inputs["a"] + inputs["b"]).ravel()
    np.testing.assert_array_equal(seen[0].data, total)
    assert seen[2].data is None
    model.run(inputs)
    assert len(seen) == 4


def test_exception_of_observer_reaches_the_caller(
    model: runtime.Model,
) -> None:
    def fail(seen: runtime.Observation) -> None:
        raise KeyError(seen.name)

    with pytest.raises(KeyError, match="Add_0"):
        model.run(make_inputs(), observer=fail)


def test_profile_and_memory(model: runtime.Model) -> None:
    model.run(make_inputs())
    profile = model.profile()
    assert [step for step, _ in profile] == model.steps
    assert sum(time for _, time in profile) > 0
    assert model.memory_use()["arena"] == 448


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("missing", "file", "No such file"),
        ("foreign", "model", "without the symbol shift_plan"),
        ("future", "version", "expected plan version 2, got 3"),
        ("no-kernel", "model", "expected the kernel shift_lists__"),
    ],
)
def test_bad_files_raise(name: str, kind: str, text: str) -> None:
    with pytest.raises(runtime.ShiftError, match=text) as raised:
        runtime.Model(MODELS / f"{name}.so")
    assert raised.value.kind == kind
    assert f"{name}.so" in str(raised.value)


def test_cpu_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIFT_CPU", "baseline")
    assert runtime.Model(MODELS / "affine.so").isa == "baseline"
    monkeypatch.setenv("SHIFT_CPU", "mmx")
    with pytest.raises(runtime.ShiftError, match="got 'mmx'") as raised:
        runtime.Model(MODELS / "affine.so")
    assert raised.value.kind == "cpu"


def test_missing_library_is_an_error(tmp_path: Path) -> None:
    code = (
        "from shift_frontend import runtime\n"
        "try:\n"
        "    runtime.Model('m.so')\n"
        "except runtime.RuntimeLibraryError as error:\n"
        "    print(error)\n"
    )
    library = tmp_path / "none.so"
    result = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=Path(__file__).resolve().parents[1],
        env={"SHIFT_RUNTIME_LIBRARY": str(library)},
        text=True,
        capture_output=True,
        check=True,
    )
    assert f"cannot load the runtime '{library}'" in result.stdout
    assert "set SHIFT_RUNTIME_LIBRARY" in result.stdout
