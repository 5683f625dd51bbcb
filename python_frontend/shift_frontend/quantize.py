# SPDX-License-Identifier: Apache-2.0
"""NumPy reference of the rounding of weights to signed powers of two.

The same rules as the C++ library's PowerOfTwo.h, stated a second time and
vectorised: it works on exact float64 values instead of bits. Both are tested
against one table of exact results. Needs NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

ROUNDINGS = ("nearest", "log", "stochastic")
UNDERFLOWS = ("zero", "raise")

#: Largest difference of two exponents of one weight.
MAX_TERM_SPAN = 23

#: From this mantissa field on, `log` rounds up: sqrt(2) as a float32.
_LOG_BORDER = 0x3504F4
_NEAREST_BORDER = 0x400000


@dataclass(frozen=True)
class PowerOfTwoOptions:
    """What decides how a tensor is rounded.

    `window` is the number of exponents one output channel may use, 0 for the
    whole range `lo`..`hi`; `terms` the signed powers of two a weight, 1 to 3.
    """

    lo: int = -10
    hi: int = 5
    rounding: str = "nearest"
    underflow: str = "zero"
    window: int = 0
    terms: int = 1
    seed: int = 0
    step: int = 0

    def __post_init__(self) -> None:
        if not -126 <= self.lo <= self.hi <= 127:
            raise ValueError(
                "expected range lo:hi with -126 <= lo <= hi <= 127, got "
                f"{self.lo}:{self.hi}"
            )
        if self.rounding not in ROUNDINGS:
            raise ValueError(
                f"expected rounding in {ROUNDINGS}, got {self.rounding!r}"
            )
        if self.underflow not in UNDERFLOWS:
            raise ValueError(
                f"expected underflow in {UNDERFLOWS}, got {self.underflow!r}"
            )
        if self.window < 0:
            raise ValueError(
                f"expected window of at least 0, got {self.window}"
            )
        if not 1 <= self.terms <= 3:
            raise ValueError(f"expected terms in [1, 3], got {self.terms}")


@dataclass(frozen=True)
class RoundedWeights:
    """A rounded tensor and what the rounding did to it.

    `signs` and `exponents` are int8 of the weights' shape plus (terms,), sign
    and exponent 0 where a term is absent; `values` is their sum, float32.
    `window_tops` has one int8 a channel, or is None without a window.
    """

    signs: np.ndarray
    exponents: np.ndarray
    values: np.ndarray
    window_tops: Optional[np.ndarray]
    saturated: int
    underflowed: int
    zeros: int


def fnv1a64(text: str) -> int:
    """Return the 64-bit FNV-1a hash of the UTF-8 bytes of `text`."""
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def philox4x32(counter: np.ndarray, key: Tuple[int, int]) -> np.ndarray:
    """Return Philox4x32-10 of `counter`, uint32 (..., 4), under two words."""
    c = [counter[..., i].astype(np.uint64) for i in range(4)]
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    for number in range(10):
        keys = [
            np.uint64((key[0] + number * 0x9E3779B9) % 2**32),
            np.uint64((key[1] + number * 0xBB67AE85) % 2**32),
        ]
        product0 = np.uint64(0xD2511F53) * c[0]
        product1 = np.uint64(0xCD9E8D57) * c[2]
        c = [
            (product1 >> shift) ^ c[1] ^ keys[0],
            product1 & low,
            (product0 >> shift) ^ c[3] ^ keys[1],
            product0 & low,
        ]
    return np.stack(c, axis=-1).astype(np.uint32)


def uniform23(seed: int, name: str, step: int, count: int) -> np.ndarray:
    """Return the 23-bit random numbers of an initializer's `count` weights.

    Key = seed xor FNV-1a-64(name), counter = (step, flat index): 64-bit
    numbers, each with its low word first.
    """
    key = (seed ^ fnv1a64(name)) % 2**64
    index = np.arange(count, dtype=np.uint64)
    counter = np.empty((count, 4), dtype=np.uint64)
    counter[:, 0] = step % 2**32
    counter[:, 1] = step >> 32
    counter[:, 2] = index & np.uint64(0xFFFFFFFF)
    counter[:, 3] = index >> np.uint64(32)
    words = philox4x32(counter, (key % 2**32, key >> 32))
    return (words[:, 0] >> np.uint32(9)).astype(np.int64)


def round_term(
    values: np.ndarray,
    lo: np.ndarray,
    hi: np.ndarray,
    rounding: str,
    underflow: str,
    random23: Optional[np.ndarray] = None,
) -> Tuple[np.ndarray, np.ndarray]:
    """Round finite float64 values to one signed power of two each.

    `lo` and `hi` broadcast against `values`. Returns signs and exponents,
    int64, both 0 where the result is 0.
    """
    magnitude = np.abs(values)
    fraction, exponent = np.frexp(magnitude)  # magnitude = fraction * 2^e
    exponent = exponent.astype(np.int64) - 1
    mantissa = np.floor((2 * fraction - 1) * 2.0**23).astype(np.int64)
    if rounding == "nearest":
        is_up = mantissa > _NEAREST_BORDER
    elif rounding == "log":
        is_up = mantissa >= _LOG_BORDER
    else:
        is_up = mantissa > random23
    is_below = exponent < lo
    is_above_half = (exponent == lo - 1) & (mantissa > 0)
    rounded = np.where(is_below, lo, exponent + is_up)
    rounded = np.minimum(rounded, hi)
    is_zero = magnitude == 0
    if underflow == "zero":
        is_zero |= is_below & ~is_above_half
    signs = np.where(is_zero, 0, np.where(values < 0, -1, 1))
    return signs, np.where(is_zero, 0, rounded)


def terms_value(signs: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Return the float64 sum of the terms along the last axis."""
    powers = np.ldexp(1.0, exponents.astype(np.int64))
    return (signs * powers).sum(axis=-1)


