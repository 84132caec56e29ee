"""The picture of a look: what moved, the probabilities, quality and rates over the dates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from salesml.model.bootstrap import Estimate
from salesml.monitoring.dated import Dated
from salesml.monitoring.expected import expected
from salesml.monitoring.finding import Finding

INK, MUTED, ACCENT, WARM = "#1f2933", "#9aa5b1", "#0b7285", "#c2570c"
SHOWN = 10
LONGEST = 34


def draw_look(
    grid: Sequence[Dated], findings: Sequence[Finding], promised: Estimate | None, path: Path, *, title: str
) -> Path:
    """Draw the features that moved most, mean probabilities, AUCs and rates."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.5, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    features, scores, quality, rates = figure.subplots(2, 2).ravel()
    for axes in (features, scores, quality, rates):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=8.5)
    _features(features, findings)
    _scores(scores, grid)
    _quality(quality, grid, findings, promised)
    _rates(rates, grid)
    for axes in (scores, quality, rates):
        days = [each.as_of for each in grid][:: max(1, -(-len(grid) // 6))]
        axes.set_xticks(days, [f"{day:%b}\n{day.year}" for day in days])
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    # Metadata would name the version of matplotlib; without it equal charts are equal files.
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def _title(axes: Any, text: str) -> None:
    axes.set_title(text, fontsize=10.5, loc="left", color=INK)


def _features(axes: Any, findings: Sequence[Finding]) -> None:
    found = [each for each in findings if each.check in ("feature", "missing")]
    most = sorted(found, key=lambda each: -each.value)[:SHOWN][::-1]
    axes.barh(range(len(most)), [each.value for each in most],
              color=[WARM if each.alarm else ACCENT for each in most], height=0.55)  # fmt: skip
    for place, each in enumerate(most):
        if each.usual_high is not None:
            axes.plot([each.usual_high] * 2, [place - 0.4, place + 0.4], color=INK, linewidth=1.5)
    axes.set_yticks(range(len(most)), [each.feature[:LONGEST] for each in most])
    _title(axes, "Stability index of features (line: usual; orange: alarm)")


def _scores(axes: Any, grid: Sequence[Dated]) -> None:
    days = [each.as_of for each in grid]
    low, middle, high = ([float(np.quantile(each.p, share)) for each in grid] for share in (0.5, 0.8, 0.95))
    for values, label, color in (
        (high, "19 in 20 below", WARM),
        (middle, "4 in 5 below", ACCENT),
        (low, "half below", MUTED),
    ):
        axes.plot(days, values, marker="o", markersize=3, color=color, label=label)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    _title(axes, "Probabilities")


def _quality(
    axes: Any, grid: Sequence[Dated], findings: Sequence[Finding], promised: Estimate | None
) -> None:
    usable = [each for each in grid if np.ptp(each.p) > 0]
    axes.plot([each.as_of for each in usable], [expected(each.p)["auc"] for each in usable], color=MUTED,
              label="expected of the probabilities")  # fmt: skip
    found = [each for each in findings if each.check == "auc"]
    if found:
        values = [each.value for each in found]
        reach = [
            [value - (each.low or value) for value, each in zip(values, found, strict=True)],
            [(each.high or value) - value for value, each in zip(values, found, strict=True)],
        ]
        axes.errorbar([each.as_of for each in found], values, yerr=np.maximum(reach, 0), color=ACCENT,
                      marker="o", markersize=4, linewidth=1.2, label="once known")  # fmt: skip
    if promised:
        axes.axhline(promised.value, color=WARM, linewidth=1, label="promised in training")
    axes.legend(frameon=False, fontsize=8)
    _title(axes, "AUC")


def _rates(axes: Any, grid: Sequence[Dated]) -> None:
    axes.plot(
        [each.as_of for each in grid], [float(each.p.mean()) for each in grid], color=ACCENT, label="said"
    )
    ripe = [(each.as_of, float(each.y.mean())) for each in grid if each.y is not None]
    if ripe:
        axes.plot(*zip(*ripe, strict=True), color=WARM, marker="o", markersize=3, label="came about")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    _title(axes, "Rate of the outcome")
