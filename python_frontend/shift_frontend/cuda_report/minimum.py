# SPDX-License-Identifier: Apache-2.0
"""The fewest instructions that a strategy's inner loop can do with, as
lib/Target/CUDA/Instructions.md derives them."""
from dataclasses import dataclass

WARP = 32
#: Bytes of a vector load or store, of a thread; of an LDSM of a warp.
VECTOR = 16
MATRICES = 512
#: A barrier, a comparison, a branch, an addition to each operand's pointer.
LOOP = 5
#: Commit and wait of asynchronous copies.
ASYNC = 2


@dataclass(frozen=True)
class Shape:
    """What a strategy's minimum depends on."""
    strategy: str
    capability: int
    #: Output channels, positions, taps of a block's step.
    rows: int
    columns: int
    depth: int
    threads: int
    #: Bytes of an activation; terms of a weight; whether sums have 64 bits.
    planes: int = 1
    terms: int = 1
    is_wide: bool = False

    @property
    def macs(self):
        """Of a thread in a step."""
        return self.rows * self.columns * self.depth / self.threads


def _split(area):
    """Sides of the squarest rectangle of an area that is a power of two."""
    side = 1
    while side * side * 4 <= area:
        side *= 2
    return side, area / side


def _copies(shape, row_bytes, column_bytes):
    """Copies of a step's tiles to shared memory, 16 bytes a thread, each with
    an address of its own: one instruction, or a load and a store before
    sm_80."""
    pieces = shape.depth / shape.threads / VECTOR * (
        shape.rows * row_bytes + shape.columns * column_bytes)
    moves = 1 if shape.capability >= 80 else 2
    return pieces * (moves + 1)


def _loop(shape):
    return LOOP + (ASYNC if shape.capability >= 80 else 0)


def _mma(shape):
    macs_each = 64 if shape.capability >= 80 else 32
    products = shape.macs * shape.planes / macs_each
    warps = shape.threads / WARP
    # A warp's tile has at least a matrix of 16 rows and 8 columns.
    rows, columns = _split(shape.rows * shape.columns / warps)
    fragments = shape.depth * (rows + columns * shape.planes) / MATRICES
    return (products + fragments + _copies(shape, 1, shape.planes) +
            _loop(shape))


def _dp4a(shape):
    products = shape.macs * shape.planes / 4
    rows, columns = _split(shape.rows * shape.columns / shape.threads)
    loads = shape.depth * (rows + columns * shape.planes) / VECTOR
    return products + loads + _copies(shape, 1, shape.planes) + _loop(shape)


def _shift(shape):
    halves = 2 if shape.is_wide else 1
    # A shift and an inversion each; two products an addition, or a sum of 64
    # bits two additions for two products.
    products = shape.macs * shape.terms * (2 * halves + (1 if shape.is_wide
                                                         else 0.5))
    rows, columns = _split(shape.rows * shape.columns / shape.threads)
    # A word of each activation; an amount and a mask of each term.
    loads = shape.depth * (columns + 2 * shape.terms * rows) * 4 / VECTOR
    # Activations are widened on the way: a load and a store, and one
    # instruction an element. Codes are two instructions, a look-up and two
    # stores of a quarter each.
    elements = shape.depth / shape.threads
    tiles = elements * (shape.columns * (1 + 0.25 + 0.25) +
                        shape.rows * shape.terms * (2 + 1 + 0.5))
    return products + loads + tiles + LOOP


def _float(shape):
    rows, columns = _split(shape.rows * shape.columns / shape.threads)
    loads = shape.depth * (rows + columns) * 4 / VECTOR
    return shape.macs + loads + _copies(shape, 4, 4) + _loop(shape)


STRATEGIES = {"mma": _mma, "dp4a": _dp4a, "shift": _shift, "float": _float}


def minimum_per_mac(shape):
    """Instructions of a thread for a multiply-accumulate."""
    return STRATEGIES[shape.strategy](shape) / shape.macs
