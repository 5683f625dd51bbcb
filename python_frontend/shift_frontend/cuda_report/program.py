# SPDX-License-Identifier: Apache-2.0
"""The kernels, launches and plan of a CUDA text of shift-translate."""
import json
import re
from dataclasses import dataclass, field

KERNEL = re.compile(
    r'((?://[^\n]*\n)*)extern "C" __global__ void'
    r'(?:\s+__launch_bounds__\((\d+)(?:, \d+)?\))?\s+(\w+)\(')
LAUNCH = re.compile(
    r'\.launch\(\s*"((?:[^"\\]|\\.|"\s*")*)",\s*\w+,\s*dim3\(([^)]*)\),'
    r'\s*dim3\(([^)]*)\),\s*(\d+),\s*(\w+)')
TENSOR = r"(\d+(?:x\d+)*) ([iuf]\d+)(?:f(m?\d+))?"
SHAPES = re.compile(TENSOR + " to " + TENSOR)
DTYPE_BYTES = {"bool": 1}


def dtype_bytes(name):
    """Bytes of an element, from the plan's name of its type."""
    if name in DTYPE_BYTES:
        return DTYPE_BYTES[name]
    return int(re.sub(r"\D", "", name)) // 8


class ProgramError(Exception):
    """A text that is no program of shift-translate."""


@dataclass
class Step:
    """A launch of the run."""
    layer: str
    kernel: str
    blocks: int
    threads: int
    shared_bytes: int
    op: str = ""
    strategy: str = ""
    macs: int = 0
    tile: tuple = ()
    #: Elements of the result.
    outputs: int = 0
    read_bytes: int = 0
    written_bytes: int = 0


@dataclass
class Kernel:
    name: str
    comment: str
    threads: int
    strategy: str = ""
    #: Bytes of an activation that the kernel reads; 1 where none is said.
    planes: int = 1
    #: Whether sums have 64 bits.
    is_wide: bool = False
    tile: tuple = ()
    #: The most dynamic shared memory of a launch.
    dynamic_shared: int = 0
    steps: list = field(default_factory=list)


@dataclass
class Program:
    kernels: dict
    steps: list

    def products(self):
        """Kernels of convolutions and linear layers."""
        return [k for k in self.kernels.values()
                if any(step.macs for step in k.steps)]


def _product(text):
    result = 1
    for size in text.split(","):
        result *= int(size)
    return result


def _read_plan(text):
    """The plan as an object; None where the text has kernels alone."""
    found = re.search(r"const char shift_plan\[\] =((?:\s*\"[^\n]*\")*)", text)
    if not found or not found.group(1).strip():
        return None
    literals = re.findall(r'^\s*"(.*)"$', found.group(1), re.M)
    # C's escapes of a string are JSON's, and octal ones do not occur.
    return json.loads(json.loads('"' + "".join(literals) + '"'))


class _Sizes:
    """Bytes of buffers, by area and offset, as far as the steps say them."""

    def __init__(self, plan, text):
        self.plan = plan
        self.results = {}
        offsets = {arg[1] for step in plan["steps"] for arg in step["args"]
                   if arg[0] == "expanded"}
        end = re.search(r"expandedBytes = (\d+);", text)
        offsets = sorted(offsets | {int(end.group(1)) if end else 0})
        self.expanded = {a: b - a for a, b in zip(offsets, offsets[1:])}

    def bytes(self, arg):
        area, place = arg[0], tuple(arg[1:])
        if area == "constant":
            return self.plan["constants"][place[0]]["bytes"]
        if area == "expanded":
            return max(self.expanded.get(place[0], 0), 0)
        if area in ("input", "output") and len(place) == 1:
            tensor = self.plan[area + "s"][place[0]]
            count = _product(",".join(map(str, tensor["shape"])) or "1")
            return count * dtype_bytes(tensor["dtype"])
        return self.results.get((area, place), 0)

    def note(self, arg, size):
        self.results[(arg[0], tuple(arg[1:]))] = size


def _describe_steps(steps, plan, text):
    sizes = _Sizes(plan, text)
    for step, planned in zip(steps, plan["steps"]):
        if step.kernel != planned["kernel"]:
            raise ProgramError(
                f"expected the plan's launches in order: '{planned['kernel']}'"
                f", got '{step.kernel}'")
        step.op, step.strategy = planned["op"], planned["strategy"]
        step.macs = planned["macs"]
        step.tile = tuple(planned.get("tile", ()))
        result = planned.get("result")
        for i, arg in enumerate(planned["args"]):
            if result and i == result["arg"]:
                step.outputs = result["count"]
                size = step.outputs * dtype_bytes(result["dtype"])
                sizes.note(arg, size)
                step.written_bytes += size
            elif arg[0] != "number":
                step.read_bytes += sizes.bytes(arg)


def read_program(text):
    """The program of a text; ProgramError where there is no kernel."""
    kernels = {}
    for comment, threads, name in KERNEL.findall(text):
        words = " ".join(re.sub(r"^// ?", "", comment, flags=re.M).split())
        kernel = Kernel(name, words, int(threads or 1024))
        strategy = re.search(r"strategy (\w+)", words)
        kernel.strategy = strategy.group(1) if strategy else ""
        shapes = SHAPES.search(words)
        if shapes:
            kernel.planes = dtype_bytes(shapes.group(2))
        worst = re.search(r"the worst case takes (\d+) bits", words)
        kernel.is_wide = bool(worst) and int(worst.group(1)) > 32
        kernels[name] = kernel
    if not kernels:
        raise ProgramError("expected kernels (extern \"C\" __global__ void) as "
                           "shift-translate --mlir-to-cuda prints them")
    steps = []
    for found in LAUNCH.finditer(text):
        layer, grid, block, shared, name = found.groups()
        if name not in kernels:
            continue
        step = Step(re.sub(r'"\s*"', "", layer), name, _product(grid),
                    _product(block), int(shared))
        kernel = kernels[name]
        kernel.dynamic_shared = max(kernel.dynamic_shared, step.shared_bytes)
        kernel.threads = step.threads
        kernel.steps.append(step)
        steps.append(step)
    plan = _read_plan(text)
    if plan:
        # Launches of the set-up come first.
        steps = steps[len(steps) - len(plan["steps"]):]
        _describe_steps(steps, plan, text)
        for kernel in kernels.values():
            kernel.tile = kernel.steps[0].tile if kernel.steps else ()
    return Program(kernels, steps)
