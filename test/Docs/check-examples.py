# SPDX-License-Identifier: Apache-2.0
"""Parses and verifies the examples in the op descriptions of a dialect.

Reads the op records of a dialect's .td file from TableGen, so that
descriptions that a class builds count too. Every op must have a ```mlir block
that holds the op itself. The operands that a block uses but does not make
become arguments of a function whose types are those of the op's functional
type; then shift-opt parses and verifies the function.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"```mlir\n(.*?)```", re.DOTALL)
OPENING, CLOSING = "(<[{", ")>]}"
STATEMENT = re.compile(r"(?:([%\w:, ]+?)\s*=\s*)?([\w.]+)\s*(.*)", re.DOTALL)


def split_outside(text: str, separator: str) -> list[str]:
    """Splits where no bracket is open; the `>` of an arrow closes none."""
    parts, depth, begin = [], 0, 0
    for i, char in enumerate(text):
        if char in OPENING:
            depth += 1
        elif char in CLOSING and text[i - 1:i + 1] != "->":
            depth -= 1
        elif depth == 0 and text.startswith(separator, i):
            parts.append(text[begin:i].strip())
            begin = i + len(separator)
    return parts + [text[begin:].strip()]


def statements(block: str) -> list[str]:
    """The ops of a block: each starts on a line of its own indentation."""
    ops: list[str] = []
    for line in filter(str.strip, block.splitlines()):
        if line.startswith((" ", "\t")):
            ops[-1] += "\n" + line
        else:
            ops.append(line)
    return ops


def free_operands(ops: list[str]) -> dict[str, str]:
    """Names and types of the operands that no op of the block makes."""
    arguments: dict[str, str] = {}
    made: set[str] = set()
    for op in ops:
        results, _, rest = STATEMENT.fullmatch(op).groups()
        names = re.findall(r"%\w+", re.split(r"[{:]", rest, maxsplit=1)[0])
        if names:
            signature = split_outside(split_outside(rest, " : ")[-1], "->")[0]
            types = split_outside(signature.strip()[1:-1], ",")
            if len(types) != len(names):
                raise ValueError(f"{len(names)} operands, {len(types)} types")
            for name, kind in zip(names, types):
                if name not in made:
                    arguments[name] = kind
        made.update(re.findall(r"%\w+", results or ""))
    return arguments


def wrap(op: str, block: str) -> str:
    """A function around the ops of one block."""
    lines = [line for line in block.splitlines() if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    ops = statements("\n".join(line[indent:] for line in lines))
    if not any(STATEMENT.fullmatch(text)[2] == op for text in ops):
        raise ValueError("the example does not hold the op")
    arguments = ", ".join(f"{name}: {kind}"
                          for name, kind in free_operands(ops).items())
    return f"func.func @example({arguments}) {{\n" + "\n".join(
        ops) + "\nreturn\n}\n"


def read_examples(td: pathlib.Path, root: pathlib.Path) -> dict[str, list[str]]:
    """The example blocks of every op that `td` defines."""
    tblgen = shutil.which("llvm-tblgen")
    if not tblgen:
        sys.exit("llvm-tblgen is not on PATH")
    include = pathlib.Path(tblgen).resolve().parents[1] / "include"
    dumped = subprocess.run(
        [tblgen, "--dump-json", f"-I{include}", f"-I{root}", str(td)],
        check=True, capture_output=True, text=True).stdout
    records = json.loads(dumped)
    examples = {}
    for name in records["!instanceof"]["Op"]:
        record = records[name]
        dialect = records[record["opDialect"]["def"]]["name"]
        examples[f"{dialect}.{record['opName']}"] = BLOCK.findall(
            record["description"])
    return examples


def verify(module: str) -> str:
    """What shift-opt says against a module, which is nothing if it is right."""
    with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
        file.write(module)
        file.flush()
        done = subprocess.run(
            ["shift-opt", "--split-input-file", "--verify-roundtrip", file.name,
             "-o", "/dev/null"], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr or "no message"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, required=True,
                        help="folder that the includes of .td files start at")
    parser.add_argument("td", type=pathlib.Path)
    arguments = parser.parse_args()
    modules: list[tuple[str, str]] = []
    problems: list[str] = []
    examples = read_examples(arguments.td, arguments.root)
    for op, blocks in examples.items():
        if not blocks:
            problems.append(f"{op}: expected an example, got none")
        for block in blocks:
            try:
                modules.append((op, wrap(op, block)))
            except (AttributeError, ValueError) as error:
                problems.append(f"{op}: {error}")
    # One process for all; another for each only to name what is wrong.
    if verify("// -----\n".join(module for _, module in modules)):
        for op, module in modules:
            if message := verify(module):
                problems.append(f"{op}: {message}")
    print("\n".join(problems), file=sys.stderr)
    print(f"{len(modules)} examples of {len(examples)} ops, "
          f"{len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
