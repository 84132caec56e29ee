"""The chart of `benchmarks.explain`: python -m benchmarks.explain_chart RESULT.json docs/img/explain.svg"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

WAYS = {
    "reasons and scores": ("salesml: scores and reasons", "#1b6ca8"),
    "predict": ("LightGBM predict: scores alone", "#8a8a8a"),
    "woodelf": ("WOODELF, one thread", "#c98a1b"),
    "pred_contrib": ("LightGBM pred_contrib (shap)", "#b03a2e"),
}


def main(source: Path, target: Path) -> None:
    cases = json.loads(source.read_text())["cases"]
    bars = [case for case in cases if 10**5 <= case["case"]["rows"] < 10**6]
    lines = [case for case in cases if case["case"]["name"] == "depth 6" or "rows" in case["case"]["name"]]
    charts = [(_bars, bars), *([(_lines, lines)] if len(lines) > 1 else [])]
    with plt.rc_context({"svg.hashsalt": "salesml", "font.size": 9, "svg.fonttype": "none"}):
        size = (5.5 * len(charts), 1.2 + 0.7 * len(bars))
        figure, axes = plt.subplots(1, len(charts), figsize=size, layout="constrained", squeeze=False)
        for place, (draw, shown) in zip(axes[0], charts, strict=True):
            draw(place, shown)
        figure.savefig(target, format="svg", metadata={"Date": None})


def _rate(case: dict[str, Any], way: str) -> float:
    return float(case["case"]["rows"] / median(case["seconds"][way]))


def _bars(axes: Any, cases: list[dict[str, Any]]) -> None:
    height = 0.8 / len(WAYS)
    for number, (way, (label, colour)) in enumerate(WAYS.items()):
        there = [(place, case) for place, case in enumerate(cases) if way in case["seconds"]]
        axes.barh(
            [place + number * height for place, _ in there],
            [_rate(case, way) / _rate(case, "predict") for _, case in there],
            height, color=colour, label=label,
        )  # fmt: skip
    axes.set_yticks([place + 0.3 for place in range(len(cases))], [case["case"]["name"] for case in cases])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("rows a second, predict = 1")
    axes.set_title("300 trees of 31 leaves")
    axes.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.4, 1.12), ncols=2)


def _lines(axes: Any, cases: list[dict[str, Any]]) -> None:
    cases = sorted(cases, key=lambda case: case["case"]["rows"])
    rows = [case["case"]["rows"] for case in cases]
    for way, (label, colour) in WAYS.items():
        if way == "woodelf":
            continue
        extra = [case["build"] + case["read_text"] if "salesml" in label else 0.0 for case in cases]
        seconds = [median(case["seconds"][way]) + more for case, more in zip(cases, extra, strict=True)]
        axes.plot(rows, seconds, marker="o", color=colour, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("rows")
    axes.set_ylabel("seconds, building of tables included")
    axes.set_title("depth 6, 40 features")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
