# SPDX-License-Identifier: Apache-2.0
"""The loop of a kernel that does its products, counted."""
import re
from collections import Counter
from dataclasses import dataclass, field

from .classes import classify, is_multiplication

WARP = 32
_STORES = ("ST", "STG", "STS", "STL", "STSM")
#: Rows, columns and depth of a matrix instruction.
_MMA_SHAPES = {"8816": (8, 8, 16), "16816": (16, 8, 16), "16832": (16, 8, 32),
               "8832": (8, 8, 32)}


@dataclass
class LoopCount:
    #: Multiply-accumulates of a thread in an iteration.
    macs: float
    #: Instructions of each class that an iteration issues, and all of them.
    classes: Counter
    instructions: list = field(default_factory=list)
    #: Products of whole values that become data; where there must be none.
    multiplications: list = field(default_factory=list)
    #: Whether there are loops in it whose runs are not known, counted once.
    has_inner: bool = False

    @property
    def per_mac(self):
        return len(self.instructions) / self.macs if self.macs else 0.0


def count_products(instructions, strategy, is_data):
    """Products that `instructions`, which are of an iteration, do: of bytes
    (`mma`, `dp4a`), shifts by a variable amount (`shift`), or fma (`float`)."""
    total = 0.0
    for number, one in enumerate(instructions):
        if strategy == "mma" and one.base == "IMMA":
            rows, columns, depth = _MMA_SHAPES[one.modifiers[0]]
            total += rows * columns * depth / WARP
        elif strategy == "dp4a" and one.base == "IDP":
            total += 4 if "4A" in one.modifiers else 2
        elif strategy == "float" and one.base == "FFMA":
            total += 1
        elif strategy == "shift" and is_data[number] and _is_variable_shift(one):
            # The upper half of a product of 64 bits; its lower one does not
            # count.
            total += 1
    return total


def _is_variable_shift(one):
    if one.base != "SHF" or "L" not in one.modifiers:
        return False
    return len(one.operands) > 2 and bool(re.match(r"U?R\d", one.operands[2]))


@dataclass(frozen=True)
class _Write:
    """What may have written a register: an instruction's number, its block and
    its guard ("?" once the guard's predicate has changed)."""
    number: int
    block: int
    guard: str


def _negate(guard):
    return guard.replace("@!", "@") if "!" in guard else guard.replace("@", "@!")


def _reaching(writes, guard, certain):
    """Those of `writes`, in order, that a read under `guard` may see. `certain`:
    the blocks that come before it whenever it is reached."""
    seen = set()
    for write in reversed(writes):
        yield write.number
        if write.block in certain:
            if write.guard in ("", guard) or _negate(write.guard) in seen:
                return
            seen.add(write.guard)


def find_data(sequence, blocks, dominators, live_out):
    """Which of `sequence`, the instructions of a loop in the order of their
    addresses, make data: a value that is stored, that is read when the loop is
    over, or that such a one is computed of. What only addresses memory is none.
    `blocks`: the block of each; `dominators`: the blocks before each block."""
    writes, sources = {}, [set() for _ in sequence]
    # Twice, since values go around the loop.
    for _ in range(2):
        for i, one in enumerate(sequence):
            certain = dominators[blocks[i]]
            for register in one.value_reads:
                sources[i].update(_reaching(writes.get(register, ()),
                                            one.guard, certain))
            for predicate in one.predicate_writes:
                _forget(writes, predicate)
            for register in one.writes:
                write = _Write(i, blocks[i], one.guard)
                before = writes.get(register, []) if one.guard or not \
                    blocks[i] in dominators[blocks[-1]] else []
                writes[register] = [w for w in before if w.number != i]
                writes[register].append(write)
    work = [i for i, one in enumerate(sequence) if one.base in _STORES]
    for register in live_out:
        work += _reaching(writes.get(register, ()), "", dominators[blocks[-1]])
    is_data = [False] * len(sequence)
    while work:
        i = work.pop()
        if not is_data[i]:
            is_data[i] = True
            work += sources[i]
    return is_data


def _forget(writes, predicate):
    """`predicate` changes: guards by it say nothing of what was before."""
    for register, known in writes.items():
        if any(w.guard.lstrip("@!") == predicate for w in known):
            writes[register] = [
                _Write(w.number, w.block, "?")
                if w.guard.lstrip("@!") == predicate else w for w in known]


class _Body:
    """A loop's instructions, and which are data."""

    def __init__(self, listing, loop):
        blocks = sorted(loop.body)
        self.sequence, of_block, self.places = [], [], {}
        for block in blocks:
            for i, one in enumerate(listing.blocks[block].instructions):
                self.places[(block, i)] = len(self.sequence)
                self.sequence.append(one)
                of_block.append(block)
        live_out = set()
        for block in blocks:
            for successor in listing.blocks[block].successors:
                if successor not in loop.body:
                    live_out |= listing.live[successor]
        self.is_data = find_data(self.sequence, of_block,
                                 listing.dominators, live_out)

    def select(self, listing, path):
        """The instructions of the blocks of `path`, and which are data."""
        places = [self.places[(block, i)] for block in path
                  for i in range(len(listing.blocks[block].instructions))]
        return ([self.sequence[p] for p in places],
                [self.is_data[p] for p in places])


def count_loop(listing, strategy):
    """The innermost loop with the most products of `strategy` (which a kernel's
    comment names); None where no loop has one. `macs` are products, of whole
    activations where those have one byte and weights one term."""
    best = None
    for loop in listing.loops:
        body = _Body(listing, loop)
        path = listing.longest_path(loop)
        instructions, is_data = body.select(listing, path)
        products = count_products(instructions, strategy, is_data)
        key = (-len(loop.body), products)
        inside = any(other.body < loop.body and best is not None
                     and other.body == best[0].body for other in listing.loops)
        if not products or inside:
            continue
        if best is None or loop.body < best[0].body or (
                not best[0].body < loop.body and products > best[1]):
            best = (loop, products, body, instructions, is_data, key)
    if best is None:
        return None
    loop, products, body, instructions, is_data, _ = best
    classes = Counter(classify(one, data)
                      for one, data in zip(instructions, is_data))
    return LoopCount(
        products, classes, instructions,
        [one for one, data in zip(body.sequence, body.is_data)
         if data and is_multiplication(one)],
        not listing.innermost(loop))
