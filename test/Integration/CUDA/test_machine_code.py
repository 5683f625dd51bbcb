# SPDX-License-Identifier: Apache-2.0
"""What nvcc makes of kernels: which instructions multiply, and the tool that
says so."""
import json
import os
import re
import subprocess
import sys

import pytest
from shift_frontend.cuda_report.toolchain import (ToolError, find_nvcc,
                                                  find_nvdisasm)

import cuda_text

INPUTS = cuda_text.ROOT / "test/Integration/CUDA/Inputs"


def find_missing():
    try:
        find_nvcc(), find_nvdisasm()
    except ToolError as error:
        return str(error)
    return ""


needs_nvcc = pytest.mark.skipif(bool(find_missing()),
                                reason=f"NOT RUN: {find_missing()}")


def report(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "shift_frontend.cuda_report",
         *map(str, arguments)], capture_output=True, text=True,
        env={**os.environ, **environment})


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A program with a layer of each strategy."""
    path = tmp_path_factory.mktemp("text") / "m.cu"
    subprocess.run(
        [str(cuda_text.BUILD / "bin/shift-compile"),
         str(INPUTS / "strategies.mlir"), "--emit=cuda", "--cuda-arch=sm_80",
         "--strategy=mma=mma,dp4a=dp4a,shift=shift", "-o", str(path)],
        check=True)
    return path


@pytest.fixture(scope="module")
def facts(text):
    """The report of the program, as JSON, by strategy."""
    folder = text.parent
    done = report(text, "--arch=sm_80", "-o", folder / "m.md",
                  f"--json={folder / 'm.json'}", f"--plot={folder / 'm.png'}")
    assert done.returncode == 0, done.stderr
    kernels = json.loads((folder / "m.json").read_text())["kernels"]["sm_80"]
    return {kernel["strategy"]: kernel for kernel in kernels.values()
            if "instructions" in kernel}


@needs_nvcc
def test_shift_multiplies_no_data(facts):
    kernel = facts["shift"]
    assert kernel["multiplications_of_data"] == []
    assert not {"tensor", "dot", "multiply", "float"} & set(
        kernel["instructions"])


@needs_nvcc
def test_planted_multiplication_of_data_is_found(tmp_path):
    source = INPUTS / "shift-loop.cu"
    done = report(source, "--arch=sm_80", f"--json={tmp_path / 'm.json'}")
    assert done.returncode == 0, done.stderr
    kernels = json.loads((tmp_path / "m.json").read_text())["kernels"]["sm_80"]
    assert kernels["sum_0_shift"]["multiplications_of_data"] == []
    assert re.match(r"IMAD R\d+, R\d+, R\d+, R\d+",
                    kernels["sum_1_shift"]["multiplications_of_data"][0])


@needs_nvcc
@pytest.mark.parametrize("strategy, kind, macs", [
    ("mma", "tensor", 64), ("dp4a", "dot", 4)])
def test_products_of_bytes_are_one_instruction(facts, strategy, kind, macs):
    kernel = facts[strategy]
    assert kernel["instructions"][kind] * macs == kernel["macs_per_iteration"]


@needs_nvcc
@pytest.mark.parametrize("strategy", ["mma", "dp4a", "shift"])
def test_loop_does_the_products_of_a_tile(facts, strategy):
    kernel = facts[strategy]
    rows, columns, depth = kernel["tile"]
    assert (kernel["macs_per_iteration"] * kernel["threads"]
            == rows * columns * depth)
    assert kernel["ratio"] >= 1
    assert kernel["spilled_bytes"] == kernel["local_bytes"] == 0
    assert 0 < kernel["occupancy"] <= 1


@needs_nvcc
def test_report_has_tables_and_a_picture(facts, text):
    written = (text.parent / "m.md").read_text()
    assert "| sm_80 |" in written and "## Predicted, not measured" in written
    assert re.search(r"\| A100 \| [\d.]+ \|", written)
    assert (text.parent / "m.png").read_bytes().startswith(b"\x89PNG")


def test_errors_name_what_is_wrong(tmp_path):
    done = report(tmp_path / "missing.cu", "--arch=sm_33")
    assert done.returncode == 2
    assert "expected an architecture of sm_75" in done.stderr
    bare = {"PATH": "/nonexistent", "PYTHONNOUSERSITE": "1"}
    done = report(tmp_path / "missing.cu", **bare)
    assert done.returncode == 1
    assert re.match(r"error: cannot find 'nv\w+': expected it on PATH",
                    done.stderr)


@needs_nvcc
def test_errors_of_files_and_nvcc_are_said(tmp_path):
    done = report(tmp_path / "missing.cu")
    assert done.returncode == 1
    assert "missing.cu': No such file" in done.stderr
    broken = tmp_path / "m.cu"
    broken.write_text('extern "C" __global__ void k() { nonsense; }\n')
    done = report(broken, "--arch=sm_80")
    assert done.returncode == 1
    assert "error: sm_80: nvcc failed" in done.stderr
    assert "Traceback" not in done.stderr
