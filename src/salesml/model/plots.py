"""Pictures of an evaluation. They are drawn without matplotlib's global state, so any thread may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from salesml.model.evaluation import Evaluation

INK, MUTED, ACCENT = "#1f2933", "#9aa5b1", "#0b7285"
SIZE = (5.6, 4.4)


def draw(evaluation: Evaluation, folder: Path, *, outcome: str = "the outcome") -> tuple[Path, ...]:
    """Draw the reliability plot, the gains curve and the distribution of scores as PNG files.

    Parameters
    ----------
    evaluation : Evaluation
    folder : Path
        Made if it is not there; ``reliability.png``, ``gains.png`` and ``scores.png`` are written.
    outcome : str
        What happens to a positive, as a noun such as ``"churn"``.

    Returns
    -------
    tuple of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    plots = {"reliability": _reliability, "gains": _gains, "scores": _scores}
    paths = []
    for name, plot in plots.items():
        figure, axes = _canvas()
        plot(axes, evaluation, outcome)
        paths.append(folder / f"{name}.png")
        # Metadata would name the version of matplotlib; without it equal plots are equal files.
        figure.savefig(paths[-1], dpi=120, metadata={"Software": None})
    return tuple(paths)


def _canvas() -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    return figure, axes


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=None))


def _reliability(axes: Any, evaluation: Evaluation, outcome: str) -> None:
    bins = evaluation.reliability
    said = np.array([line.mean_p for line in bins])
    seen = np.array([line.observed for line in bins])
    low, high = np.array([line.low for line in bins]), np.array([line.high for line in bins])
    end = min(1.0, 1.08 * float(max(said.max(), high.max())))
    axes.plot([0, end], [0, end], color=MUTED, linewidth=1, linestyle="--")
    error = np.maximum([seen - low, high - seen], 0.0)
    axes.errorbar(said, seen, yerr=error, color=ACCENT, marker="o", markersize=5, linewidth=1.4, capsize=2)
    axes.set(xlim=(0, end), ylim=(0, end), xlabel="probability said", ylabel=f"share with {outcome}")
    error_figure = evaluation.metrics["calibration_error"].value
    axes.set_title(
        f"Is what it says true? It misses by {100 * error_figure:.1f} points", fontsize=11, loc="left"
    )
    for axis in (axes.xaxis, axes.yaxis):
        _percent(axis)
    axes.annotate("dashed: exactly as said", (end * 0.97, end * 0.04), color=MUTED, ha="right", fontsize=9)


def _gains(axes: Any, evaluation: Evaluation, outcome: str) -> None:
    share, gain = np.array(evaluation.curve).T
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    axes.plot(share, gain, color=ACCENT, linewidth=2)
    top = float(np.interp(0.2, share, gain))
    axes.plot([0.2, 0.2, 0], [0, top, top], color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(
        f"the first 20 % of the list\nhold {top:.0%}",
        (0.2, top),
        (0.24, top - 0.02),
        fontsize=9,
        va="top",
        backgroundcolor="white",
    )
    axes.annotate("in any order", (0.8, 0.78), color=MUTED, fontsize=9, va="top")
    axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="share of the list, highest first")
    axes.set_ylabel(f"share of all with {outcome}")
    auc = evaluation.metrics["auc"]
    axes.set_title(
        f"How early they are found: AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]",
        fontsize=11,
        loc="left",
    )
    for axis in (axes.xaxis, axes.yaxis):
        _percent(axis)


def _scores(axes: Any, evaluation: Evaluation, outcome: str) -> None:
    low, high, negative, positive = np.array(evaluation.histogram).T
    width = high - low
    axes.bar(low, negative, width, align="edge", color=MUTED, label=f"without {outcome}")
    axes.bar(low, positive, width, align="edge", bottom=negative, color=ACCENT, label=f"with {outcome}")
    axes.axvline(evaluation.observed, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(
        f"observed rate {evaluation.observed:.1%}",
        (evaluation.observed, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=9,
        va="top",
    )
    used = high[np.flatnonzero(negative + positive)]
    axes.set(xlim=(0, float(used.max())), xlabel="probability said", ylabel="rows")
    axes.set_title(f"What it says of {evaluation.rows:,} rows", fontsize=11, loc="left")
    axes.legend(frameon=False, fontsize=9, loc="center right")
    _percent(axes.xaxis)
