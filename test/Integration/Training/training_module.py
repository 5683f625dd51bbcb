# SPDX-License-Identifier: Apache-2.0
"""A differentiated module, run function by function."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "build/bin"


def tool(*command: object) -> str:
    """Runs one of our programs; its stderr is the message of a failure."""
    done = subprocess.run(
        [str(BIN / command[0]), *map(str, command[1:])],
        capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def split(text: str) -> list[str]:
    """Items of a list, at commas outside brackets and strings."""
    items, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        quoted ^= c == '"'
        depth += not quoted and (c in "<([{") - (c in ">)]}" and text[i - 1] != "-")
        if c == "," and depth == 0 and not quoted:
            items.append(text[start:i])
            start = i + 1
    return [item.strip() for item in [*items, text[start:]] if item.strip()]


@dataclass
class Port:
    """An argument or a result: its type's text and what its attributes say."""

    type: str
    parameter: str | None = None
    residual: int | None = None

    @staticmethod
    def parse(text: str) -> "Port":
        parameter = re.search(r'shift.parameter = "([^"]*)"', text)
        residual = re.search(r"shift.residual = (\d+)", text)
        return Port(
            re.search(r"tensor<.*>", text.split(" {")[0]).group(),
            parameter and parameter.group(1),
            int(residual.group(1)) if residual else None,
        )


@dataclass
class Function:
    """One function of a module, as a module that shift-run takes."""

    path: Path
    arguments: list[Port] = field(default_factory=list)
    results: list[Port] = field(default_factory=list)

    def run(self, values: list[np.ndarray], engine: str) -> list[np.ndarray]:
        folder = self.path.with_suffix("")
        folder.mkdir(exist_ok=True)
        inputs = []
        for i, value in enumerate(values):
            inputs.append(folder / f"in{i}.npy")
            np.save(inputs[-1], value)
        tool("shift-run", self.path, f"--engine={engine}", "--input", *inputs,
             "--output-dir", folder / "out")
        return [np.load(folder / "out" / f"y{i}.npy")
                for i in range(len(self.results))]


def functions(module: str, folder: Path) -> dict[str, Function]:
    """@main and @backward of a module's text; outputs are named y0, y1, ..."""
    found = {}
    for text in re.split(r"(?=^  func\.func )", module, flags=re.M)[1:]:
        name, rest = re.match(r"  func\.func @(\w+)\((.*)", text, re.S).groups()
        signature, body = rest.split(" {\n", 1)
        arguments, results = re.match(
            r"(.*)\) -> \(?(.*?)\)?$", signature, re.S).groups()
        function = Function(
            folder / f"{name}.mlir",
            [Port.parse(item) for item in split(arguments)],
            [Port.parse(item) for item in split(results)],
        )
        named = ", ".join(f'{port.type} {{onnx.name = "y{i}"}}'
                          for i, port in enumerate(function.results))
        inputs = ", ".join(
            f"{item.split(':')[0]}: {port.type}"
            for item, port in zip(split(arguments), function.arguments))
        resources = module[module.rindex("\n}") + 2:]
        function.path.write_text(
            f"func.func @main({inputs}) -> ({named}) {{\n"
            + body[:body.rindex("  }")] + "}\n" + resources)
        found[name] = function
    return found
