"""A backtest as text: the table that a terminal shows, and the report that is kept."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from salesml.lifecycle.backtest.pooled import Pooled
from salesml.lifecycle.backtest.replay import PREVIOUS, Played
from salesml.lifecycle.backtest.replayed import Replayed
from salesml.lifecycle.backtest.stability import Stability
from salesml.lifecycle.model_card import describe_label
from salesml.lifecycle.screened import Screened
from salesml.model import Estimate
from salesml.snapshots import Snapshot

WIDTH = 100
NONE = "-"

COLUMNS = (
    ("as-of date", 10), ("rows", 7), ("came true", 9), ("said", 6), ("AUC", 20), ("over best column", 16),
    ("lift 10 %", 9), ("slope", 5), ("order kept", 10), ("features", 8),
)  # fmt: skip


def quality(played: Sequence[Played], steps: Sequence[Stability | None], pooled: Pooled | None) -> str:
    """One line per date, and one for all of them."""
    lines = ["  ".join(_right(name, width) for name, width in COLUMNS)]
    lines += [_line(each, step) for each, step in zip(played, steps, strict=True)]
    if pooled:
        gain = pooled.gains.get("best single column", {}).get("auc")
        said = np.concatenate([each.p for each in played if each.evaluation])
        cells = [
            "all", f"{pooled.rows:,}", f"{pooled.positives / pooled.rows:.1%}",
            f"{said.mean():.1%}",
            _figure(pooled.metrics["auc"]), f"{gain.value:+.3f}" if gain else NONE,
            f"{pooled.metrics['lift_10'].value:.1f}", f"{pooled.metrics['calibration_slope'].value:.2f}",
            "", "",
        ]  # fmt: skip
        lines.append(_joined(cells))
    return "\n".join(lines)


def _line(played: Played, step: Stability | None) -> str:
    evaluation = played.evaluation
    known = evaluation is not None
    metrics = evaluation.metrics if evaluation else {}
    gain = evaluation.gains["best single column"]["auc"] if evaluation else None
    cells = [
        str(played.as_of), f"{len(played.rows):,}", f"{evaluation.observed:.1%}" if evaluation else NONE,
        f"{played.p.mean():.1%}" if len(played.p) else NONE,
        _figure(metrics["auc"]) if known else played.status,
        f"{gain.value:+.3f}" if gain else NONE,
        f"{metrics['lift_10'].value:.1f}" if known else NONE,
        f"{metrics['calibration_slope'].value:.2f}" if known else NONE,
        f"{step.order.value:.2f}" if step and step.order else NONE,
        f"{step.features.value:.2f}" if step and step.features else NONE,
    ]  # fmt: skip
    return _joined(cells)


def _joined(cells: Sequence[str]) -> str:
    return "  ".join(_right(cell, width) for cell, (_, width) in zip(cells, COLUMNS, strict=True)).rstrip()


def _right(text: str, width: int) -> str:
    return text.rjust(width)


def _figure(figure: Estimate) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def money(played: Sequence[Played], currency: str) -> str:
    """What was expected to be lost and what was, or an empty text."""
    lines = []
    for each in played:
        if each.money:
            expected, lost, gap = (each.money[name] for name in ("expected_value", "value_lost", "value_gap"))
            lines.append(
                f"{each.as_of}  {expected.value:>14,.0f}  {lost.value:>14,.0f}  "
                f"{gap.value:>+14,.0f} [{gap.low:+,.0f}, {gap.high:+,.0f}]"
            )
    head = f"{'as-of date':<10}  {'expected loss':>14}  {'lost':>14}  {'too much':>14}  ({currency})"
    return "\n".join([head, *lines]) if lines else ""


def short(found: Replayed) -> str:
    """What a person reads in a terminal when the backtest is done."""
    table = quality(found.played, found.steps, found.pooled)
    return "\n".join([table, "", textwrap.fill(f"Verdict: {found.outlook.text}", WIDTH)])


def report(found: Replayed) -> str:
    """The report in Markdown. No row of the data stands in it."""
    spec, outlook = found.spec, found.outlook
    table, lost = quality(found.played, found.steps, found.pooled), money(found.played, found.currency)
    parts = [
        f"# Backtest of {spec.name}",
        f"Outcome: {describe_label(spec)}.",
        f"## Verdict\n\n**{outlook.kind.capitalize()}.**\n\n" + "\n".join(f"- {e}" for e in outlook.reasons),
        "![Quality, probabilities, lift, stability and main features over the dates](chart.png)",
        f"## Date by date\n\n```\n{table}\n```\n\n{READING}",
        *([f"## Money\n\n```\n{lost}\n```\n\n{MONEY}"] if lost else []),
        *([f"## All dates together\n\n{_pooled(found.pooled)}"] if found.pooled else []),
        f"## What each model could see\n\n```\n{found.plan.summary()}\n```\n\n{_seen(found.snapshot)}",
        *([Screened(found.screening).card().strip()] if found.screening else []),
        f"## Rows\n\n```\n{found.snapshot.summary()}\n```",
    ]
    return "\n\n".join(parts) + "\n"


MONEY = (
    "Expected loss is the sum of probability times value; lost is the value of those who left. Brackets are "
    "95 % intervals of the difference, resampled by account."
)


READING = (
    "Brackets are 95 % intervals, resampled by account. *Over best column*: AUC above that of the column "
    "which alone predicts best in training. *Slope*: calibration slope, under 1 too extreme. *Order kept*: "
    "rank correlation with the date before, of the accounts on both. *Features*: agreement of what moves the "
    "scores with the date before, 1 is the same order. Every figure is in `table.csv`."
)


def _pooled(pooled: Pooled) -> str:
    lines = ["| figure | mean over the dates | 95 % interval |", "|---|---|---|"]
    lines += [_cells(name.replace("_", " "), each) for name, each in pooled.metrics.items()]
    for rival, gains in pooled.gains.items():
        note = " (from the second date on)" if rival == PREVIOUS else ""
        lines += [
            _cells(f"gain in {metric.replace('_', ' ')} over {rival}{note}", each)
            for metric, each in gains.items()
        ]
    for name, trend in pooled.trends.items():
        label = f"change of {name.replace('_', ' ')} from the first date to the last (all trends together)"
        lines.append(_cells(label, trend.change))
    return "\n".join(lines)


def _cells(name: str, figure: Estimate) -> str:
    return f"| {name} | {figure.value:.4f} | {figure.low:.4f} to {figure.high:.4f} |"


def _seen(snapshot: Snapshot) -> str:
    text = (
        "Features see the days before each date; labels to learn from were known on it. Nothing else passes "
        "from a later date to an earlier one."
    )
    undated = [feature.name for feature in snapshot.features if feature.undated]
    if not undated:
        return text
    return (
        f"{text}\n\n**But for {', '.join(undated)}**: nobody wrote down when they changed, so every date "
        "sees them as they are today. If they change over time, or are filled in after the outcome, earlier "
        "dates look better here than they were."
    )
