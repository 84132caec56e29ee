"""The chart of `benchmarks.scorecard_scale`: growth with the number of accounts.

python -m benchmarks.scorecard_chart benchmarks/results/scorecard_scale.json docs/img/scorecard_scale.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

OURS, SOFT = "#1b6ca8", "#8a8a8a"


def main(source: Path, target: Path) -> None:
    sizes = json.loads(source.read_text())["sizes"]
    with plt.rc_context({"svg.hashsalt": "salesml", "font.size": 9, "svg.fonttype": "none"}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
        _line(left, sizes, "seconds", "by the clock", OURS)
        _line(left, sizes, "cpu_seconds", "of the processor", SOFT)
        left.set_ylabel("seconds")
        left.legend(fontsize=8)
        _line(right, sizes, "peak_gb", "", OURS)
        right.set_ylabel("peak memory, GB")
        figure.savefig(target, format="svg", metadata={"Date": None})


def _line(axes: Any, sizes: list[dict[str, Any]], figure: str, label: str, colour: str) -> None:
    axes.plot(
        [size["accounts"] / 1000 for size in sizes],
        [size[figure] for size in sizes],
        marker="o",
        color=colour,
        label=label,
    )
    axes.set_ylim(bottom=0)
    axes.set_xlabel("thousand accounts, with 50 activities each and 500 reps")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
