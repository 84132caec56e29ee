"""The chart of `benchmarks.snapshots`: growth with the number of events.

python -m benchmarks.snapshots_chart RESULT.json docs/img/snapshots.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

COLOURS = {
    "salesml": "#1b6ca8", "duckdb join": "#c98a1b", "polars lazy": "#8a8a8a", "pandas": "#b03a2e",
}  # fmt: skip


def main(source: Path, target: Path) -> None:
    sizes = json.loads(source.read_text())["sizes"]
    with plt.rc_context({"svg.hashsalt": "salesml", "font.size": 9, "svg.fonttype": "none"}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
        _lines(left, sizes, "seconds", "seconds")
        _straight(left, sizes)
        _lines(right, sizes, "peak", "peak memory, GB")
        right.axhline(8, color="#444444", linewidth=0.8, linestyle=":")
        left.legend(fontsize=8)
        figure.savefig(target, format="svg", metadata={"Date": None})


def _lines(axes: Any, sizes: list[dict[str, Any]], figure: str, title: str) -> None:
    for way, colour in COLOURS.items():
        fitted = [size for size in sizes if "seconds" in size["ways"][way]]
        axes.plot(
            [size["events"] for size in fitted],
            [size["ways"][way][figure] for size in fitted],
            marker="o", color=colour, label=way,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("events")
    axes.set_ylabel(title)


def _straight(axes: Any, sizes: list[dict[str, Any]]) -> None:
    """The line of as many seconds an event as the largest size takes."""
    last = sizes[-1]
    rate = last["ways"]["salesml"]["seconds"] / last["events"]
    events = [size["events"] for size in sizes]
    axes.plot(
        events, [rate * each for each in events], color="#1b6ca8", linewidth=0.8, linestyle=":",
        label="in proportion to events",
    )  # fmt: skip


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
