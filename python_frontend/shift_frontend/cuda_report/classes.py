# SPDX-License-Identifier: Apache-2.0
"""What instructions are for, and which pipe of a multiprocessor runs them."""

#: Columns of the tables.
CLASSES = ("tensor", "dot", "add/shift/logic", "multiply", "float", "move",
           "shared", "global", "copy", "control", "address")

_SHARED = {"LDS", "STS", "LDSM", "STSM", "ATOMS"}
_GLOBAL = {"LDG", "STG", "LD", "ST", "LDL", "STL", "ATOM", "ATOMG", "RED",
           "REDG"}
_COPY = {"LDGSTS", "LDGDEPBAR"}
_CONTROL = {"BRA", "BRX", "JMP", "EXIT", "RET", "CALL", "BAR", "BSSY", "BSYNC",
            "BREAK", "NOP", "WARPSYNC", "DEPBAR", "YIELD", "MEMBAR", "ERRBAR",
            "NANOSLEEP", "FENCE", "ARRIVES", "CCTL"}
_MOVES = {"MOV", "CS2R", "S2R", "LDC", "R2UR", "S2UR", "I2I"}
_TENSOR = {"IMMA", "HMMA", "QMMA", "DMMA", "BMMA"}
_MULTIPLY = {"IMAD", "IMUL", "XMAD", "IMUL32I", "IMADSP", "UIMAD"}
_FLOAT = {"FADD", "FMUL", "FFMA", "FMNMX", "FSETP", "FSEL", "FSET", "MUFU",
          "HADD2", "HMUL2", "HFMA2", "HSETP2", "HMNMX2", "DADD", "DMUL", "DFMA",
          "DSETP", "F2F", "F2I", "I2F", "FRND", "F2FP", "I2FP", "FCHK", "FFMA2"}
_CONVERSIONS = {"F2F", "F2I", "I2F", "FRND", "MUFU"}
_DOUBLE = {"DADD", "DMUL", "DFMA", "DSETP"}
#: With which ptxas makes constants too.
_HALF = {"HFMA2", "HADD2"}
#: IMAD as ptxas writes moves, shifts by constants, additions and carries.
_NO_PRODUCT = {"MOV", "SHL", "IADD", "X"}


def _is_zero(operand):
    return operand.lstrip("-") in ("RZ", "URZ", "0", "0x0")


def is_multiplication(instruction):
    """Whether it computes a product of two values: IMAD that moves, shifts or
    adds does not, nor what only makes a constant (HFMA2.MMA R, -RZ, RZ, 1)."""
    base = instruction.base
    if base in _TENSOR or base == "IDP":
        return True
    if base in _MULTIPLY:
        return not (_NO_PRODUCT & set(instruction.modifiers)) and not any(
            map(_is_zero, instruction.operands[1:3]))
    if base in ("FMUL", "FFMA", "HMUL2", "HFMA2", "DMUL", "DFMA", "FFMA2"):
        return not any(map(_is_zero, instruction.operands[1:3]))
    return False


def classify(instruction, is_data):
    """The class of an instruction. `is_data`: whether its result becomes a part
    of a sum or of a tile, not of an address, a condition or a count."""
    base = instruction.base
    if base in _SHARED:
        return "shared"
    if base in _GLOBAL:
        return "global"
    if base in _COPY:
        return "copy"
    if base in _CONTROL:
        return "control"
    if base in _TENSOR:
        return "tensor"
    if base == "IDP":
        return "dot"
    if not is_data:
        return "address"
    if base in _MOVES or "MOV" in instruction.modifiers or (
            base == "IMAD" and all(map(_is_zero, instruction.operands[1:3]))):
        return "move"
    if base in _MULTIPLY and is_multiplication(instruction):
        return "multiply"
    if base in _HALF and not is_multiplication(instruction):
        return "move"
    if base in _FLOAT:
        return "float"
    return "add/shift/logic"


def pipe(instruction):
    """The pipe that an instruction occupies besides its slot of issue: a field
    of gpus.Family, "shared" for the load and store unit, or nothing."""
    base = instruction.base
    if base in _TENSOR:
        return "mma"
    if base in _SHARED or base in _GLOBAL or base == "LDGSTS":
        return "shared"
    if base in _DOUBLE or (base in _CONVERSIONS and "F64" in instruction.opcode):
        return "float64"
    if base in _CONVERSIONS:
        return "convert"
    if base in _MULTIPLY and base != "UIMAD" or base == "IDP":
        return "multiply"
    if base in ("FADD", "FMUL", "FFMA", "FFMA2", "HADD2", "HMUL2", "HFMA2"):
        return "float32"
    if base in _CONTROL or base in _COPY or base.startswith("U") or (
            base in ("S2R", "S2UR", "LDC", "CS2R")):
        return None
    return "integer"
