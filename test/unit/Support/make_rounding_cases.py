# SPDX-License-Identifier: Apache-2.0
"""Write rounding-cases.csv and window-cases.csv beside this file.

The rounding rules are restated over exact rational numbers, without any
floating-point arithmetic, so that the tables judge both the C++ library and
the NumPy reference. Run it again only when the rules change.
"""
import csv
import random
import struct
from fractions import Fraction
from pathlib import Path

ROUNDINGS = ("nearest", "log", "stochastic")
UNDERFLOWS = ("zero", "raise")
SPAN = 23


def power(exponent: int) -> Fraction:
    """Return 2^exponent."""
    return Fraction(2) ** exponent


def floor_log2(magnitude: Fraction) -> int:
    """Return floor(log2 magnitude) of a positive rational."""
    k = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    while power(k) > magnitude:
        k -= 1
    while power(k + 1) <= magnitude:
        k += 1
    return k


def round_term(w: Fraction, lo: int, hi: int, rounding: str, underflow: str,
               number: int) -> tuple[int, int]:
    """Return sign and exponent of one term, (0, 0) for none."""
    if w == 0:
        return 0, 0
    magnitude, sign = abs(w), 1 if w > 0 else -1
    if magnitude < power(lo):
        if underflow == "zero" and magnitude <= power(lo - 1):
            return 0, 0
        return sign, lo
    k = floor_log2(magnitude)
    if rounding == "nearest":
        is_up = magnitude - power(k) > power(k + 1) - magnitude
    elif rounding == "log":
        is_up = magnitude * magnitude > power(2 * k + 1)
    else:
        is_up = (magnitude / power(k) - 1) * 2**23 > number
    return sign, min(k + is_up, hi)


def round_terms(w: Fraction, lo: int, hi: int, rounding: str, underflow: str,
                number: int, terms: int) -> list[tuple[int, int]]:
    """Return `terms` pairs of sign and exponent."""
    result = [round_term(w, lo, hi, rounding, underflow, number)]
    further = "nearest" if rounding == "stochastic" else rounding
    first = result[0][1]
    while len(result) < terms:
        sign, exponent = result[-1]
        w -= sign * power(exponent)
        low, high = max(lo, first - SPAN), exponent - 1
        if sign == 0 or high < low:
            result.append((0, 0))
        else:
            result.append(round_term(w, low, high, further, "zero", 0))
    return result


def value_of(terms: list[tuple[int, int]]) -> Fraction:
    """Return the sum of the terms."""
    return sum((s * power(p) for s, p in terms), Fraction(0))


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Return ten rounds of Philox4x32."""
    mask = 2**32 - 1
    for _ in range(10):
        p0, p1 = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(p1 >> 32) ^ counter[1] ^ key[0], p1 & mask,
                   (p0 >> 32) ^ counter[3] ^ key[1], p0 & mask]
        key = [(key[0] + 0x9E3779B9) & mask, (key[1] + 0xBB67AE85) & mask]
    return counter


def uniform23(seed: int, name: str, step: int, index: int) -> int:
    """Return the 23-bit random number of one weight."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    key ^= seed
    mask = 2**32 - 1
    words = philox([step & mask, step >> 32, index & mask, index >> 32],
                   [key & mask, key >> 32])
    return words[0] >> 9


def text_of(terms: list[tuple[int, int]]) -> str:
    """Return terms as sign and exponent, `+3 --1 .` for 2^3 - 2^-1."""
    return " ".join(".+-"[s] + (str(p) if s else "") for s, p in terms)


def float_of(bits: int) -> float:
    """Return the float32 of 32 bits."""
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def sample_values(rng: random.Random) -> list[float]:
    """Return values at and around every border, and random ones."""
    mantissas = (0, 1, 0x3504F3, 0x3504F4, 0x3FFFFF, 0x400000, 0x400001,
                 0x7FFFFF)
    values = [0.0, -0.0, 3.0, 1.5, 100.0, -100.0, 48.0, 56.0]
    values += [float_of(bits) for bits in (0x3F19999A, 0x3DCCCCCD, 0x3F666666)]
    for biased in (0, 1, 103, 115, 116, 117, 118, 126, 127, 130, 132, 133,
                   180, 254):
        for mantissa in mantissas:
            sign = rng.randrange(2) << 31
            values.append(float_of(sign | biased << 23 | mantissa))
    for _ in range(60):
        biased = rng.randrange(112, 136)
        values.append(float_of(rng.randrange(2) << 31 | biased << 23
                               | rng.randrange(2**23)))
    return values


def write_cases(path: Path) -> None:
    """Write single values: one rounding each."""
    rng = random.Random(20)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["value", "lo", "hi", "rounding", "underflow",
                         "random23", "terms"])
        for lo, hi in ((-10, 5), (-4, 3), (-126, 127), (0, 0)):
            for value in sample_values(rng):
                rounding = rng.choice(ROUNDINGS)
                underflow = rng.choice(UNDERFLOWS)
                number = rng.randrange(2**23)
                terms = round_terms(Fraction(value), lo, hi, rounding,
                                    underflow, number, rng.randrange(1, 4))
                writer.writerow([value.hex(), lo, hi, rounding, underflow,
                                 number, text_of(terms)])


def window_row(rng: random.Random, lo: int, hi: int, window: int,
               weights: list[float]) -> list:
    """Return one channel with its best window, by exact error sums."""
    rounding, underflow = rng.choice(ROUNDINGS), rng.choice(UNDERFLOWS)
    terms, seed = rng.randrange(1, 4), rng.randrange(2**64)
    step = rng.randrange(2**32)
    name = rng.choice(("conv.weight", "head/cls", ""))
    best = None
    for top in range(min(hi, lo + window - 1), hi + 1):
        rounded = [
            round_terms(Fraction(w), max(lo, top - window + 1), top, rounding,
                        underflow, uniform23(seed, name, step, i), terms)
            for i, w in enumerate(weights)]
        error = sum((Fraction(w) - value_of(t)) ** 2
                    for w, t in zip(weights, rounded))
        if best is None or error < best[0]:
            best = error, top, rounded
    return [lo, hi, window, rounding, underflow, terms, seed, step, name,
            " ".join(w.hex() for w in weights), best[1],
            ";".join(text_of(t) for t in best[2])]


def write_windows(path: Path) -> None:
    """Write channels: weights on a grid of 2^-14, so error sums are exact."""
    rng = random.Random(21)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["lo", "hi", "window", "rounding", "underflow",
                         "terms", "seed", "step", "name", "weights", "top",
                         "rounded"])
        for lo, hi, window in ((-10, 5, 7), (-10, 5, 3), (-4, 3, 1),
                               (-4, 3, 20), (-12, 0, 5)):
            writer.writerow(window_row(rng, lo, hi, window, [0.0] * 3))
            for scale in (-9, -6, -3, 0):
                for _ in range(4):
                    weights = [round(rng.gauss(0, 2.0**scale) * 2**14) / 2**14
                               for _ in range(rng.randrange(1, 24))]
                    writer.writerow(window_row(rng, lo, hi, window, weights))


if __name__ == "__main__":
    folder = Path(__file__).parent
    write_cases(folder / "rounding-cases.csv")
    write_windows(folder / "window-cases.csv")
