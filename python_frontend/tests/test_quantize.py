# SPDX-License-Identifier: Apache-2.0
"""The NumPy reference of rounding, against the tables of exact results."""

import csv
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np
import pytest

from shift_frontend.quantize import (
    PowerOfTwoOptions,
    fnv1a64,
    philox4x32,
    round_terms,
    round_weights,
    terms_value,
)

TABLES = Path(__file__).resolve().parents[2] / "test" / "unit" / "Support"


def read_table(name: str) -> List[Dict[str, str]]:
    """Rows of a table that the C++ tests read too."""
    with (TABLES / name).open(newline="") as file:
        return list(csv.DictReader(file))


def parse_terms(text: str) -> List[Tuple[int, int]]:
    """Signs and exponents of `+3 --1 .`."""
    signs = {"+": 1, "-": -1, ".": 0}
    return [
        (signs[part[0]], int(part[1:] or 0)) for part in text.split(" ")
    ]


def test_single_values_match_the_table() -> None:
    rows = read_table("rounding-cases.csv")
    assert len(rows) > 700
    for row in rows:
        want = parse_terms(row["terms"])
        signs, exponents = round_terms(
            np.array(float.fromhex(row["value"]), dtype=np.float32),
            np.int64(row["lo"]),
            np.int64(row["hi"]),
            row["rounding"],
            row["underflow"],
            len(want),
            np.int64(row["random23"]),
        )
        assert list(zip(signs.tolist(), exponents.tolist())) == want, row


def test_windows_match_the_table() -> None:
    rows = read_table("window-cases.csv")
    assert len(rows) > 80
    for row in rows:
        options = PowerOfTwoOptions(
            lo=int(row["lo"]),
            hi=int(row["hi"]),
            window=int(row["window"]),
            rounding=row["rounding"],
            underflow=row["underflow"],
            terms=int(row["terms"]),
            seed=int(row["seed"]),
            step=int(row["step"]),
        )
        weights = [float.fromhex(w) for w in row["weights"].split(" ")]
        result = round_weights(np.array([weights]), options, row["name"])
        want = [parse_terms(text) for text in row["rounded"].split(";")]
        pairs = np.stack([result.signs[0], result.exponents[0]], axis=-1)
        assert result.window_tops.tolist() == [int(row["top"])]
        assert pairs.tolist() == [[list(p) for p in t] for t in want], row


def test_channels_choose_their_own_windows() -> None:
    small, large = [2.0**-8, 2.0**-9], [32.0, -16.0]
    options = PowerOfTwoOptions(window=3)
    result = round_weights(np.array([small, large]), options)
    assert result.window_tops.tolist() == [-8, 5]
    assert result.values.tolist() == [[2.0**-8, 2.0**-9], large]


def test_counts() -> None:
    weights = np.array([[0.0, 2.0**-12, 2.0**-10], [32.0, 33.0, -1000.0]])
    result = round_weights(weights)
    assert (result.zeros, result.underflowed, result.saturated) == (2, 1, 2)
    assert result.window_tops is None


def test_sums_are_exact_float32() -> None:
    weights = np.random.default_rng(3).normal(size=(4, 1000))
    result = round_weights(weights, PowerOfTwoOptions(terms=3))
    exact = terms_value(result.signs, result.exponents)
    assert (result.values == exact).all()
    # Three terms bring the noise below -38 dB, one below -12 dB.
    single = round_weights(weights).values
    power = (weights**2).sum()
    assert ((weights - single) ** 2).sum() < power * 10**-1.2
    assert ((weights - result.values) ** 2).sum() < power * 10**-3.8


def test_stochastic_rounding_is_unbiased() -> None:
    options = PowerOfTwoOptions(rounding="stochastic", seed=5)
    weights = np.full((10, 10000), 1.3, dtype=np.float32)
    values = round_weights(weights, options, "w").values
    assert set(np.unique(values)) == {1.0, 2.0}
    assert values.mean() == pytest.approx(1.3, abs=0.005)


def test_philox_known_answers() -> None:
    zeros = philox4x32(np.zeros((1, 4), dtype=np.uint32), (0, 0))
    assert zeros.tolist() == [[0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]]
    ones = 2**32 - 1
    counter = np.full((1, 4), ones, dtype=np.uint32)
    assert philox4x32(counter, (ones, ones)).tolist() == [
        [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    ]
    assert fnv1a64("foobar") == 0x85944171F73967E8


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="'conv.weight', got inf at index 2"):
        round_weights(np.array([[0, 1], [np.inf, 1]]), name="conv.weight")
    with pytest.raises(ValueError, match="got 5:-10"):
        PowerOfTwoOptions(lo=5, hi=-10)
    with pytest.raises(ValueError, match="rounding"):
        PowerOfTwoOptions(rounding="up")
    with pytest.raises(ValueError, match="terms"):
        PowerOfTwoOptions(terms=4)
