# SPDX-License-Identifier: Apache-2.0
"""Writes the few BCCD images and annotations that the repository carries.

    python -m shift_frontend.bccd_inputs --data=bccd -o test/Inputs/bccd

Four test images (the first that show all classes) with `annotations.json`,
`test.json` with the annotations of the whole test split, eight train images,
evenly spread, under `calibration/`, and the data set's LICENSE.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import List, Optional, Sequence

from .data import BCCD_CLASSES, ImageRecord, load_voc, to_coco

IMAGES = 4
CALIBRATION_IMAGES = 8


def write_coco(path: Path, records: Sequence[ImageRecord]) -> None:
    """Writes the records' COCO document, compactly."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(to_coco(records, BCCD_CLASSES), file, separators=(",", ":"))
        file.write("\n")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description="Pick the BCCD images that the repository carries"
    )
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="Folder with BCCD/ and LICENSE",
    )
    parser.add_argument("-o", "--output", required=True, type=Path)
    options = parser.parse_args(arguments)
    test = load_voc(options.data / "BCCD", "test")
    train = load_voc(options.data / "BCCD", "train")
    shown: List[ImageRecord] = [
        record
        for record in test
        if len(set(record.labels)) == len(BCCD_CLASSES)
    ][:IMAGES]
    calibration = train[:: len(train) // CALIBRATION_IMAGES][
        :CALIBRATION_IMAGES
    ]
    (options.output / "calibration").mkdir(parents=True, exist_ok=True)
    for record in shown:
        shutil.copyfile(record.path, options.output / record.path.name)
    for record in calibration:
        shutil.copyfile(
            record.path, options.output / "calibration" / record.path.name
        )
    write_coco(options.output / "annotations.json", shown)
    write_coco(options.output / "test.json", test)
    shutil.copyfile(options.data / "LICENSE", options.output / "LICENSE")
    return 0


if __name__ == "__main__":
    sys.exit(main())
