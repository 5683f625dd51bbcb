# SPDX-License-Identifier: Apache-2.0
"""Checks an ONNX model and prints it in ONNX's text form."""

from __future__ import annotations

import sys

import onnx
import onnx.checker
import onnx.printer


def main() -> None:
    """Reads the model that the first argument names."""
    model = onnx.load(sys.argv[1])
    onnx.checker.check_model(model, full_check=True)
    print(onnx.printer.to_text(model))
    for entry in model.metadata_props:
        print(f"metadata {entry.key}: {entry.value}")


if __name__ == "__main__":
    main()
