# SPDX-License-Identifier: Apache-2.0
"""All that is known of a program's kernels on one architecture."""
import re
from dataclasses import dataclass, replace

from .gpus import families, gpus
from .inner_loop import LoopCount, count_loop
from .minimum import STRATEGIES, Shape, minimum_per_mac
from .program import Kernel
from .roofline import Work, predict
from .sass import Listing, read_listing
from .toolchain import Resources, ToolError, compile_text


@dataclass
class KernelFacts:
    kernel: Kernel
    resources: Resources
    listing: Listing
    occupancy: float
    resident: int
    #: None for kernels without products and those whose products are in no
    #: loop.
    loop: LoopCount = None
    #: Multiply-accumulates of whole activations and weights, of a thread in an
    #: iteration.
    macs: float = 0.0
    minimum: float = 0.0

    @property
    def per_mac(self):
        return self.loop.issued / self.macs

    @property
    def ratio(self):
        return self.per_mac / self.minimum if self.minimum else 0.0


def parse_arch(arch):
    """The compute capability of "sm_80"."""
    found = re.fullmatch(r"sm_(\d+)a?", arch)
    known = families()
    if not found or int(found.group(1)) not in known:
        names = ", ".join(f"sm_{capability}" for capability in known)
        raise ToolError(f"expected an architecture of {names}, got '{arch}'")
    return int(found.group(1))


def _shape(kernel, capability):
    rows, columns, depth = kernel.tile
    return Shape(kernel.strategy, capability, rows, columns, depth,
                 kernel.threads, kernel.planes, 1, kernel.is_wide)


def _count(facts, capability):
    """Fills in what is known of the kernel's inner loop."""
    kernel = facts.kernel
    if kernel.strategy not in STRATEGIES or (
            kernel.steps and not any(step.macs for step in kernel.steps)):
        return
    is_bytes = kernel.strategy in ("mma", "dp4a")
    each = kernel.planes if is_bytes else 1
    if not kernel.tile:
        facts.loop = count_loop(facts.listing, kernel.strategy)
        facts.macs = facts.loop.products / each if facts.loop else 0.0
        return
    shape = _shape(kernel, capability)
    facts.loop = count_loop(facts.listing, kernel.strategy, shape.macs * each)
    if facts.loop is None:
        return
    facts.macs = facts.loop.products / each
    if not is_bytes:
        # A product for each term of a weight.
        shape = replace(shape, terms=max(round(facts.macs / shape.macs), 1))
        facts.macs /= shape.terms
    facts.minimum = minimum_per_mac(shape)


def analyse(program, source, arch, folder):
    """{kernel: its KernelFacts}, of the text in `source`."""
    capability = parse_arch(arch)
    family = families()[capability]
    resources, listing = compile_text(source, arch, folder)
    listings = read_listing(listing)
    result = {}
    for name, kernel in program.kernels.items():
        if name not in listings or name not in resources:
            raise ToolError(f"nvcc made no machine code of kernel '{name}'")
        shared = resources[name].shared + kernel.dynamic_shared
        asked = (kernel.threads, resources[name].registers, shared)
        facts = KernelFacts(kernel, resources[name], listings[name],
                            family.occupancy(*asked),
                            family.resident_blocks(*asked))
        _count(facts, capability)
        result[name] = facts
    return result


def _work(facts, step):
    """What a thread issues in a launch; None where that depends on loops whose
    runs are not known."""
    if not step.macs and facts.listing.loops:
        return None
    work = Work()
    work.add(facts.listing.instructions)
    if facts.loop is None:
        return work
    if step.tile and step.outputs:
        rows, columns, depth = step.tile
        steps = -(-(step.macs // step.outputs) // depth)
        macs = rows * columns * depth * steps / step.threads
    else:
        macs = step.macs / step.blocks / step.threads
    # All instructions were counted once already.
    for instructions, times in facts.loop.parts:
        work.add(instructions, max(macs / facts.macs * times - 1, 0))
    return work


def predict_run(program, facts_by_capability):
    """{GPU's name: [a Prediction a step]} for the GPUs whose architectures were
    analysed."""
    result = {}
    for gpu in gpus():
        facts = facts_by_capability.get(gpu.family.capability)
        if facts:
            result[gpu.name] = [
                predict(step, _work(facts[step.kernel], step),
                        facts[step.kernel].resident, gpu)
                for step in program.steps]
    return result
