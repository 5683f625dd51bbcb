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
    #: Products of a thread in an iteration.
    products: float = 0.0
    #: What an iteration issues, and how often: [(instructions, times)].
    parts: list = field(default_factory=list)
    #: The same as numbers of each class.
    classes: Counter = field(default_factory=Counter)
    #: Multiplications whose results become data.
    multiplications: list = field(default_factory=list)
    #: Whether there are loops in it whose runs are not known, counted once.
    has_unknown: bool = False

    @property
    def issued(self):
        return sum(self.classes.values())

    def add(self, instructions, is_data, times=1.0):
        self.parts.append((instructions, times))
        for one, data in zip(instructions, is_data):
            self.classes[classify(one, data)] += times


def tensor_macs(instruction):
    """Multiply-accumulates of a thread's share of a matrix instruction."""
    rows, columns, depth = _MMA_SHAPES[instruction.modifiers[0]]
    return rows * columns * depth / WARP


def count_products(instructions, is_data, strategy):
    """Products of bytes (`mma`, `dp4a`), shifts by variable amounts (`shift`) or
    fma (`float`) among `instructions`."""
    total = 0.0
    for number, one in enumerate(instructions):
        if strategy == "mma" and one.base == "IMMA":
            total += tensor_macs(one)
        elif strategy == "dp4a" and one.base == "IDP":
            total += 4 if "4A" in one.modifiers else 2
        elif strategy == "float" and one.base == "FFMA":
            total += 1
        elif strategy == "shift" and is_data[number]:
            total += _is_variable_shift(one)
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


class _Iteration:
    """A loop's instructions, which of them are data, and those of the blocks
    that an iteration goes through."""

    def __init__(self, listing, loop):
        self.loop = loop
        self.sequence, of_block, places = [], [], {}
        for block in sorted(loop.body):
            places[block] = len(self.sequence)
            instructions = listing.blocks[block].instructions
            self.sequence += instructions
            of_block += [block] * len(instructions)
        live_out = set()
        for block in loop.body:
            for successor in listing.blocks[block].successors:
                if successor not in loop.body:
                    live_out |= listing.live[successor]
        self.is_data = find_data(self.sequence, of_block, listing.dominators,
                                 live_out)
        self.path = [places[block] + i for block in listing.longest_path(loop)
                     for i in range(len(listing.blocks[block].instructions))]
        self.blocks = [of_block[place] for place in self.path]

    def select(self, without=frozenset()):
        """Instructions of the path, but for those of some blocks, and which are
        data."""
        places = [place for place, block in zip(self.path, self.blocks)
                  if block not in without]
        return ([self.sequence[place] for place in places],
                [self.is_data[place] for place in places])

    def multiplications(self):
        return [one for one, data in zip(self.sequence, self.is_data)
                if data and is_multiplication(one)]


def count_loop(listing, strategy, step_products=0.0):
    """The loop that does the products of `strategy` (which a kernel's comment
    names): of the innermost ones that do any, the one that does most. Where it
    does fewer than `step_products`, a step's, the loop around it belongs to the
    step, which goes through the inner one as often as it has to. None where no
    loop has products."""
    found = []
    for loop in sorted(listing.loops, key=lambda loop: len(loop.body)):
        if any(inner.loop.body < loop.body for inner, _ in found):
            continue
        iteration = _Iteration(listing, loop)
        products = count_products(*iteration.select(), strategy)
        if products:
            found.append((iteration, products))
    if not found:
        return None
    inner, products = max(found, key=lambda pair: pair[1])
    count = LoopCount(products, multiplications=inner.multiplications(),
                      has_unknown=not listing.innermost(inner.loop))
    around = [loop for loop in listing.loops if inner.loop.body < loop.body]
    if products >= step_products or not around:
        count.add(*inner.select())
        return count
    outer = _Iteration(listing, min(around, key=lambda loop: len(loop.body)))
    count.add(*inner.select(), step_products / products)
    count.add(*outer.select(without=inner.loop.body))
    count.products = step_products
    count.multiplications = outer.multiplications()
    count.has_unknown = any(
        loop.body < outer.loop.body and loop.body != inner.loop.body
        for loop in listing.loops)
    return count
