# SPDX-License-Identifier: Apache-2.0
"""A prediction, not a measurement, of what launches take on a GPU.

A launch takes the longest of what its instructions occupy of each pipe and of
the slots of issue, and of what its bytes take of the memory's bandwidth, and a
constant besides. Blocks are dealt evenly: the multiprocessor with the most of
them says how long it takes. Bytes are each buffer once: caches hold what is read
again.
"""
from collections import Counter
from dataclasses import dataclass, field

from .classes import pipe
from .gpus import WARP, assumption
from .inner_loop import tensor_macs

BUSY_WARPS = assumption("busyWarps")
BANDWIDTH_SHARE = assumption("bandwidthPercent") / 100
LAUNCH_SECONDS = assumption("launchNanoseconds") * 1e-9
#: What libraries' convolutions reach of the tensor cores' rate.
PEER_SHARE = assumption("peerPercent") / 100
#: Bytes of an element.
PEERS = {"cuDNN int8": 1, "cuDNN fp16": 2}


def words(instruction):
    """Words that a load or store moves for a thread."""
    modifiers = instruction.modifiers
    if instruction.base == "LDSM":
        return int(modifiers[-1]) if modifiers[-1].isdigit() else 1
    return 4 if "128" in modifiers else 2 if "64" in modifiers else 1


@dataclass
class Work:
    """What a thread of a kernel occupies of each pipe, and of the slots of
    issue."""
    pipes: Counter = field(default_factory=Counter)

    def add(self, instructions, times=1.0):
        for one in instructions:
            used = pipe(one)
            if used == "mma":
                self.pipes[used] += times * tensor_macs(one)
            elif used == "shared":
                self.pipes[used] += times * words(one)
            elif used:
                self.pipes[used] += times
        self.pipes["issue"] += times * len(instructions)


def _capacities(family):
    """Results a cycle of each pipe."""
    return {"mma": family.mma, "integer": family.integer,
            "multiply": family.multiply, "float32": family.float32,
            "float64": family.float64, "shared": assumption("sharedWords"),
            "convert": assumption("conversions"), "issue": assumption("issued")}


@dataclass
class Prediction:
    seconds: float
    #: "multiply", "issue", "memory" or "launch".
    bound: str


def predict(step, work, resident, gpu):
    """Of a launch; `resident`: blocks that a multiprocessor holds at once;
    `work` may be missing."""
    parts = {"memory": (step.read_bytes + step.written_bytes) /
             (gpu.gigabytes * 1e9 * BANDWIDTH_SHARE)}
    if work:
        family = gpu.family
        blocks = -(-step.blocks // gpu.multiprocessors)
        warps = min(blocks, max(resident, 1)) * -(-step.threads // WARP)
        busy = min(1.0, warps / BUSY_WARPS)
        rate = gpu.megahertz * 1e6 * busy
        threads = blocks * step.threads
        for name, capacity in _capacities(family).items():
            parts[name] = threads * work.pipes[name] / capacity / rate
    bound = max(parts, key=parts.get)
    if parts[bound] < LAUNCH_SECONDS:
        return Prediction(parts[bound] + LAUNCH_SECONDS, "launch")
    return Prediction(parts[bound] + LAUNCH_SECONDS, bound)


def predict_peer(step, gpu, bytes_each):
    """A library's convolution of elements of `bytes_each` bytes: the slower of
    tensor cores and memory."""
    peak = (gpu.int8_tops if bytes_each == 1 else gpu.fp16_tflops) * 1e12
    products = 2 * step.macs / (peak * PEER_SHARE)
    # Weights of dp4a and mma kernels, and all activations of one byte, are
    # bytes already.
    memory = bytes_each * (step.read_bytes + step.written_bytes) / (
        gpu.gigabytes * 1e9 * BANDWIDTH_SHARE)
    return max(products, memory) + LAUNCH_SECONDS