def round_terms(
    values: np.ndarray,
    lo: np.ndarray,
    hi: np.ndarray,
    rounding: str,
    underflow: str,
    terms: int,
    random23: Optional[np.ndarray] = None,
) -> Tuple[np.ndarray, np.ndarray]:
    """Round finite float32 values to at most `terms` terms each.

    Every further term rounds the rest by the same rule (nearest if
    stochastic), with underflow zero and an exponent below the previous one.
    Returns signs and exponents of shape (..., terms).
    """
    rest = values.astype(np.float64)
    lo = np.broadcast_to(lo, rest.shape)
    hi = np.broadcast_to(hi, rest.shape)
    pairs = [round_term(rest, lo, hi, rounding, underflow, random23)]
    further = "nearest" if rounding == "stochastic" else rounding
    lowest = np.maximum(lo, pairs[0][1] - MAX_TERM_SPAN)
    for _ in range(1, terms):
        signs, exponents = pairs[-1]
        rest = rest - signs * np.ldexp(1.0, exponents)
        highest = exponents - 1
        has_room = (signs != 0) & (highest >= lowest)
        pair = round_term(rest, lowest, highest, further, "zero")
        pairs.append(tuple(np.where(has_room, part, 0) for part in pair))
    return (
        np.stack([signs for signs, _ in pairs], axis=-1),
        np.stack([exponents for _, exponents in pairs], axis=-1),
    )


def _window_tops(
    weights: np.ndarray,
    options: PowerOfTwoOptions,
    random23: Optional[np.ndarray],
) -> np.ndarray:
    """Return the top of each channel's best window, weights (C, K) float32."""
    lowest = min(options.hi, options.lo + options.window - 1)
    tops = np.arange(lowest, options.hi + 1)
    errors = np.zeros((len(tops), len(weights)))
    for row, top in enumerate(tops):
        signs, exponents = round_terms(
            weights,
            np.int64(max(options.lo, top - options.window + 1)),
            np.int64(top),
            options.rounding,
            options.underflow,
            options.terms,
            random23,
        )
        error = weights.astype(np.float64) - terms_value(signs, exponents)
        if error.shape[1]:
            # A running sum adds in stored order; np.sum would not.
            errors[row] = np.cumsum(error * error, axis=1)[:, -1]
    return tops[np.argmin(errors, axis=0)]


def round_weights(
    weights: np.ndarray,
    options: PowerOfTwoOptions = PowerOfTwoOptions(),
    name: str = "",
) -> RoundedWeights:
    """Round a float32 tensor whose first axis is the output channel.

    `name` is the initializer's, for stochastic rounding and for errors.
    Raises ValueError for a NaN or an infinity.
    """
    weights = np.asarray(weights, dtype=np.float32)
    if not np.isfinite(weights).all():
        index = int(np.flatnonzero(~np.isfinite(weights))[0])
        raise ValueError(
            f"expected finite weights in '{name}', got "
            f"{weights.reshape(-1)[index]} at index {index}"
        )
    channels = weights.shape[0] if weights.ndim else 1
    rows = weights.reshape(channels, weights.size // max(channels, 1))
    random23 = None
    if options.rounding == "stochastic":
        numbers = uniform23(options.seed, name, options.step, weights.size)
        random23 = numbers.reshape(rows.shape)
    lo, hi = np.int64(options.lo), np.int64(options.hi)
    tops = None
    if options.window:
        tops = _window_tops(rows, options, random23)
        hi = tops[:, None]
        lo = np.maximum(lo, hi - options.window + 1)
    signs, exponents = round_terms(
        rows,
        lo,
        hi,
        options.rounding,
        options.underflow,
        options.terms,
        random23,
    )
    is_zero = signs[..., 0] == 0
    is_saturated = np.abs(rows.astype(np.float64)) > np.ldexp(1.0, hi)
    shape = weights.shape + (options.terms,)
    values = terms_value(signs, exponents).astype(np.float32)
    return RoundedWeights(
        signs=signs.astype(np.int8).reshape(shape),
        exponents=exponents.astype(np.int8).reshape(shape),
        values=values.reshape(weights.shape),
        window_tops=None if tops is None else tops.astype(np.int8),
        saturated=int(is_saturated.sum()),
        underflowed=int((is_zero & (rows != 0)).sum()),
        zeros=int(is_zero.sum()),
    )
