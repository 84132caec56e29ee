"""The label ``won``: an open prospect, and a success if it is won in the horizon."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.cohort.reasons import KEPT
from salesml.snapshots.cohort.steps import CANDIDATES, HORIZONS
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    either,
    equal,
    every,
    joined,
    missing,
    named,
    rel,
    select,
    text,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES

PROSPECTS = "prospects"


def add_won(build: Build, labels: bool) -> None:
    """Prospects created before the as-of date and neither won nor lost by then.

    What is lost in the gap or the horizon counts as not won; what is won in the gap is left out, as
    nobody could have been told in time. One day decides for all: a horizon that has not been observed
    to its end has no label, whatever became of the prospect. Who was lost before it was created may be
    one that was lost and taken up again, or a slip: it is not scored, and said to be so.
    """
    created, won, lost = (col(name, "p") for name in ("created_at", "won_at", "lost_at"))
    as_of = col("as_of", "d")
    twisted: Expr = lost < created.copy()
    too_old: list[exp.If] = []
    if build.spec.label.open_days:
        longest = whole(build.spec.label.open_days)
        age = days_between(created.copy(), as_of.copy())
        twisted = every(twisted, age <= longest)
        too_old = [exp.If(this=age.copy() > longest.copy(), true=text("too-old"))]
    reasons = [
        exp.If(this=won < created, true=text("won-before-created")),
        exp.If(this=won.copy() < as_of, true=text("already-won")),
        exp.If(this=twisted, true=text("lost-before-created")),
        exp.If(this=lost.copy() < as_of.copy(), true=text("already-lost")),
        exp.If(this=missing(created.copy()), true=text("no-creation-date")),
        *too_old,
    ]
    columns: list[Expr] = [named(col("id", "p"), "entity"), col("k", "d")]
    if labels:
        start, end = col("horizon_start", "h"), col("horizon_end", "h")
        reasons.append(exp.If(this=won.copy() < start, true=text("won-in-gap")))
        wins = every(won.copy() >= start.copy(), won.copy() < end)
        columns.append(named(when(wins, whole(1), whole(0)), "label"))
    reason = exp.Case(ifs=reasons, default=text(KEPT))
    query = select(*columns, named(reason, "reason"), source=rel(PROSPECTS, "p"))
    known = either(missing(created.copy()), created.copy() < as_of.copy())
    query = joined(query, rel(DATES, "d"), known)
    build.steps.add(CANDIDATES, joined(query, rel(HORIZONS, "h"), equal(col("k", "h"), col("k", "d"))))
