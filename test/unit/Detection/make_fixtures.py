# SPDX-License-Identifier: Apache-2.0
"""Writes Fixtures.inc: what Pillow and the Python decoder make of known data.

    PYTHONPATH=python_frontend python test/unit/Detection/make_fixtures.py

Inputs are a pseudo-random sequence that Sequence in the tests repeats, so
only results are stored: boxes as numbers, pixels and tensors as FNV-1a hashes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import List

import numpy as np
from PIL import Image

from shift_frontend.data import ImageInput
from shift_frontend.fcos.decode import DetectorDescription, decode

ROOT = Path(__file__).resolve().parents[3]
RESIZES = [
    (37, 23, 37, 23),
    (37, 23, 16, 16),
    (37, 23, 74, 50),
    (37, 23, 37, 5),
    (37, 23, 9, 23),
    (1, 1, 7, 3),
    (7, 3, 1, 1),
    (200, 3, 3, 200),
    (640, 480, 320, 240),
    (500, 333, 352, 352),
    (100, 100, 99, 101),
]


def sequence(seed: int, count: int) -> np.ndarray:
    """16-bit numbers of a linear congruential generator modulo 2^32."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values.append(state >> 16)
    return np.array(values, dtype=np.int64)


def fnv1a(data: bytes) -> str:
    """64-bit FNV-1a as a C++ literal."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"0x{value:016x}"


def picture(width: int, height: int) -> Image.Image:
    """A pseudo-random RGB image, half of whose pixels are 0 or 255."""
    values = sequence(width * 1000 + height, width * height * 3)
    values = np.clip((values >> 6) - 384, 0, 255).astype(np.uint8)
    return Image.fromarray(values.reshape(height, width, 3))


def resize_rows() -> List[str]:
    """Rows {width, height, new width, new height, hash}."""
    rows = []
    for width, height, to_width, to_height in RESIZES:
        result = picture(width, height).resize(
            (to_width, to_height), Image.BILINEAR
        )
        rows.append(
            f"{{{width}, {height}, {to_width}, {to_height}, "
            f"{fnv1a(result.tobytes())}}},"
        )
    return rows


def tensor_rows() -> List[str]:
    """Rows {layout, order, resize, width, height, hash of the tensor}."""
    rows = []
    for layout, order, resize, width, height in [
        ("NCHW", "RGB", "stretch", 37, 23),
        ("NCHW", "BGR", "keep-ratio", 37, 23),
        ("NHWC", "RGB", "keep-ratio", 23, 61),
        ("NHWC", "BGR", "stretch", 23, 61),
    ]:
        description = ImageInput(
            size=[30, 40],
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            scale=0.75,
            channel_order=order,
            layout=layout,
            resize=resize,
        )
        tensor = description.prepare(picture(width, height))
        rows.append(
            f'{{"{layout}", "{order}", "{resize}", {width}, {height}, '
            f"{fnv1a(tensor.tobytes())}}},"
        )
    return rows


def file_rows() -> List[str]:
    """Rows {file, width, height, hash of the pixels}."""
    rows = []
    for path in sorted((ROOT / "test" / "Inputs" / "bccd").glob("*.jpg"))[:2]:
        with Image.open(path) as image:
            pixels = image.convert("RGB")
        rows.append(
            f'{{"{path.name}", {pixels.width}, {pixels.height}, '
            f"{fnv1a(pixels.tobytes())}}},"
        )
    return rows


def decode_rows(unit: str, coarse: bool, candidates: int) -> List[str]:
    """Rows {x0, y0, x1, y1, score, label} of three levels, three classes.

    With `coarse` values many scores are equal.
    """
    detector = DetectorDescription(
        classes=["a", "b", "c"],
        strides=[8, 16, 32],
        box="exp",
        outputs={},
        box_unit=unit,
        candidates_per_level=candidates,
    )
    height, width, levels = 75, 100, []
    for stride in detector.strides:
        rows, columns = -(-height // stride), -(-width // stride)
        raw = [
            sequence(stride * 10 + i, n * rows * columns).reshape(
                n, rows, columns
            )
            for i, n in enumerate((3, 4, 1))
        ]
        if coarse:
            raw = [values >> 14 << 14 for values in raw]
        cls, box, center = (v.astype(np.float32) for v in raw)
        scale = np.float32(2048 if unit == "pixels" else 2048 * stride)
        levels.append(
            (cls / 8192 - 5, box / scale, center / 8192 - 4)
        )
    found = decode(levels, detector, (height, width))
    return [
        "{"
        + ", ".join(f"{float(v):.9g}" for v in (*box, score))
        + f", {label}}},"
        for box, score, label in zip(found.boxes, found.scores, found.labels)
    ]


def table(name: str, kind: str, rows: List[str]) -> str:
    """A C++ array."""
    body = "\n".join("    " + row for row in rows)
    return f"const {kind} {name}[] = {{\n{body}\n}};\n"


def main() -> int:
    """Writes the file beside this one."""
    parts = [
        "// Written by make_fixtures.py. clang-format off\n",
        table("resizeCases", "ResizeCase", resize_rows()),
        table("tensorCases", "TensorCase", tensor_rows()),
        table("fileCases", "FileCase", file_rows()),
        table(
            "fineBoxes", "Detection", decode_rows("pixels", False, 1000)
        ),
        table(
            "coarseBoxes", "Detection", decode_rows("pixels", True, 1000)
        ),
        table("fewBoxes", "Detection", decode_rows("stride", True, 20)),
    ]
    path = Path(__file__).with_name("Fixtures.inc")
    path.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
