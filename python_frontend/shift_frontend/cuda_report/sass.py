# SPDX-License-Identifier: Apache-2.0
"""Listings of nvdisasm: instructions, control flow, loops, data flow."""
import re
from dataclasses import dataclass, field
from functools import cached_property

SECTION = re.compile(r"^\.text\.(\S+):$", re.M)
LABEL = re.compile(r"^(\.\w+):")
LINE = re.compile(r"/\*[0-9a-f]+\*/\s+(@!?U?PT?\d*\s+)?([A-Z][\w.]*)\s*(.*?)\s*;")
TARGET = re.compile(r"`\((\.\w+)\)")
REGISTER = re.compile(r"(?<![\w.])(UR|R)(\d+)((?:\.\w+)*)")

#: Opcodes without a destination register.
NO_RESULT = {"ST", "STG", "STS", "STL", "RED", "REDG", "LDGSTS", "BAR", "BRA",
             "EXIT", "RET", "BSSY", "BSYNC", "NOP", "DEPBAR", "LDGDEPBAR",
             "MEMBAR", "ERRBAR", "CALL", "WARPSYNC", "BREAK", "YIELD", "CCTL",
             "NANOSLEEP", "ARRIVES", "FENCE", "STSM"}
BRANCHES = {"BRA", "BRX", "JMP", "CALL"}
ENDS = {"EXIT", "RET"}


@dataclass(frozen=True)
class Instruction:
    #: "@P0" or nothing.
    guard: str
    #: "IMAD.MOV.U32", and its first part.
    opcode: str
    operands: tuple

    @property
    def base(self):
        return self.opcode.split(".", 1)[0]

    @property
    def modifiers(self):
        return self.opcode.split(".")[1:]

    @property
    def target(self):
        for operand in self.operands:
            if found := TARGET.search(operand):
                return found.group(1)
        return None

    def __str__(self):
        return " ".join(filter(None, (self.guard, self.opcode,
                                      ", ".join(self.operands))))

    @property
    def _width(self):
        """Registers of the result."""
        if self.base in ("IMMA", "HMMA"):
            return 2 if "8816" in self.modifiers else 4
        if self.base == "LDSM":
            return int(self.modifiers[-1]) if self.modifiers[-1].isdigit() else 1
        if "128" in self.modifiers:
            return 4
        if "64" in self.modifiers or "WIDE" in self.modifiers or (
                self.base in ("DADD", "DFMA", "DMUL", "CS2R")):
            return 1 if "32" in self.modifiers else 2
        return 1

    @cached_property
    def writes(self):
        """Names of the registers of the result."""
        if self.base in NO_RESULT or not self.operands:
            return ()
        found = REGISTER.fullmatch(self.operands[0])
        if not found:
            return ()
        kind, first = found.group(1), int(found.group(2))
        return tuple(f"{kind}{first + i}" for i in range(self._width))

    @cached_property
    def predicate_writes(self):
        """Predicates that it may write: those before its sources, or any of a
        comparison's."""
        if self.base in NO_RESULT:
            return ()
        start = 0 if self.base in ("ISETP", "FSETP", "DSETP", "PLOP3") else 1
        result = []
        for operand in self.operands[start:]:
            if not re.fullmatch(r"U?P\d", operand):
                break
            result.append(operand)
        return tuple(result)

    @cached_property
    def _sources(self):
        """Operands that are read."""
        return self.operands[1:] if self.writes else self.operands

    @cached_property
    def address_reads(self):
        """Registers that an address in brackets is made of."""
        inside = " ".join(text for operand in self._sources
                          for text in re.findall(r"\[([^\]]*)\]", operand))
        return tuple(_registers(inside, wide=".64" in inside))

    @cached_property
    def value_reads(self):
        """All other registers that it reads."""
        result = []
        for i, operand in enumerate(self._sources):
            outside = re.sub(r"\[[^\]]*\]", "", operand)
            count = 1
            if self.base in ("ST", "STG", "STS", "STL"):
                count = self._width
            elif self.base == "IMMA":
                count = ((1, 1, self._width) if "8816" in self.modifiers
                         else (2, 1, self._width) if "16816" in self.modifiers
                         else (4, 2, self._width))[min(i, 2)]
            elif "WIDE" in self.modifiers and i == 2:
                count = 2
            elif self.base in ("DADD", "DFMA", "DMUL"):
                count = 2
            result += _registers(outside, count=count)
        return tuple(result)


def _registers(text, wide=False, count=1):
    for found in REGISTER.finditer(text):
        kind, number, suffix = found.groups()
        pairs = 2 if wide and ".64" in suffix else count
        for i in range(pairs):
            yield f"{kind}{int(number) + i}"


