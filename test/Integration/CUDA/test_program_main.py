# SPDX-License-Identifier: Apache-2.0
"""The main that --cuda-main adds, run by the host shim."""
import re
import subprocess

import numpy as np
import pytest

import cuda_text

LIT = cuda_text.ROOT / "test/Target/CUDA"
X = np.arange(-8, 8, dtype=np.int8)
Y = np.maximum(X * np.array([1, -2, 3, 4] * 4, np.int32) + 6, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the program m, its weights and what it is given."""
    folder = tmp_path_factory.mktemp("program")
    cuda_text.translate(folder, LIT / "emit-host-program.mlir", "--cuda-main")
    cuda_text.build(folder, [], ["-o", "m"])
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", Y.astype(np.int32))
    X.tofile(folder / "x.raw")
    wrong = Y.astype(np.int32)
    wrong[[0, 15]] += 1
    np.save(folder / "wrong.npy", wrong)
    np.save(folder / "long.npy", np.zeros(17, np.int8))
    weights = (folder / "m.weights.bin").read_bytes()
    (folder / "cut.bin").write_bytes(weights[:-1])
    return folder


def run(folder, *args):
    return subprocess.run(["./m", *args], cwd=folder, capture_output=True,
                          text=True)


@pytest.mark.parametrize("x", ["x.npy", "x.raw"])
def test_compares_and_measures(folder, x):
    result = run(folder, "m.weights.bin", x, "y.npy")
    assert result.returncode == 0 and not result.stderr
    assert re.fullmatch(
        r"output 0: 0 of 64 bytes differ from 'y\.npy'\n"
        r"time: min \d+\.\d{4} ms, median \d+\.\d{4} ms, p95 \d+\.\d{4} ms of "
        r"100 runs\n", result.stdout)


def test_measures_without_expectations(folder):
    result = run(folder, "m.weights.bin", "x.npy")
    assert result.returncode == 0
    assert result.stdout.startswith("time: min")


def test_counts_bytes_that_differ(folder):
    result = run(folder, "m.weights.bin", "x.npy", "wrong.npy")
    assert result.returncode == 1
    assert "output 0: 2 of 64 bytes differ from 'wrong.npy'\n" in result.stdout


@pytest.mark.parametrize("args, message", [
    (["m.weights.bin", "none.npy"],
     "cannot open 'none.npy': No such file or directory"),
    (["none.bin", "x.npy"],
     "cannot open 'none.bin': No such file or directory"),
    (["m.weights.bin", "long.npy"],
     "'long.npy': expected 16 bytes of elements, got 17"),
    (["m.weights.bin", "x.npy", "x.npy"],
     "'x.npy': expected 64 bytes of elements, got 16"),
    (["cut.bin", "x.npy"],
     "weights: expected 68 bytes of payload, got 67"),
])
def test_refuses(folder, args, message):
    result = run(folder, *args)
    assert result.returncode == 1
    assert result.stderr == f"error: {message}\n"


def test_says_how_it_is_used(folder):
    result = run(folder, "m.weights.bin")
    assert result.returncode == 2
    assert result.stderr.startswith(
        "usage: ./m WEIGHTS 1 inputs [1 expected outputs]\n")
