# SPDX-License-Identifier: Apache-2.0
"""Whole models through the tools: both engines, exports, the demo's detector.

SHIFT_DATA names the folder with the public models; the default is where it
lies beside a checkout. Tests of absent models are skipped with that reason.
"""
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("SHIFT_BIN", ROOT / "build" / "bin"))
DATA = Path(os.environ.get("SHIFT_DATA", ROOT.parent / "shared" / "data"))
INPUTS = ROOT / "test" / "Inputs"

MODELS = {
    "mnist": DATA / "mnist_onnx" / "mnist-8.onnx",
    "resnet20": DATA / "resnet20_cifar10" / "resnet20_cifar10.onnx",
    "fastestdet": DATA / "fastestdet" / "FastestDet.onnx",
    "yunet": DATA / "yunet" / "yunet_n_320_320.onnx",
    "fcos": INPUTS / "fcos-bccd.onnx",
}
INPUT_NAMES = {
    "mnist": ("Input3", (1, 1, 28, 28)),
    "resnet20": ("image", (1, 3, 32, 32)),
    "fastestdet": ("input.1", (1, 3, 352, 352)),
    "yunet": ("input", (1, 3, 320, 320)),
    "fcos": ("image", (1, 3, 240, 320)),
}


def tool(name, *arguments, check=True, env=None):
    result = subprocess.run(
        [str(BIN / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
    )
    if check and result.returncode:
        raise AssertionError(f"{name}: {result.stderr}")
    return result


def model_path(name):
    path = MODELS[name]
    if not path.exists():
        pytest.skip(f"{path.name} is not at {path.parent}; set SHIFT_DATA")
    return path


def random_input(name, folder, seed=0):
    """A smooth random image in the model's range, as a .npy file."""
    shape = INPUT_NAMES[name][1]
    values = np.random.default_rng(seed).normal(size=shape).cumsum(axis=-1)
    values = (values - values.min()) / np.ptp(values)
    if name in ("mnist", "yunet"):
        values *= 255
    path = folder / f"x{seed}.npy"
    np.save(path, values.astype(np.float32))
    return path


def outputs(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.npy"))}


def assert_close_to_onnxruntime(model, name, x, folder, tolerance):
    """Our outputs in `folder` against onnxruntime's on input file `x`."""
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(model))
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, {INPUT_NAMES[name][0]: np.load(x)})
    for output, value in zip(names, values):
        ours = np.load(folder / f"{output}.npy")
        scale = max(1.0, float(np.abs(value).max()))
        assert np.abs(ours - value).max() < tolerance * scale, output


@pytest.fixture(scope="module", params=sorted(MODELS))
def calibrated(request, tmp_path_factory):
    """Name, calibrated module and input of each model."""
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    images = folder / "calibration"
    images.mkdir()
    for seed in (1, 2):
        random_input(name, images, seed)
    module = folder / "model.mlirbc"
    tool(
        "shift-compile",
        model_path(name),
        "--quantize-shift=-10:5",
        f"--calibrate={images}",
        "--emit=mlir",
        "-o",
        module,
    )
    return name, module, random_input(name, folder)


def test_engines_agree_on_fixed_point(calibrated, tmp_path):
    """Interpreter and generated code give the same bytes."""
    name, module, x = calibrated
    artefact = tmp_path / "model.so"
    tool("shift-compile", module, "-o", artefact)
    tool(
        "shift-run", module, "--input", x, "--engine=reference",
        f"--output-dir={tmp_path}/reference",
    )
    expected = outputs(tmp_path / "reference")
    assert expected
    for threads in (1, 2, 3, 7):
        folder = tmp_path / f"threads{threads}"
        tool(
            "shift-run", artefact, "--input", x, f"--threads={threads}",
            f"--output-dir={folder}",
        )
        assert outputs(folder) == expected, f"{threads} threads"
    folder = tmp_path / "baseline"
    tool(
        "shift-run", artefact, "--input", x, f"--output-dir={folder}",
        env={"SHIFT_CPU": "baseline"},
    )
    assert outputs(folder) == expected, "baseline code"


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("options", ["", "range=-10:5 terms=2"])
def test_engines_agree_on_float(name, options, tmp_path):
    """The same for float32 activations, plain and with two terms."""
    path = model_path(name)
    module = tmp_path / "model.mlir"
    flags = [f"--quantize-shift={options}"] if options else []
    tool("shift-compile", path, *flags, "--emit=mlir", "-o", module)
    x = random_input(name, tmp_path)
    for engine in ("reference", "compiled"):
        tool(
            "shift-run", module, "--input", x, f"--engine={engine}",
            f"--output-dir={tmp_path}/{engine}",
        )
    expected = outputs(tmp_path / "reference")
    assert expected and outputs(tmp_path / "compiled") == expected


@pytest.mark.parametrize("name", sorted(MODELS))
def test_float_is_close_to_onnxruntime(name, tmp_path):
    path = model_path(name)
    x = random_input(name, tmp_path)
    tool("shift-run", path, "--input", x, f"--output-dir={tmp_path}/out")
    assert_close_to_onnxruntime(path, name, x, tmp_path / "out", 1e-4)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_exported_onnx_has_powers_of_two_and_our_results(name, tmp_path):
    """onnxruntime runs the export; weights are exact, results allclose."""
    onnx = pytest.importorskip("onnx")
    module, exported = tmp_path / "q.mlir", tmp_path / "q.onnx"
    tool(
        "shift-compile", model_path(name), "--quantize-shift=-10:5",
        "--emit=mlir", "-o", module,
    )
    tool("shift-translate", "--export-onnx", module, "-o", exported)
    model = onnx.load(str(exported))
    weights = {
        i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer
    }
    checked = 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            magnitudes = np.abs(weights[node.input[1]])
            mantissa, exponent = np.frexp(magnitudes[magnitudes > 0])
            assert (mantissa == 0.5).all(), node.name
            assert ((exponent - 1 >= -10) & (exponent - 1 <= 5)).all()
            checked += 1
    assert checked > 0
    x = random_input(name, tmp_path)
    tool("shift-run", module, "--input", x, f"--output-dir={tmp_path}/out")
    assert_close_to_onnxruntime(exported, name, x, tmp_path / "out", 1e-3)


def test_detector_finds_cells(tmp_path):
    """The default FCOS, float, on its images: boxes as JSON and a picture."""
    images = sorted((INPUTS / "bccd").glob("*.jpg"))
    tool(
        "shift-run", MODELS["fcos"],
        f"--detector={INPUTS / 'fcos-bccd.json'}", "--image", *images,
        f"--json={tmp_path}/out.json", f"--draw={tmp_path}/out.png",
    )
    found = json.loads((tmp_path / "out.json").read_text())["images"]
    assert [image["file"] for image in found] == [p.name for p in images]
    for image in found:
        best = [d for d in image["detections"] if d["score"] > 0.4]
        assert len(best) >= 5
        assert {d["label"] for d in best} <= {"RBC", "WBC", "Platelets"}
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_wrong_inputs_are_named(tmp_path):
    path = MODELS["fcos"]
    np.save(tmp_path / "x.npy", np.zeros((1, 3, 8, 8), np.float32))
    cases = [
        (["--input", tmp_path / "x.npy"], "x.npy"),
        (["--input", tmp_path / "absent.npy"], "absent.npy"),
        (["--input", f"nobody={tmp_path / 'x.npy'}"], "nobody"),
        (["--image", tmp_path / "absent.jpg"], "absent.jpg"),
        ([], "--image"),
    ]
    for arguments, word in cases:
        result = tool("shift-run", path, *arguments, check=False)
        # Wrong usage is told from a failure.
        assert result.returncode == (1 if arguments else 2)
        assert word in result.stderr and "error:" in result.stderr


def test_failed_compilation_leaves_no_file(tmp_path):
    path = MODELS["fcos"]
    target = tmp_path / "out.so"
    for code, flags in (
        (2, ["--quantize-shift=5:-10"]),
        (2, ["--quantize-shift=-200:5"]),
        (2, ["--quantize-shift=rounding=up"]),
        (1, ["--quantize-shift=-10:5", f"--calibrate={tmp_path / 'absent'}"]),
        (1, ["--quantize-shift=-10:5", f"--calibrate={tmp_path}"]),
    ):
        result = tool("shift-compile", path, *flags, "-o", target, check=False)
        assert result.returncode == code and result.stderr.strip(), flags
        assert list(tmp_path.iterdir()) == [], flags
    result = tool("shift-compile", path, "-o", "/nowhere/x.so", check=False)
    assert result.returncode == 1 and "/nowhere/x.so" in result.stderr
