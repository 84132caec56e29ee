"""Figures of periods that are not whole: marked, and compared with no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd

from salesml.scorecard.data import Note
from salesml.scorecard.facts import Asked
from salesml.scorecard.metric import Metric
from salesml.scorecard.periods import Period, months_later

INCOMPLETE = "incomplete"
"""The verdict on a figure that is not of a whole period, or whose year before is not."""

KEYS = ["metric", "kind", "start"]


def mark(
    figures: pd.DataFrame, metrics: Sequence[Metric], notes: Iterable[Note], asked: Asked
) -> pd.DataFrame:
    """Figures with the columns ``complete`` and ``lacks``, and without comparisons that would mislead.

    Parameters
    ----------
    figures : DataFrame
        As :func:`salesml.scorecard.figures.figures` makes it.
    notes : iterable of Note
        Those that spoil tables do so for the metrics computed from these.
    """
    if figures.empty:
        return figures
    spoiling = [note for note in notes if note.spoils]
    marks = pd.DataFrame(
        {
            "metric": metric.name,
            "kind": period.kind,
            "start": pd.Timestamp(period.start),
            "complete": period.complete,
            "lacks": _lacks(period, spoiling, metric, asked),
        }
        for metric in metrics
        for period in asked.periods
    )
    marks["start"] = marks["start"].astype(figures["start"].dtype)
    bare = figures.drop(columns="complete", errors="ignore")
    table = bare.merge(marks, on=KEYS, how="left", validate="many_to_one")
    return _uncompared(table, marks)


def _tables(metric: Metric, asked: Asked) -> frozenset[str]:
    """The tables of crm.yaml that a metric is computed from, those behind facts too."""
    label, log = asked.churn.label, asked.money.log
    behind = {"revenue": f"events.{log}", "margin": f"events.{log}"}
    if label.kind == "inactivity":
        behind |= dict.fromkeys(("accounts", "accounts.ended_at"), f"events.{label.events}")
    needs = {behind.get(need, need) for need in metric.base.needs}
    return frozenset(".".join(need.split(".")[: 2 if need.startswith("events.") else 1]) for need in needs)


def _lacks(period: Period, notes: Sequence[Note], metric: Metric, asked: Asked) -> str:
    tables, ripe = _tables(metric, asked), period.end + dt.timedelta(days=metric.base.ripens)
    found = [f"its newest cases are younger than {metric.base.ripens} days"] * (
        period.kind != "all" and period.complete and ripe > asked.until
    )
    first = min(period.start, months_later(period.end, -metric.base.looks_back))
    found += [
        note.short
        for note in notes
        if tables & set(note.spoils) and _meets(first, period.end, note) and note.short
    ]
    return "; ".join(dict.fromkeys(found))


def _meets(start: dt.date, end: dt.date, note: Note) -> bool:
    return (note.first is None or note.first < end) and (note.until is None or note.until > start)


def _uncompared(table: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    broken = marks[~marks["complete"] | (marks["lacks"] != "")]
    here = set(zip(broken["metric"], broken["kind"], broken["start"], strict=True))
    year_on = {(metric, kind, _year_later(start)) for metric, kind, start in here if kind != "all"}
    keys = pd.Series(
        list(zip(table["metric"], table["kind"], table["start"], strict=True)), index=table.index
    )
    shaky = keys.isin(here | year_on)
    for column, rows in (("trend_verdict", shaky), ("verdict", shaky & (table["level"] == "company"))):
        table.loc[rows & ~table[column].isin(["too few", "no year before"]), column] = INCOMPLETE
    return table


def _year_later(start: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(months_later(start.date(), 12))
