# SPDX-License-Identifier: Apache-2.0
"""Numbers of GPUs, from the table that the compiler's cost model reads, and how
many blocks a multiprocessor holds."""
import pathlib
import re
from dataclasses import dataclass

TABLE = (pathlib.Path(__file__).parents[3] /
         "lib/Conversion/ShiftToGPU/GPUTable.inc")
REGISTERS = 65536
#: Registers are given to warps in pieces of so many (cuda_occupancy.h).
REGISTER_PIECE = 256
SCHEDULERS = 4
WARP = 32


@dataclass(frozen=True)
class Family:
    """Architectures of one compute capability, as GPUTable.inc says."""
    capability: int
    threads: int
    blocks: int
    shared_bytes: int
    shared_piece: int
    shared_reserved: int
    integer: int
    multiply: int
    float32: int
    float64: int
    mma: int

    def resident_blocks(self, threads, registers, shared):
        """Blocks of a kernel that a multiprocessor holds at once."""
        warps = -(-threads // WARP)
        limits = [self.blocks, self.threads // (warps * WARP)]
        if registers:
            of_warp = -(-registers * WARP // REGISTER_PIECE) * REGISTER_PIECE
            # Each scheduler has a quarter of the registers.
            of_scheduler = REGISTERS // SCHEDULERS // of_warp
            limits.append(of_scheduler * SCHEDULERS // warps)
        of_block = shared + self.shared_reserved
        of_block = -(-of_block // self.shared_piece) * self.shared_piece
        if of_block:
            limits.append(self.shared_bytes // of_block)
        return min(limits)

    def occupancy(self, threads, registers, shared):
        """The share of the threads that a multiprocessor can hold."""
        warps = -(-threads // WARP)
        blocks = self.resident_blocks(threads, registers, shared)
        return blocks * warps * WARP / self.threads


@dataclass(frozen=True)
class Gpu:
    name: str
    family: Family
    multiprocessors: int
    megahertz: int
    gigabytes: int
    int8_tops: int
    fp16_tflops: int


def _read(kind):
    for line in TABLE.read_text().splitlines():
        found = re.fullmatch(kind + r"\((.*)\)", line)
        if found:
            yield [int(value) if value.isdigit() else value.strip('"')
                   for value in found.group(1).split(", ")]


def assumption(name):
    """A number of the table that is not a GPU's."""
    return dict(_read("SHIFT_GPU_ASSUMPTION"))[name]


def families():
    """{compute capability: Family}"""
    return {row[0]: Family(*row) for row in _read("SHIFT_GPU_FAMILY")}


def gpus():
    known = families()
    return [Gpu(row[0], known[row[1]], *row[2:]) for row in _read("SHIFT_GPU")]
