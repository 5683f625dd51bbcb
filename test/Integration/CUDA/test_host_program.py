# SPDX-License-Identifier: Apache-2.0
"""The C ABI of a CUDA program, run by the host shim."""
import ctypes

import pytest

import cuda_text

LIT = cuda_text.ROOT / "test/Target/CUDA"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("program")
    cuda_text.translate(folder, LIT / "emit-host-program.mlir")
    return folder, cuda_text.load(folder)


def test_runs_setup_once_and_steps_in_place(program):
    folder, library = program
    model = cuda_text.create(library, folder / "m.weights.bin")
    x = (ctypes.c_int8 * 16)(*range(-8, 8))
    y = (ctypes.c_int32 * 16)()
    for _ in range(2):
        cuda_text.run_host(library, model, [x], [y])
        weights = [1, -2, 3, 4] * 4
        assert list(y) == [max(a * w + 6, 0) for a, w in zip(x, weights)]
    library.shift_cuda_destroy(model)


@pytest.mark.parametrize("streams", [1, 2, 4])
def test_streams_give_the_same(tmp_path, streams):
    cuda_text.translate(tmp_path, LIT / "emit-streams.mlir",
                        f"--cuda-streams={streams}")
    library = cuda_text.load(tmp_path)
    model = cuda_text.create(library, tmp_path / "m.weights.bin")
    x = (ctypes.c_int32 * 4096)(*range(4096))
    y = (ctypes.c_int32 * 4096)()
    cuda_text.run_host(library, model, [x], [y])
    assert list(y)[:64] == [2 * i for i in range(64)]
    library.shift_cuda_destroy(model)


def damage(data, kind):
    data = bytearray(data)
    if kind == "magic":
        data[0] ^= 1
    elif kind == "version":
        data[8] = 2
    elif kind == "payload":
        data[-1] ^= 1
    elif kind == "short":
        data = data[:-1]
    elif kind == "header":
        data = data[:63]
    return bytes(data)


@pytest.mark.parametrize("kind, message", [
    ("magic", "weights: expected a file that starts with SHIFTWTS"),
    ("version", "weights: expected version 1, got 2"),
    ("payload", "weights: expected the header's checksum, got another; the "
                "file is damaged"),
    ("short", "weights: expected 68 bytes of payload, got 67"),
    ("header", "weights: expected at least 64 bytes, got 63"),
])
def test_refuses_damaged_weights(program, tmp_path, kind, message):
    folder, library = program
    path = tmp_path / "bad.bin"
    path.write_bytes(damage((folder / "m.weights.bin").read_bytes(), kind))
    assert cuda_text.create(library, path) == message


def test_refuses_weights_of_another_program(program, tmp_path):
    _, library = program
    cuda_text.translate(tmp_path, LIT / "emit-streams.mlir")
    assert cuda_text.create(library, tmp_path / "m.weights.bin") == \
        "weights: expected this program's weights, got those of another one"


def test_names_a_missing_file(program, tmp_path):
    _, library = program
    message = cuda_text.create(library, tmp_path / "none")
    assert message == f"cannot open '{tmp_path / 'none'}': " \
        "No such file or directory"


def test_refuses_unaligned_memory(program):
    folder, library = program
    model = cuda_text.create(library, folder / "m.weights.bin")
    pointers = (ctypes.c_void_p * 1)(8)
    error = library.shift_cuda_run(model, None, pointers, pointers, None)
    assert error == b"input: expected device memory at a multiple of 16 " \
        b"bytes, got 0x8"
    library.shift_cuda_destroy(model)
