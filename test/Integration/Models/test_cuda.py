# SPDX-License-Identifier: Apache-2.0
"""Whole networks as CUDA text: the library of the host shim gives the bytes of
the CPU artefact, on any number of threads and in any order of blocks; a
detector's boxes are the interpreter's.
"""
import shutil

import numpy as np
import pytest

from test_models import INPUTS, model_path, outputs, random_input, tool

# Model, options of quantize-shift, whether activations become fixed point.
CASES = {
    "mnist": ("mnist", "-10:5", False),
    "fastestdet": ("fastestdet", "-10:5", False),
    "yunet-16": ("yunet", "-10:5", True),
    "fcos-8": ("fcos", "range=-10:5 window=7 activation-bits=8", True),
}


@pytest.mark.parametrize("case", CASES)
def test_host_library_equals_cpu_artefact(case, tmp_path):
    name, quantization, is_fixed = CASES[case]
    images = tmp_path / "calibration"
    images.mkdir()
    random_input(name, images, seed=1)
    flags = [f"--calibrate={images}"] if is_fixed else []
    tool("shift-compile", model_path(name),
         f"--quantize-shift={quantization}", *flags, "--emit=mlir", "-o",
         tmp_path / "m.mlir")
    run = ["--input", random_input(name, tmp_path)]
    if name == "fcos":
        run = ["--image", INPUTS / "bccd/BloodImage_00011.jpg"]
    results = []
    for kind, environments in {
        "so": [{}],
        "cuda-host-so": [
            {"OMP_NUM_THREADS": "1"},
            {"OMP_NUM_THREADS": "3", "SHIFT_SHIM_SEED": "7"},
        ],
    }.items():
        library = tmp_path / f"{kind}.so"
        # A library has the CPU's outputs unless boxes are asked for.
        decode = ["--cuda-decode"] if name == "fcos" and kind != "so" else []
        tool("shift-compile", tmp_path / "m.mlir", f"--emit={kind}", *decode,
             "-o", library)
        for environment in environments:
            folder = tmp_path / "out"
            tool("shift-run", library, *run, f"--output-dir={folder}",
                 env=environment)
            results.append(outputs(folder))
            shutil.rmtree(folder)
    heads, one, other = results
    assert heads and one == other
    if name == "fcos":
        heads = decoded(tmp_path, run)
    assert one == heads


def decoded(folder, run):
    """The interpreter's outputs of a detector, boxes among them."""
    tool("shift-opt", folder / "m.mlir", "--append-decode", "-o",
         folder / "decoded.mlir")
    tool("shift-run", folder / "decoded.mlir", "--engine=reference", *run,
         f"--output-dir={folder}/decoded")
    assert np.load(folder / "decoded/detection_count.npy")[0] > 3
    return outputs(folder / "decoded")


def test_library_for_gpus_needs_nvcc_and_a_device(tmp_path):
    flags = ["--quantize-shift=-10:5", "--emit=cuda-so", "-o",
             tmp_path / "m.so"]
    model = INPUTS / "fcos-bccd.onnx"
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("g++", "as"):
        (programs / name).symlink_to(shutil.which(name))
    result = tool("shift-compile", model, *flags, check=False,
                  env={"PATH": str(programs)})
    assert result.returncode == 1
    assert "cannot find nvcc; install" in result.stderr
    assert "PyPI's nvidia-cuda-nvcc" in result.stderr
    assert not (tmp_path / "m.so").exists()
