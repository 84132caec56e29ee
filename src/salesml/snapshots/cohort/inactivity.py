"""The label ``inactivity``: active lately, and a leaver if then quiet."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.cohort.reasons import KEPT
from salesml.snapshots.cohort.steps import CANDIDATES, HORIZONS
from salesml.snapshots.events import log_step
from salesml.snapshots.sql import (
    Expr,
    col,
    equal,
    every,
    joined,
    missing,
    named,
    present,
    rel,
    select,
    text,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES


def add_inactivity(build: Build, labels: bool) -> None:
    """Active lately, and a leaver if then quiet; what is a return is no activity."""
    pace = rel(log_step(build.spec.label.events, "pace"), "p")
    columns: list[Expr] = [col("entity", "p"), col("k", "p")]
    if labels:
        _add_active_later(build)
        columns.append(named(when(missing(col("entity", "later")), whole(1), whole(0)), "label"))
    reason = exp.Case(
        ifs=[
            exp.If(this=col("last_day", "p") < col("active_from", "h"), true=text("not-active")),
            exp.If(this=missing(col("id", "a")), true=text("unknown-account")),
            exp.If(this=col("ended_at", "a") < col("as_of", "d"), true=text("already-ended")),
        ],
        default=text(KEPT),
    )
    query = select(*columns, named(reason, "reason"), source=pace)
    query = joined(query, rel(DATES, "d"), equal(col("k", "d"), col("k", "p")))
    query = joined(query, rel(HORIZONS, "h"), equal(col("k", "h"), col("k", "p")))
    query = joined(query, rel("accounts", "a"), equal(col("id", "a"), col("entity", "p")), kind="left")
    if labels:
        same = every(
            equal(col("entity", "later"), col("entity", "p")), equal(col("k", "later"), col("k", "p"))
        )
        query = joined(query, rel("active_later", "later"), same, kind="left")
    build.steps.add(CANDIDATES, query)


def _add_active_later(build: Build) -> None:
    """Who was active in the last ``inactive_days`` before the horizon's end, whenever that became known."""
    events = rel(f"events_{build.spec.label.events}", "e")
    query = joined(
        select(named(col("account", "e"), "entity"), col("k", "h"), source=events, distinct=True),
        rel(HORIZONS, "h"),
        col("day", "e") >= col("quiet_from", "h"),
        col("day", "e") < col("horizon_end", "h"),
    ).where(every(exp.Not(this=col("is_return", "e")), present(col("account", "e"))))
    build.steps.add("active_later", query)
