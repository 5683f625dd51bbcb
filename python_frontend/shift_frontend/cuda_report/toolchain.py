# SPDX-License-Identifier: Apache-2.0
"""nvcc and nvdisasm: machine code of a text, and what ptxas says of it."""
import pathlib
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

#: Where NVIDIA's packages of PyPI put programs, in site-packages.
PYPI_BIN = "nvidia/cu*/bin"


class ToolError(Exception):
    """A program that is missing or that failed."""


@dataclass
class Resources:
    """Of one kernel, in bytes but for the registers."""
    registers: int = 0
    shared: int = 0
    stack: int = 0
    spills: int = 0


def find_tool(name, package):
    """The path of a program of the toolkit, on PATH or from PyPI."""
    if path := shutil.which(name):
        return path
    for folder in map(pathlib.Path, sys.path):
        for path in sorted(folder.glob(f"{PYPI_BIN}/{name}")):
            return str(path)
    raise ToolError(f"cannot find '{name}': expected it on PATH (CUDA toolkit) "
                    f"or from `pip install {package}`")


def find_nvcc():
    return find_tool("nvcc", "nvidia-cuda-nvcc")


def find_nvdisasm():
    return find_tool("nvdisasm", "nvidia-cuda-nvdisasm")


def _run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        # The first complaint says most.
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ToolError(f"{pathlib.Path(command[0]).name} failed: "
                        f"{lines[0] if lines else 'no message'}")
    return done


def read_resources(log):
    """{kernel: its Resources} of what `ptxas -v` prints."""
    result, name = {}, None
    for line in log.splitlines():
        if found := re.search(r"Compiling entry function '(\w+)'", line):
            name = found.group(1)
            result[name] = Resources()
        if name is None:
            continue
        if found := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill "
                              r"stores, (\d+) bytes spill loads", line):
            result[name].stack = int(found.group(1))
            result[name].spills = int(found.group(2)) + int(found.group(3))
        if found := re.search(r"Used (\d+) registers", line):
            result[name].registers = int(found.group(1))
        if found := re.search(r"(\d+) bytes smem", line):
            result[name].shared = int(found.group(1))
    return result


def compile_text(source, arch, folder):
    """Compiles a .cu file for `arch`: resources, and nvdisasm's listing."""
    cubin = pathlib.Path(folder) / f"{arch}.cubin"
    done = _run([find_nvcc(), "-O3", "-std=c++17", f"-arch={arch}", "-cubin",
                 "-Xptxas", "-v", "-o", str(cubin), str(source)])
    listing = _run([find_nvdisasm(), "-c", str(cubin)]).stdout
    return read_resources(done.stderr), listing
