"""When an account left: how many days after the horizon's start, wherever the horizon ends.

One day is one step of a clock that starts with the horizon. An account has left by day ``h`` if its
``left_day`` is below ``h``: at ``horizon_days`` that is the label. Of a contract it is the day of the end;
of inactivity the last of the first ``inactive_days`` in a row, all of them after the clock started, in which
nothing happened. Who comes back after that long is a customer won anew, and has left all the same.
"""

from __future__ import annotations

import datetime as dt

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.cohort.steps import COHORT, HORIZONS
from salesml.snapshots.sql import (
    Expr,
    col,
    date,
    days_between,
    equal,
    every,
    falling,
    grouped,
    joined,
    least,
    more,
    named,
    or_else,
    over,
    present,
    previous,
    rel,
    select,
    when,
    whole,
)

LEAVING = "leaving"
LEFT_DAY = "left_day"


def add_leaving(build: Build, observed_until: dt.date) -> Expr:
    """The column ``left_day``: null while an account had not left by the last day that is known."""
    query = (_by_contract if build.spec.label.kind == "contract" else _by_silence)(
        build, date(observed_until)
    )
    build.join(build.steps.add(LEAVING, query))
    return named(exp.cast(col(LEFT_DAY, LEAVING), exp.DataType.Type.INT), LEFT_DAY)


def _by_contract(build: Build, until: Expr) -> exp.Select:
    ended, start = col("ended_at", "a"), col("horizon_start", "h")
    query = select(
        named(col("id", "a"), "entity"),
        col("k", "h"),
        named(days_between(start, ended), LEFT_DAY),
        source=rel("accounts", "a"),
    )
    return joined(query, rel(HORIZONS, "h"), ended.copy() >= start.copy(), ended.copy() < until)


def _by_silence(build: Build, until: Expr) -> exp.Select:
    """A first silence that the label sees, or the first after an event since the clock started."""
    quiet = build.spec.label.inactive_days
    _add_silences(build, until)
    label, start = col("label", "c"), col("horizon_start", "h")
    later = more(days_between(start, least(col("day", "s"))), whole(quiet))
    query = select(
        col("entity", "c"),
        col("k", "c"),
        named(when(equal(label, whole(1)), whole(quiet - 1), later), LEFT_DAY),
        source=rel(COHORT, "c"),
    )
    query = joined(query, rel(HORIZONS, "h"), equal(col("k", "h"), col("k", "c")))
    after = every(equal(col("entity", "s"), col("entity", "c")), col("day", "s") >= start.copy())
    query = joined(query, rel("silences", "s"), after, kind="left")
    return grouped(query, [col("entity", "c"), col("k", "c"), label, start])


def _add_silences(build: Build, until: Expr) -> None:
    """The days of events after which nothing happened for ``inactive_days``, all of them known."""
    events = rel(f"events_{build.spec.label.events}", "e")
    days = select(named(col("account", "e"), "entity"), col("day", "e"), source=events, distinct=True)
    counted = every(
        exp.Not(this=col("is_return", "e")), present(col("account", "e")), col("day", "e") < until
    )
    build.steps.add("active_days", days.where(counted))
    following = over(previous(col("day")), by=[col("entity")], order=[falling(col("day"))])
    build.steps.add(
        "followed", select(col("entity"), col("day"), named(following, "next"), source=rel("active_days"))
    )
    lasts = days_between(col("day"), or_else(col("next"), until.copy())) > whole(
        build.spec.label.inactive_days
    )
    build.steps.add("silences", select(col("entity"), col("day"), source=rel("followed")).where(lasts))