def _split_operands(text):
    """At commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "[(") - (char in "])")
        if char == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return tuple(part for part in parts if part)


@dataclass
class Block:
    instructions: list = field(default_factory=list)
    successors: list = field(default_factory=list)


@dataclass
class Loop:
    header: int
    body: frozenset
    #: Blocks of the body that jump to the header.
    latches: list


class Listing:
    """The code of one kernel as blocks, the first of them its entry."""

    def __init__(self, text):
        self.blocks = []
        self._read(text)

    def _read(self, text):
        at, falls = {}, []
        block, through = Block(), False

        def finish(is_open):
            nonlocal block
            if block.instructions:
                falls.append(is_open)
                self.blocks.append(block)
            block = Block()

        for line in text.splitlines():
            if label := LABEL.match(line.strip()):
                finish(True)
                at[label.group(1)] = len(self.blocks)
                continue
            found = LINE.search(line)
            if not found:
                continue
            guard, opcode, operands = found.groups()
            operands = operands.replace(".reuse", "")
            instruction = Instruction((guard or "").strip(), opcode,
                                      _split_operands(operands))
            block.instructions.append(instruction)
            if instruction.base in BRANCHES or instruction.base in ENDS:
                # A call comes back.
                through = bool(guard) or instruction.base == "CALL" or any(
                    re.match(r"!?U?P\d", operand)
                    for operand in instruction.operands)
                finish(through)
        finish(False)
        for i, block in enumerate(self.blocks):
            target = at.get(block.instructions[-1].target)
            last = block.instructions[-1]
            if last.base in BRANCHES and target is not None:
                if target < len(self.blocks):
                    block.successors.append(target)
            if falls[i] and i + 1 < len(self.blocks):
                block.successors.append(i + 1)

    @cached_property
    def instructions(self):
        return [i for block in self.blocks for i in block.instructions]

    @cached_property
    def predecessors(self):
        result = [[] for _ in self.blocks]
        for i, block in enumerate(self.blocks):
            for successor in block.successors:
                result[successor].append(i)
        return result

    @cached_property
    def dominators(self):
        """Of each block the set of those that every way to it goes through;
        None where no way goes."""
        result = [None] * len(self.blocks)
        if self.blocks:
            result[0] = {0}
        changed = True
        while changed:
            changed = False
            for i in range(1, len(self.blocks)):
                known = [result[p] for p in self.predecessors[i]
                         if result[p] is not None]
                if not known:
                    continue
                new = set.intersection(*known) | {i}
                if new != result[i]:
                    result[i], changed = new, True
        return result

    @cached_property
    def loops(self):
        """Natural loops; those with one header are one."""
        found = {}
        for i, block in enumerate(self.blocks):
            for header in block.successors:
                above = self.dominators[i]
                if above is None or header not in above:
                    continue
                body, latches = found.setdefault(header, ({header}, []))
                latches.append(i)
                work = [i]
                while work:
                    at = work.pop()
                    if at not in body:
                        body.add(at)
                        work += self.predecessors[at]
        return [Loop(header, frozenset(body), latches)
                for header, (body, latches) in found.items()]

    def innermost(self, loop):
        return not any(other.body < loop.body for other in self.loops)

    @cached_property
    def live(self):
        """Of each block the registers that are read at or after its start
        before they are written."""
        reads, kills = [], []
        for block in self.blocks:
            read, killed = set(), set()
            for i in block.instructions:
                read |= set(i.address_reads + i.value_reads) - killed
                if not i.guard:
                    killed |= set(i.writes)
            reads.append(read)
            kills.append(killed)
        result = [set() for _ in self.blocks]
        changed = True
        while changed:
            changed = False
            for i in reversed(range(len(self.blocks))):
                out = set().union(*(result[s]
                                    for s in self.blocks[i].successors))
                new = reads[i] | (out - kills[i])
                if new != result[i]:
                    result[i], changed = new, True
        return result

    def longest_path(self, loop):
        """The blocks of an iteration that issues the most instructions. Loops
        inside of it are gone through once."""
        order = self._order(loop)
        best = {loop.header: (len(self.blocks[loop.header].instructions), None)}
        for block in order:
            if block not in best:
                continue
            for successor in self.blocks[block].successors:
                if successor not in loop.body or self._is_back(block, successor):
                    continue
                cost = best[block][0] + len(self.blocks[successor].instructions)
                if cost > best.get(successor, (0,))[0]:
                    best[successor] = (cost, block)
        at = max((l for l in loop.latches if l in best),
                 key=lambda latch: best[latch][0])
        path = []
        while at is not None:
            path.append(at)
            at = best[at][1]
        return path[::-1]

    def _is_back(self, block, successor):
        above = self.dominators[block]
        return above is not None and successor in above

    def _order(self, loop):
        """The body's blocks, each after those before it."""
        seen, order = set(), []
        work = [(loop.header, False)]
        while work:
            block, done = work.pop()
            if done:
                order.append(block)
            elif block not in seen:
                seen.add(block)
                work.append((block, True))
                work += [(s, False) for s in self.blocks[block].successors
                         if s in loop.body and not self._is_back(block, s)]
        return order[::-1]


def read_listing(text):
    """{kernel: its Listing} of what `nvdisasm -c` prints."""
    parts = SECTION.split(text)
    return {name: Listing(body.split("\n//---")[0])
            for name, body in zip(parts[1::2], parts[2::2])}
