# SPDX-License-Identifier: Apache-2.0
"""Checks the numbers of a shift-bench --json file; prints layers and totals.

Usage: check-bench.py FILE
"""

from __future__ import annotations

import json
import math
import sys


def main() -> None:
    with open(sys.argv[1]) as file:
        report = json.load(file)
    limits = {limit["strategy"]: limit["gmacs"] for limit in report["limits"]}
    for row in report["rows"]:
        for result in row["results"]:
            speed = row["macs"] / result["median_ms"] * 1e-6
            assert math.isclose(result["gmacs"], speed, rel_tol=1e-6), result
            if result["contender"] in limits:
                share = speed / limits[result["contender"]]
                assert math.isclose(result["share_of_limit"], share, rel_tol=1e-6)
            assert 0 < result["min_ms"] <= result["median_ms"], result
        names = ",".join(result["contender"] for result in row["results"])
        print(row["name"], row["macs"], row["repeat"], names)
    for total in report["totals"]:
        rows = [row for row in report["rows"] if row["network"] == total["network"]]
        assert total["macs"] == sum(row["macs"] * row["repeat"] for row in rows)
        for result in total["results"]:
            median = sum(
                other["median_ms"] * row["repeat"]
                for row in rows
                for other in row["results"]
                if other["contender"] == result["contender"]
            )
            assert math.isclose(result["median_ms"], median, rel_tol=1e-6), result
        print("total", total["network"], total["macs"], len(total["results"]))


if __name__ == "__main__":
    main()
