# SPDX-License-Identifier: Apache-2.0
"""Writes lib/Target/CUDA/KernelTables.md: the report of the demo's FCOS, with
the strategies that are chosen and with `shift` alone. Takes some minutes."""
import pathlib
import subprocess
import sys
import tempfile

from .__main__ import main as report

ROOT = pathlib.Path(__file__).parents[3]
TABLES = ROOT / "lib/Target/CUDA/KernelTables.md"
QUANTIZATION = "range=-10:5 window=7 activation-bits=8"
#: Of each text its name, the oldest architecture that it is made for and other
#: options, architectures.
TEXTS = [
    ("fcos-bccd-sm_75", ["--cuda-arch=sm_75"], "sm_75"),
    ("fcos-bccd", ["--cuda-arch=sm_80"],
     "sm_80,sm_86,sm_89,sm_90,sm_100,sm_120"),
    ("fcos-bccd-shift", ["--cuda-arch=sm_80", "--strategy=shift"], "sm_80"),
]
HEAD = f"""# Registers, occupancy and instructions of the demo's FCOS

Written by `build/venv/bin/python -m shift_frontend.cuda_report.document`; `Instructions.md` says what the columns mean. The model is `test/Inputs/fcos-bccd.onnx` with `--quantize-shift="{QUANTIZATION}"`; its text is made for sm_75, for sm_80 and later, and for sm_80 with `shift` alone.
"""


def _compile(output, *options):
    subprocess.run([str(ROOT / "build/bin/shift-compile"), *map(str, options),
                    "-o", str(output)], check=True, stderr=subprocess.DEVNULL)


def main():
    parts = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        module = folder / "fcos.mlirbc"
        _compile(module, ROOT / "test/Inputs/fcos-bccd.onnx", "--emit=mlir",
                 f"--quantize-shift={QUANTIZATION}",
                 f"--calibrate={ROOT / 'test/Inputs/bccd'}")
        for name, options, archs in TEXTS:
            source, table = folder / f"{name}.cu", folder / f"{name}.md"
            _compile(source, module, "--emit=cuda", *options)
            if status := report([str(source), f"--arch={archs}",
                                 "--details=sm_80", "-o", str(table)]):
                return status
            parts.append(table.read_text())
    TABLES.write_text("\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
