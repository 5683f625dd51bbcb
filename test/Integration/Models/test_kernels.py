# SPDX-License-Identifier: Apache-2.0
"""The compiled default FCOS seen from outside: which strategy each layer runs,
no multiplication in code of the strategy `shift`, the profile, interruption.
"""
import json
import re
import signal
import subprocess
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from test_models import BIN, INPUTS, MODELS, outputs, tool

OBJDUMP = Path("/usr/lib/llvm-22/bin/llvm-objdump")
IMAGE = INPUTS / "bccd" / "BloodImage_00011.jpg"
ISAS = ("baseline", "avx2", "avx512", "avx512vnni")
MULTIPLICATION = re.compile(
    r"^(i?mul|mulx|i?div|v?p?mul\w*|v?div\w*|v?pmadd\w*|vpdp\w*|vdp\w*|dpp[sd]"
    r"|vfn?m(add|sub)\w*|vp?mpsadbw|v?psadbw)$"
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """compiled(bits, strategy): the calibrated detector's artefact."""
    folder = tmp_path_factory.mktemp("compiled")

    @cache
    def module(bits, window):
        path = folder / f"{bits}-{window}.mlirbc"
        tool(
            "shift-compile", MODELS["fcos"],
            f"--quantize-shift=range=-10:5 window={window} "
            f"activation-bits={bits}",
            f"--detector={INPUTS / 'fcos-bccd.json'}",
            f"--calibrate={INPUTS / 'bccd' / 'calibration'}",
            "--emit=mlir", "-o", path,
        )
        return path

    @cache
    def artefact(bits, strategy):
        path = folder / f"{strategy}{bits}.so"
        # Weights of dot8 are at most 64 times the channel's smallest.
        window = 7 if strategy == "dot8" else 16
        tool("shift-compile", module(bits, window), f"--strategy={strategy}",
             "-o", path)
        return path

    return artefact


def functions(artefact):
    """Mnemonics by function name."""
    text = subprocess.run(
        [OBJDUMP, "-d", "--no-show-raw-insn", artefact],
        capture_output=True, text=True, check=True,
    ).stdout
    code, name = {}, None
    for line in text.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            name = head.group(1)
            code[name] = []
        elif name and (part := re.match(r"\s*[0-9a-f]+:\s+(\S.*)", line)):
            # A prefix such as lock or rep is a word of its own.
            code[name] += part.group(1).split()[:2]
    return code


def profile(artefact, *flags):
    """Rows (ms, share, GMAC/s, strategy, op, layer), their sum, whole runs."""
    text = tool(
        "shift-run", artefact, "--image", IMAGE, "--profile", *flags
    ).stdout
    rows = re.findall(
        r"^ *([\d.]+) +([\d.]+)% +([\d.]+)  (\S*) +(\S+) (.*)$", text, re.M
    )
    total = float(re.search(r"^ *([\d.]+)  total$", text, re.M).group(1))
    benchmark = re.search(r"^\{.*\}$", text, re.M)
    return rows, total, json.loads(benchmark.group()) if benchmark else None


@pytest.mark.parametrize(
    "name, finds",
    [("vpmullw", True), ("vpmulhrsw", True), ("imulq", True), ("mulxq", True),
     ("vpmaddubsw", True), ("vfmadd231ps", True), ("vfnmsub213ss", True),
     ("vpdpbusd", True), ("mulps", True), ("divsd", True), ("idivl", True),
     ("vpmovsxwd", False), ("vpaddw", False), ("vpminsw", False),
     ("shlq", False), ("leaq", False)],
)
def test_multiplications_are_told_by_their_names(name, finds):
    assert bool(MULTIPLICATION.match(re.sub("[qlwb]$", "", name))
                or MULTIPLICATION.match(name)) == finds


@pytest.mark.parametrize("bits", [8, 16])
def test_shift_functions_hold_no_multiplication(bits, compiled):
    code = functions(compiled(bits, "shift"))
    for isa in ISAS:
        names = [
            n for n in code
            if re.search(rf"shift_(conv2d|linear)\w*__shift__{isa}$", n)
        ]
        assert len(names) >= 5 and all(len(code[n]) > 20 for n in names)
    for name, words in code.items():
        if "__shift__" in name:
            bad = {w for w in words if MULTIPLICATION.match(w)
                   or MULTIPLICATION.match(re.sub("[qlwb]$", "", w))}
            assert not bad, name


def test_the_search_finds_multiplications(compiled):
    """In code of dot8 and dot16, in which they must be."""
    words = {
        w for n, code in functions(compiled(8, "dot8")).items()
        if "__dot" in n for w in code
    }
    assert any(MULTIPLICATION.match(w) for w in words)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("strategy", ["shift", "dot16", "dot8"])
def test_forced_strategies_run(bits, strategy, compiled):
    """No layer falls back, but of dot8, which takes 8-bit activations only."""
    rows, _, _ = profile(compiled(bits, strategy))
    ran = Counter(
        row[3] for row in rows if row[4] in ("shift.conv2d", "shift.linear")
    )
    assert sum(ran.values()) >= 20
    fallback = strategy == "dot8" and bits == 16
    assert set(ran) == {"dot16" if fallback else strategy}


def test_audit_names_what_multiplies(tmp_path):
    module = tmp_path / "q.mlirbc"
    tool(
        "shift-compile", MODELS["fcos"], "--quantize-shift=-10:5",
        f"--detector={INPUTS / 'fcos-bccd.json'}",
        f"--calibrate={INPUTS / 'bccd' / 'calibration'}", "--emit=mlir",
        "-o", module,
    )
    text = tool(
        "shift-opt", module, "--audit-multiplier-free", "-o", "/dev/null"
    ).stderr
    listed = re.findall(r": ([\w.]+) '(.*)' multiplies", text)
    assert int(re.search(r"(\d+) ops multiply", text).group(1)) == len(listed)
    ops = {op for op, _ in listed}
    assert any("group_norm" in op or "GroupNorm" in op for op in ops)
    assert all(name for op, name in listed if op.startswith("onnx."))
    # Layers of integers shift and add.
    assert not ops & {"shift.conv2d", "shift.linear"}


def test_profile_adds_up(compiled):
    """Shares to 100 %, times to the sum and that to the run within 5 %."""
    for _ in range(8):
        rows, total, run = profile(compiled(8, "shift"), "--benchmark=1", "--threads=1")
        assert abs(sum(float(row[0]) for row in rows) - total) < 0.01 * total
        assert abs(sum(float(row[1]) for row in rows) - 100) < 2.5
        assert all(row[3] and float(row[2]) > 0
                   for row in rows if row[4] == "shift.conv2d")
        # The profile is that of the last run, which is the one benchmarked.
        if total <= run["min_ms"] <= 1.05 * total:
            return
    pytest.fail(f"steps {total} ms, run {run['min_ms']} ms")


def test_interruption_leaves_nothing(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [BIN / "shift-compile", MODELS["fcos"], "--quantize-shift=-10:5", "-o",
         tmp_path / "m.so"],
        env={"TMPDIR": str(scratch), "PATH": "/usr/bin"},
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    assert list(tmp_path.rglob("*")) == [scratch]


@pytest.mark.parametrize(
    "bits, strategy",
    [(8, "auto"), (8, "shift"), (8, "dot8"), (16, "shift"), (16, "dot16")],
)
def test_threads_and_instruction_sets_agree(
    bits, strategy, compiled, tmp_path
):
    artefact = compiled(bits, strategy)
    # One that the machine lacks is refused with a message.
    supported = [
        isa for isa in ISAS
        if tool("shift-run", artefact, "--image", IMAGE, check=False,
                env={"SHIFT_CPU": isa}).returncode == 0
    ]
    assert "baseline" in supported
    results = []
    for isa in supported:
        for threads in (1, 2, 3, 7):
            folder = tmp_path / f"out{isa}{threads}"
            tool(
                "shift-run", artefact, "--image", IMAGE,
                f"--threads={threads}", f"--output-dir={folder}",
                env={"SHIFT_CPU": isa},
            )
            results.append(outputs(folder))
    assert results[0] and all(r == results[0] for r in results)
