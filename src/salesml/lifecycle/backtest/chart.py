"""The picture of a backtest: small multiples over the dates, with intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from salesml.lifecycle.backtest.pooled import Pooled
from salesml.lifecycle.backtest.replay import Played
from salesml.lifecycle.backtest.stability import Stability
from salesml.model import Estimate

INK, MUTED, ACCENT, WARM = "#1f2933", "#9aa5b1", "#0b7285", "#c2570c"
LINES = ("#0b7285", "#c2570c", "#5f3dc4", "#2b8a3e", "#a61e4d", "#b08900")
SHADE = "#eef1f4"
SHOWN = 6
"""Groups of features that are drawn."""
LONGEST = 22
"""Letters of a name with which three stand side by side in a legend."""


def draw_backtest(
    played: Sequence[Played],
    steps: Sequence[Stability | None],
    pooled: Pooled | None,
    path: Path,
    *,
    title: str,
) -> Path:
    """Draw ranking, probabilities, lift, money, stability and main features over the dates.

    Dates whose outcome is not known yet stand on a grey ground.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels: list[Callable[[Any], None]] = [
        lambda axes: _ranking(axes, played, pooled),
        lambda axes: _said(axes, played),
        lambda axes: _lift(axes, played),
        (lambda axes: _money(axes, played))
        if any(each.money for each in played)
        else (lambda axes: _slope(axes, played)),
        lambda axes: _kept(axes, played, steps),
        lambda axes: _features(axes, played),
    ]
    figure = Figure(figsize=(11.5, 10.5), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(3, 2).ravel()
    for axes, panel in zip(grid, panels, strict=True):
        _frame(axes, played)
        panel(axes)
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
    # Metadata would name the version of matplotlib; without it equal charts are equal files.
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def _frame(axes: Any, played: Sequence[Played]) -> None:
    """A time axis that names the dates, with a grey ground behind those that are not ripe."""
    days = [each.as_of for each in played]
    gap = min([(b - a).days for a, b in pairwise(days)] or [14])
    edge = dt.timedelta(days=max(4, 0.5 * gap))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_xlim(days[0] - edge, days[-1] + edge)
    every = -(-len(days) // 6)
    shown = days[::-1][::every][::-1]
    axes.set_xticks(shown, [f"{day.day} {day:%b}\n{day.year}" for day in shown])
    waiting = [each.as_of for each in played if not each.turn.ripe]
    if waiting:
        axes.axvspan(waiting[0] - edge, days[-1] + edge, color=SHADE, zorder=0, linewidth=0)


def _title(axes: Any, text: str) -> None:
    axes.set_title(text, fontsize=11, loc="left", color=INK)


def _legend(axes: Any, **more: Any) -> None:
    axes.legend(frameon=False, fontsize=8.5, **more)


def _percent(axes: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))


def _bars(
    axes: Any, found: Sequence[tuple[dt.date, Estimate]], label: str, color: str = ACCENT, shift: float = 0.0
) -> None:
    """Points with their intervals, joined in order."""
    if not found:
        return
    days = [day + dt.timedelta(days=shift) for day, _ in found]
    values = np.array([each.value for _, each in found])
    error = np.array([[e.value - e.low for _, e in found], [e.high - e.value for _, e in found]])
    axes.errorbar(
        days, values, yerr=np.nan_to_num(np.maximum(error, 0.0)), color=color, marker="o", markersize=4.5,
        linewidth=1.4, elinewidth=1.1, capsize=2, label=label,
    )  # fmt: skip


def _of(played: Sequence[Played], name: str) -> list[tuple[dt.date, Estimate]]:
    return [(each.as_of, each.evaluation.metrics[name]) for each in played if each.evaluation]


def _spacing(played: Sequence[Played]) -> float:
    """Days by which two series are set apart so that their intervals do not hide each other."""
    days = [each.as_of for each in played]
    return 0.08 * min([(b - a).days for a, b in pairwise(days)] or [14])


def _ranking(axes: Any, played: Sequence[Played], pooled: Pooled | None) -> None:
    if not all(each.turn.ripe for each in played):
        axes.annotate("outcome not\nknown yet", (0.99, 0.98), xycoords="axes fraction", ha="right", va="top",
                      color=MUTED, fontsize=9)  # fmt: skip
    _bars(axes, _of(played, "auc"), "model")
    rival = "best single column"
    others = [(each.as_of, each.evaluation.baselines[rival]["auc"]) for each in played if each.evaluation]
    if others:
        axes.plot(*zip(*[(day, e.value) for day, e in others], strict=True), color=MUTED, marker="o",
                  markersize=3.5, linewidth=1.2, label=f"{rival} of each date")  # fmt: skip
        _legend(axes, loc="best")
    text = "How well it ranks: AUC"
    if pooled:
        auc = pooled.metrics["auc"]
        axes.axhline(auc.value, color=ACCENT, linewidth=0.8, linestyle=":")
        text += f", {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}] on average"
    _title(axes, text)


def _said(axes: Any, played: Sequence[Played]) -> None:
    predicted = [each for each in played if len(each.p)]
    shift = _spacing(played)
    tested = [(each.as_of, each.evaluation) for each in predicted if each.evaluation]
    # The interval of the difference is drawn at the observed rate: what matters is whether it
    # reaches what was said.
    true = [
        (day, Estimate(e.observed, e.mean_p - e.metrics["drift"].high, e.mean_p - e.metrics["drift"].low))
        for day, e in tested
    ]
    axes.plot(
        [each.as_of for each in predicted], [float(each.p.mean()) for each in predicted], color=ACCENT,
        marker="D", markersize=4.5, linewidth=1.4, label="said on average",
    )  # fmt: skip
    _bars(axes, true, "came true", INK, shift)
    axes.set_ylim(bottom=0)
    _percent(axes)
    _title(axes, "Is what it says true?")
    _legend(axes, loc="best")


def _lift(axes: Any, played: Sequence[Played]) -> None:
    _bars(axes, _of(played, "lift_10"), "model")
    axes.axhline(1, color=MUTED, linewidth=1, linestyle="--")
    axes.set_ylim(bottom=0)
    _title(axes, "Outcomes in the first tenth of the list, times the average")
    axes.annotate("in any order", (0.99, 1), xycoords=("axes fraction", "data"), xytext=(0, 3),
                  textcoords="offset points", ha="right", color=MUTED, fontsize=9)  # fmt: skip


def _money(axes: Any, played: Sequence[Played]) -> None:
    from matplotlib.ticker import EngFormatter

    predicted = [each for each in played if len(each.p)]
    tested = [each for each in predicted if each.money]
    axes.plot(
        [each.as_of for each in predicted],
        [float(each.p @ each.rows.value) for each in predicted],
        color=ACCENT, marker="D", markersize=4.5, linewidth=1.4, label="expected loss",
    )  # fmt: skip
    _bars(axes, [(e.as_of, e.money["value_lost"]) for e in tested], "lost", INK, _spacing(played))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(EngFormatter(sep=""))
    _title(axes, "Money expected to be lost, and lost")
    _legend(axes, loc="best")


def _slope(axes: Any, played: Sequence[Played]) -> None:
    _bars(axes, _of(played, "calibration_slope"), "slope")
    axes.axhline(1, color=MUTED, linewidth=1, linestyle="--")
    _title(axes, "Calibration slope: under 1 its probabilities are too extreme")


def _kept(axes: Any, played: Sequence[Played], steps: Sequence[Stability | None]) -> None:
    shift = _spacing(played)
    series = {
        "same rows, model before: order": ("model_order", LINES[2], -shift),
        "same accounts a date before: order": ("order", ACCENT, 0.0),
        "same accounts: first tenth": ("top", WARM, shift),
        "what moves the scores": ("features", MUTED, 2 * shift),
    }
    for label, (name, color, moved) in series.items():
        found = [
            (each.as_of, getattr(step, name))
            for each, step in zip(played, steps, strict=True)
            if step and getattr(step, name)
        ]
        _bars(axes, found, label, color, moved)
    axes.set_ylim(0, 1.03)
    _title(axes, "What is kept from the date before (1: all of it)")
    if len(played) > 1:
        _legend(axes, loc="lower left", ncols=2)


def _features(axes: Any, played: Sequence[Played]) -> None:
    explained = [(each.as_of, each.explained.shares) for each in played if each.explained]
    total: dict[str, float] = {}
    for _, shares in explained:
        for name, share in shares.items():
            total[name] = total.get(name, 0.0) + share
    leaders = sorted(total, key=lambda name: -total[name])[:SHOWN]
    for name, color in zip(leaders, LINES, strict=False):
        axes.plot(
            [day for day, _ in explained], [shares.get(name, 0.0) for _, shares in explained],
            color=color, marker="o", markersize=4, linewidth=1.4, label=name,
        )  # fmt: skip
    columns = 3 if max(map(len, leaders), default=0) <= LONGEST else 2
    room = 1.65 - 0.1 * columns
    axes.set_ylim(0, room * max([max(shares.values()) for _, shares in explained] or [1.0]))
    _percent(axes)
    _title(axes, "What moves the scores: share of all contributions")
    if leaders:
        _legend(axes, loc="upper center", ncols=columns)
