# SPDX-License-Identifier: Apache-2.0
"""compile-all.py NVCC WORK FILE.mlir...: prints each module as CUDA C++ and
compiles the kernels of all of them for several architectures, warnings being
errors. One run of nvcc takes all texts, each in a namespace of its own, and a
program (a module with @main) once more alone, host code included."""
import pathlib
import re
import subprocess
import sys

ARCHITECTURES = ["75", "80", "86", "89", "90", "100", "120"]
FLAGS = ["-std=c++17", "-Werror", "all-warnings", "-Xcompiler",
         "-Wall,-Wextra,-Werror,-Wno-unknown-pragmas"]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def main():
    nvcc, work = sys.argv[1], pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    text = "".join(f"#include <{name}>\n" for name in [
        "cuda_runtime.h", "cuda_pipeline_primitives.h", "mma.h", "cerrno",
        "cstdarg", "cstdint", "cstdio", "cstdlib", "cstring", "new"])
    for number, path in enumerate(map(pathlib.Path, sys.argv[3:])):
        source = work / (path.stem + ".cu")
        run(["shift-translate", "--mlir-to-cuda", str(path), "-o", str(source)])
        printed = source.read_text()
        if "shift_cuda_run(" in printed:
            run([nvcc, *FLAGS, "-arch=sm_80", "-c", "-o", str(work / "host.o"),
                 str(source)])
            printed = printed.split("//===")[0]
        # Functions extern "C" with the same name are one function.
        printed = re.sub(r'(extern "C" __global__ void[^\n]*\n)(\w+)\(',
                         rf"\1n{number}_\2(", printed)
        text += f"namespace n{number} {{\n{printed}\n}}\n"
    everything = work / "all.cu"
    everything.write_text(text)
    codes = [flag for arch in ARCHITECTURES
             for flag in ("-gencode", f"arch=compute_{arch},code=sm_{arch}")]
    run([nvcc, *FLAGS, *codes, "-fatbin", "-o", str(work / "all.fatbin"),
         str(everything)])
    print("compiled", len(sys.argv) - 3, "modules for sm_" +
          ", sm_".join(ARCHITECTURES))


main()
