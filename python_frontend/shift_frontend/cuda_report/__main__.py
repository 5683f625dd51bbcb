# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import pathlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from .analysis import analyse, parse_arch, predict_run
from .program import ProgramError, read_program
from .report import as_object, markdown, plot
from .toolchain import ToolError, find_nvcc, find_nvdisasm

EXAMPLES = """examples:
  shift-translate --mlir-to-cuda fcos.shift.mlir -o fcos.cu
  python -m shift_frontend.cuda_report fcos.cu
  python -m shift_frontend.cuda_report fcos.cu --arch=sm_75,sm_90 -o table.md
  python -m shift_frontend.cuda_report fcos.cu --json=facts.json --plot=bars.png

Times are predictions of a model: nothing is run. nvcc is needed, and nvdisasm
(from the CUDA toolkit, or pip install nvidia-cuda-nvdisasm)."""


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m shift_frontend.cuda_report",
        description="What the kernels of a generated CUDA program ask of GPUs: "
        "registers, shared memory, occupancy, instructions a "
        "multiply-accumulate against the counted minimum, predicted times.",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, metavar="m.cu")
    parser.add_argument("--arch", default="sm_75,sm_80,sm_89,sm_90,sm_100",
                        metavar="sm_80,...", help="architectures to compile "
                        "for (default: those of the GPUs that are predicted)")
    parser.add_argument("--details", metavar="sm_80,...", help="architectures "
                        "whose kernels get tables of their own (default: all; "
                        "an empty list: none)")
    parser.add_argument("-o", dest="output", type=pathlib.Path, metavar="FILE",
                        help="write the tables to FILE (default: stdout)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write everything as JSON too")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE",
                        help="draw the predicted time of each layer")
    return parser.parse_args(arguments)


def _analyse_all(program, source, archs):
    """{arch: facts}; says on stderr what failed and goes on."""
    result = {}
    with tempfile.TemporaryDirectory() as folder, \
            ThreadPoolExecutor(max_workers=2) as pool:
        runs = {arch: pool.submit(analyse, program, source, arch, folder)
                for arch in archs}
        for arch, run in runs.items():
            try:
                result[arch] = run.result()
            except ToolError as error:
                print(f"error: {arch}: {error}", file=sys.stderr)
    return result


def main(arguments=None):
    options = _parse(arguments)
    archs = options.arch.split(",")
    try:
        capabilities = {arch: parse_arch(arch) for arch in archs}
    except ToolError as error:
        print(f"error: --arch: {error}", file=sys.stderr)
        return 2
    try:
        find_nvcc()
        find_nvdisasm()
        program = read_program(options.source.read_text())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        print(f"error: cannot read '{options.source}': {reason}",
              file=sys.stderr)
        return 1
    except (ProgramError, ToolError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    analyses = _analyse_all(program, options.source, archs)
    if not analyses:
        return 1
    predictions = predict_run(
        program, {capabilities[arch]: facts for arch, facts in analyses.items()})
    try:
        detailed = (archs if options.details is None
                    else options.details.split(","))
        text = markdown(options.source.name, program, analyses, predictions,
                        detailed)
        if options.output:
            options.output.write_text(text)
        else:
            sys.stdout.write(text)
        if options.json:
            options.json.write_text(json.dumps(
                as_object(program, analyses, predictions), indent=1) + "\n")
        if options.plot:
            plot(program, predictions, options.plot)
    except OSError as error:
        print(f"error: cannot write '{error.filename}': {error.strerror}",
              file=sys.stderr)
        return 1
    return 0 if len(analyses) == len(archs) else 1


if __name__ == "__main__":
    sys.exit(main())
