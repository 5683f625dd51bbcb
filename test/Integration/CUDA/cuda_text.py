# SPDX-License-Identifier: Apache-2.0
"""CUDA programs as libraries of the host shim, through their C ABI."""
import ctypes
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[3]
BUILD = ROOT / "build"
SHIM = ROOT / "lib/Target/CUDA/HostShim/include"
# Read when the first program is loaded; the kernels here are small.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def translate(folder, source, *flags):
    """Writes m.cu and m.weights.bin to `folder`."""
    subprocess.run([str(BUILD / "bin/shift-translate"), "--mlir-to-cuda",
                    str(source), "-o", str(folder / "m.cu"), *flags],
                   check=True)


def load(folder, *flags, name="m"):
    """m.cu of `folder`, compiled with `flags`, as the library NAME.so."""
    subprocess.run(
        ["clang++-22", "-x", "c++", "-std=c++17", "-fPIC", "-O1",
         "-ffp-contract=off", "-fno-strict-aliasing", "-Wno-pass-failed",
         *flags, "-I", str(SHIM), "-c", "m.cu", "-o", f"{name}.o"],
        cwd=folder, check=True)
    subprocess.run(
        ["clang++-22", "-shared", "-Wl,-Bsymbolic", f"{name}.o",
         str(BUILD / "lib/libShiftCudaHostShim.a"), "-l:libboost_context.a",
         "-l:libomp.so.5", "-lpthread", "-ldl", "-o", f"{name}.so"],
        cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / f"{name}.so"))
    for function in ("create", "create_from_file", "run", "run_host", "fault"):
        getattr(library, "shift_cuda_" + function).restype = ctypes.c_char_p
    library.shift_cuda_workspace_bytes.restype = ctypes.c_size_t
    library.shift_cuda_destroy.restype = None
    return library


def create(library, path):
    """A model, or the error's text."""
    model = ctypes.c_void_p()
    error = library.shift_cuda_create_from_file(str(path).encode(),
                                                ctypes.byref(model))
    return error.decode() if error else model


def run_host(library, model, inputs, outputs):
    """Runs on ctypes arrays."""
    def pointers(arrays):
        return (ctypes.c_void_p * len(arrays))(
            *[ctypes.addressof(array) for array in arrays])
    error = library.shift_cuda_run_host(model, pointers(inputs),
                                        pointers(outputs))
    assert error is None, error
