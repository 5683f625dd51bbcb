# SPDX-License-Identifier: Apache-2.0
"""Writes Fixtures.inc and Inputs/: what Pillow and our decoder make of data.

    PYTHONPATH=python_frontend python test/unit/Detection/make_fixtures.py

Inputs are a pseudo-random sequence that Sequence in the tests repeats, so
only results are stored: boxes as numbers, pixels and tensors as FNV-1a hashes.
Inputs/ holds small files of the pixel formats that an image may have.
"""

from __future__ import annotations

import struct
import sys
import zlib
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


def sixteen_bit_png(pixels: np.ndarray) -> bytes:
    """A PNG of (height, width, 3) uint16, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sum_ = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", sum_
        )

    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def format_rows() -> List[str]:
    """Writes a file of each pixel format; rows {file, width, height, hash}."""
    folder = Path(__file__).with_name("Inputs")
    folder.mkdir(exist_ok=True)
    smooth = picture(5, 4).resize((23, 17), Image.BILINEAR)
    alpha = picture(4, 5).resize(smooth.size).convert("L")
    palette = smooth.quantize(11)
    smooth.convert("L").save(folder / "grey.jpg")
    smooth.convert("CMYK").save(folder / "cmyk.jpg")
    smooth.save(folder / "progressive.jpg", progressive=True)
    smooth.convert("L").save(folder / "grey.png")
    smooth.convert("1").save(folder / "bits.png")
    palette.save(folder / "palette.png")
    palette.save(folder / "transparent.png", transparency=3)
    Image.merge("RGBA", (*smooth.split(), alpha)).save(folder / "alpha.png")
    Image.merge("LA", (smooth.convert("L"), alpha)).save(
        folder / "grey-alpha.png"
    )
    wide = np.asarray(smooth).astype(np.uint16) * 257 ^ 0x5A
    (folder / "sixteen.png").write_bytes(sixteen_bit_png(wide))
    rows = []
    for path in sorted(folder.iterdir()):
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
        table("formatCases", "FileCase", format_rows()),
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
