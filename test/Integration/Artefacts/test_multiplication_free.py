# SPDX-License-Identifier: Apache-2.0
"""The machine code of a shift-only artefact holds no multiplication.

The default FCOS, calibrated, is compiled with --strategy=shift for every
instruction set. Its convolution functions are disassembled: none may multiply,
multiply and add, or divide. Address arithmetic by lea and shifts is free.
"""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("SHIFT_BIN", ROOT / "build" / "bin"))
INPUTS = ROOT / "test" / "Inputs"
OBJDUMP = "llvm-objdump-22"
ISAS = ("baseline", "avx2", "avx512", "avx512vnni")

MULTIPLIES = re.compile(
    r"(v?p?i?mul\w*|mulx|v?pmadd\w*|v?pmadd52\w*|v?pdp\w*"
    r"|vfn?m(add|sub)\w*|i?div[blqw]?|v?div[ps][sdh])$"
)


def compile_default_detector(target, bits):
    """The default FCOS with activations of `bits` bits, strategy shift."""
    subprocess.run(
        [
            str(BIN / "shift-compile"),
            str(INPUTS / "fcos-bccd.onnx"),
            f"--detector={INPUTS / 'fcos-bccd.json'}",
            f"--quantize-shift=range=-10:5 activation-bits={bits}",
            f"--calibrate={INPUTS / 'bccd' / 'calibration'}",
            "--strategy=shift",
            "-o",
            str(target),
        ],
        check=True,
        capture_output=True,
    )


def functions(artefact):
    """Name and mnemonics of each function."""
    text = subprocess.run(
        [OBJDUMP, "-d", "--no-show-raw-insn", str(artefact)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for line in text.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            found[head[1]] = mnemonics = []
        elif code := re.match(r" *[0-9a-f]+:\s+(\S+)", line):
            mnemonics.append(code[1])
    return found


def test_pattern_knows_multiplications():
    """The pattern would find what must not be there, and nothing else."""
    for word in (
        "imulq mulq mulxq mulps vmulpd pmullw vpmulld vpmuludq pmaddwd "
        "vpmaddubsw vpdpbusd vpdpwssd vfmadd231ps vfnmsub132sd idivq divl "
        "vdivps"
    ).split():
        assert MULTIPLIES.match(word), word
    for word in "leaq shlq vpsllvd vpaddw addq vpsubd movq vpmovsxwd".split():
        assert not MULTIPLIES.match(word), word


@pytest.mark.parametrize("bits", [8, 16])
def test_shift_functions_hold_no_multiplication(bits, tmp_path):
    artefact = tmp_path / "shift.so"
    compile_default_detector(artefact, bits)
    code = functions(artefact)
    for isa in ISAS:
        kernels = {
            name: mnemonics
            for name, mnemonics in code.items()
            if re.match(rf"shift_conv2d.*__shift__{isa}$", name)
        }
        assert len(kernels) >= 10, isa
        for name, mnemonics in kernels.items():
            assert len(mnemonics) > 50, f"{name} is cut short"
            found = sorted({m for m in mnemonics if MULTIPLIES.match(m)})
            assert not found, f"{name} holds {found}"
    others = [n for n in code if re.match(r"shift_conv2d.*__dot\d+__", n)]
    assert others == []
