# SPDX-License-Identifier: Apache-2.0
"""Proves CUDA text without a GPU, in full; tools/check-cuda runs it. Goes on
after a failure, prints totals, exits with 1 if anything failed."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[3]
sys.path += [str(ROOT / "test/Integration/Models")]

import numpy as np  # noqa: E402

import test_models as models  # noqa: E402

ARCHITECTURES = ["75", "80", "86", "89", "90", "100", "120"]
# Options of quantize-shift, whether activations become fixed point.
FORMATS = {
    "float": ("-10:5", False),
    "16 bits": ("range=-10:5 activation-bits=16", True),
    "8 bits": ("range=-10:5 window=7 activation-bits=8", True),
}
FULL_SIZE = (800, 1216)
WARNINGS = ["-Werror", "all-warnings", "-Xcompiler",
            "-Wall,-Wextra,-Werror,-Wno-unknown-pragmas"]


class Failure(Exception):
    pass


def run(*command, env=None):
    done = subprocess.run(list(map(str, command)), text=True, env={
        **os.environ, "PYTHONPATH": str(ROOT / "python_frontend"),
        **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        lines = done.stdout.strip().splitlines() or ["no message"]
        raise Failure("\n".join(lines[-20:]))
    return done.stdout


def compile_model(model, form, calibration, emit, output):
    quantization, is_fixed = FORMATS[form]
    flags = [f"--calibrate={calibration}"] if is_fixed else []
    run(models.BIN / "shift-compile", model, f"--emit={emit}",
        f"--quantize-shift={quantization}", *flags, "-o", output)


def compile_for_gpus(source):
    """One run of nvcc for all architectures; no kernel may use local memory."""
    codes = [flag for arch in ARCHITECTURES
             for flag in ("-gencode", f"arch=compute_{arch},code=sm_{arch}")]
    log = run("nvcc", "-O3", "-std=c++17", *WARNINGS, *codes, "--threads", "2",
              "-Xptxas", "-v", "-c", "-o", source.with_suffix(".o"), source)
    kernels = re.findall(
        r"Compiling entry function '(\w+)' for '(sm_\w+)'.*?(\d+) bytes stack "
        r"frame, (\d+) bytes spill stores, (\d+) bytes spill loads", log, re.S)
    local = [f"{name} for {arch}" for name, arch, *sizes in kernels
             if any(map(int, sizes))]
    if local or not kernels:
        raise Failure("local memory or spills: " + ", ".join(local))
    return f"{len(kernels)} kernels x architectures without local memory"


def export_full_size(folder):
    """FCOS-R50 and an input, in `folder`."""
    run(sys.executable, "-m", "shift_frontend.export", "--model=fcos_r50",
        "--norm=gn", "--box=exp", "--batch-norm=plain", "--opset=13",
        "--size=%dx%d" % FULL_SIZE, "-o", folder / "fcos_r50.onnx")
    (folder / "in").mkdir()
    x = np.random.default_rng(0).normal(size=(1, 3, *FULL_SIZE))
    np.save(folder / "in/x.npy", x.astype(np.float32))
    return folder / "fcos_r50.onnx", folder / "in"


def prove_text(model, form, calibration, folder):
    source = folder / "m.cu"
    compile_model(model, form, calibration, "cuda", source)
    return compile_for_gpus(source)


def prove_model(name, form, calibration, folder):
    """The shim, natural and shuffled and checked, gives the CPU's bytes."""
    x = models.random_input(name, folder)
    results = {}
    for emit, env in [("so", {}), ("cuda-host-so", {}),
                      ("cuda-host-so", {"SHIFT_SHIM_SEED": "7"}),
                      ("cuda-checked-so", {})]:
        library, out = folder / f"{emit}.so", folder / "out"
        if not library.exists():
            compile_model(models.MODELS[name], form, calibration, emit, library)
        run(models.BIN / "shift-run", library, "--input", x,
            f"--output-dir={out}", env=env)
        results[emit, str(env)] = models.outputs(out)
    expected = results["so", "{}"]
    # Programs for GPUs may have more outputs: boxes.
    different = [key for key, got in results.items() if expected.items() -
                 got.items()]
    if different or not expected:
        raise Failure(f"other bytes than the CPU artefact: {different}")
    return f"{len(expected)} outputs equal, natural, shuffled and checked"


def prove_random_layers(cases):
    """Two sweeps at a time."""
    program = ROOT / "build/test/unit/CudaConvolutionSweep"
    sweeps = [subprocess.Popen(
        [program, f"--cases={cases // 2}", f"--seed={seed}"], text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT) for seed in (1, 2)]
    logs = [sweep.communicate()[0] for sweep in sweeps]
    if any(sweep.returncode for sweep in sweeps):
        raise Failure("\n".join(log[-2000:] for log in logs))
    counts = {}
    for count, kind in re.findall(r"^ *(\d+) (\w+ .*)$", "\n".join(logs), re.M):
        if " of " not in f" {kind} ":
            counts[kind] = counts.get(kind, 0) + int(count)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def prove_fast_tests():
    return run(sys.executable, "-m", "pytest", "-q", ROOT /
               "test/Integration/CUDA").strip().splitlines()[-1]


class Proofs:
    def __init__(self):
        self.passed, self.failed = 0, []

    def prove(self, name, function, *arguments):
        start = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                if function in (prove_text, prove_model):
                    arguments += (pathlib.Path(folder),)
                text, self.passed = function(*arguments), self.passed + 1
        except Failure as failure:
            text = f"FAILED: {failure}"
            self.failed.append(name)
        print(f"{name}: {text} ({time.monotonic() - start:.0f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10000, metavar="N",
                        help="random convolutions (default 10000)")
    options = parser.parse_args()
    proofs = Proofs()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        inputs = folder / "small"
        proofs.prove("tests", prove_fast_tests)
        for model, path in models.MODELS.items():
            if not path.exists():
                print(f"{model}: not run, {path} does not exist; set SHIFT_DATA")
                continue
            calibration = inputs / model
            calibration.mkdir(parents=True)
            models.random_input(model, calibration, seed=1)
            for form in FORMATS:
                proofs.prove(f"{model}, {form}, host shim", prove_model, model,
                             form, calibration)
        fcos = models.MODELS["fcos"], inputs / "fcos"
        for form in FORMATS:
            proofs.prove(f"fcos, {form}, nvcc", prove_text, fcos[0], form,
                         fcos[1])
        full = export_full_size(folder)
        for form in FORMATS:
            proofs.prove(f"FCOS-R50, {form}, nvcc", prove_text, full[0], form,
                         full[1])
        proofs.prove("random convolutions", prove_random_layers, options.cases)
    print(f"{proofs.passed} passed, {len(proofs.failed)} failed",
          *proofs.failed, sep="\n  ")
    return 1 if proofs.failed else 0


if __name__ == "__main__":
    sys.exit(main())
