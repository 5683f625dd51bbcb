# SPDX-License-Identifier: Apache-2.0
"""Builds a binary ONNX file from ONNX's text form.

The text is what onnx.parser reads; lines that begin with // are comments, so
that a test's RUN and CHECK lines can stand in the same file. With --damage=N
only the first N bytes are written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import onnx.parser


def strip_comments(text: str) -> str:
    """The text without lines that begin with //."""
    lines = text.splitlines()
    kept = [line for line in lines if not line.lstrip().startswith("//")]
    return "\n".join(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="ONNX text")
    parser.add_argument("output", type=Path, help="binary file to write")
    parser.add_argument(
        "--damage", type=int, help="write only this many bytes"
    )
    options = parser.parse_args()
    text = strip_comments(options.source.read_text(encoding="utf-8"))
    data = onnx.parser.parse_model(text).SerializeToString()
    options.output.write_bytes(data[: options.damage])


if __name__ == "__main__":
    main()
