"""Who may be predicted at each as-of date, what became of them, and who is left out and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.cohort.contract import add_contract
from salesml.snapshots.cohort.inactivity import add_inactivity
from salesml.snapshots.cohort.reasons import KEPT
from salesml.snapshots.cohort.steps import CANDIDATES, COHORT, HORIZONS
from salesml.snapshots.cohort.won import add_won
from salesml.snapshots.sql import (
    Expr,
    col,
    date,
    equal,
    every,
    named,
    rel,
    select,
    table_of,
    text,
    when,
    whole,
)
from salesml.windows import horizon, lookback

LABELS: dict[str, Callable[[Build, bool], None]] = {
    "inactivity": add_inactivity,
    "contract": add_contract,
    "won": add_won,
    "ideal": add_won,  # who is scored; outcomes come from :func:`salesml.snapshots.take_outcomes`
}
"""By kind of label, what adds the step of candidates: ``entity``, ``k``, ``label`` and ``reason``."""


def add_cohort(build: Build, *, labels: bool, observed_until: dt.date) -> None:
    """The steps of all candidates with a reason to leave them out, and of those who are kept."""
    build.steps.add(HORIZONS, _horizons(build))
    LABELS[build.spec.label.kind](build, labels)
    reason: Expr = col("reason")
    if labels:
        unseen = _unseen(build, observed_until)
        if unseen:
            late = exp.In(this=col("k"), expressions=unseen)
            reason = when(every(equal(col("reason"), text(KEPT)), late), text("not-observed"), col("reason"))
    columns = [col("entity"), col("k"), *([col("label")] if labels else []), named(reason, "reason")]
    build.steps.add("judged", select(*columns, source=rel(CANDIDATES)))
    kept = select(*(each.copy() for each in columns[:-1]), source=rel("judged"))
    build.steps.add(COHORT, kept.where(equal(col("reason"), text(KEPT))))


def _unseen(build: Build, observed_until: dt.date) -> list[Expr]:
    """The as-of dates whose horizon has not been observed to its end, by number."""
    spec = build.spec
    ends = [horizon(day, spec.horizon_days, spec.gap_days).end for day in build.timeline.as_of]
    return [whole(k) for k, end in enumerate(ends) if end > observed_until]


def _horizons(build: Build) -> exp.Select:
    """The days that each as-of date's cohort and label look at."""
    spec, rows = build.spec, []
    for k, as_of in enumerate(build.timeline.as_of):
        ahead = horizon(as_of, spec.horizon_days, spec.gap_days)
        quiet = lookback(ahead.end, max(spec.label.inactive_days, 1))
        active = lookback(as_of, max(spec.label.active_within_days, 1))
        days = (active.start, ahead.start, ahead.end, quiet.start)
        rows.append([whole(k), *(date(day) for day in days)])
    return table_of(rows, ["k", "active_from", "horizon_start", "horizon_end", "quiet_from"])
