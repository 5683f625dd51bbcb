# SPDX-License-Identifier: Apache-2.0
"""Draws what shift-bench --json wrote: bars of GMAC/s, a group a layer.

    python -m shift_frontend.bench_plot bench.json bench.png
"""

from __future__ import annotations

import json
import sys
from typing import Any, List, Mapping


def contenders_of(rows: List[Mapping[str, Any]]) -> List[str]:
    """Names in the order of their first appearance."""
    names: List[str] = []
    for row in rows:
        for result in row["results"]:
            if result["contender"] not in names:
                names.append(result["contender"])
    return names


def draw(report: Mapping[str, Any], path: str) -> None:
    """Writes the picture; dashed lines are the machine's limits."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = report["rows"]
    names = contenders_of(rows)
    width = 0.8 / len(names)
    figure, axes = pyplot.subplots(
        figsize=(max(6, 1.5 + 0.22 * len(rows) * (len(names) + 1)), 5)
    )
    colours = {name: f"C{i % 10}" for i, name in enumerate(names)}
    for i, name in enumerate(names):
        speeds = [
            next((r["gmacs"] for r in row["results"] if r["contender"] == name), 0)
            for row in rows
        ]
        places = [k + (i - (len(names) - 1) / 2) * width for k in range(len(rows))]
        axes.bar(places, speeds, width, label=name, color=colours[name])
    for limit in report["limits"]:
        if limit["strategy"] in colours:
            axes.axhline(
                limit["gmacs"],
                linestyle="--",
                linewidth=0.8,
                color=colours[limit["strategy"]],
            )
    labels = [f"{row['name'].strip('/')}\n{row['shape']}" for row in rows]
    axes.set_xticks(range(len(rows)), labels, rotation=60, ha="right", fontsize=7)
    axes.set_ylabel("GMAC/s")
    axes.set_title(
        f"{report['isa']}, {report['threads']} threads "
        "(dashed: limit of the instructions)"
    )
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=120, bbox_inches="tight", format="png")


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python -m shift_frontend.bench_plot bench.json out.png")
    with open(sys.argv[1]) as file:
        report = json.load(file)
    draw(report, sys.argv[2])


if __name__ == "__main__":
    main()
