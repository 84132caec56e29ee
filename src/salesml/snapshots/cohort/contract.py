"""The label ``contract``: a customer who has not ended, and a leaver if the end falls in the horizon."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.cohort.reasons import KEPT
from salesml.snapshots.cohort.steps import BEGINNINGS, CANDIDATES, HORIZONS
from salesml.snapshots.sql import (
    Expr,
    all_of,
    col,
    either,
    equal,
    every,
    grouped,
    joined,
    least,
    missing,
    named,
    or_else,
    rel,
    select,
    text,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES


def add_contract(build: Build, labels: bool) -> None:
    """A customer who has not ended, and a leaver if the end falls in the horizon.

    One became a customer at ``acquired_at`` or, where that is empty, at the first event that was
    known or the first contract's start.
    """
    ended, began = col("ended_at", "a"), _began(build)
    reasons = [exp.If(this=ended < col("as_of", "d"), true=text("already-ended"))]
    columns: list[Expr] = [named(col("id", "a"), "entity"), col("k", "d")]
    if labels:
        reasons.append(exp.If(this=ended.copy() < col("horizon_start", "h"), true=text("ended-in-gap")))
        leaves = every(ended.copy() >= col("horizon_start", "h"), ended.copy() < col("horizon_end", "h"))
        columns.append(named(when(leaves, whole(1), whole(0)), "label"))
    reasons.append(exp.If(this=missing(began), true=text("no-beginning")))
    query = select(
        *columns, named(exp.Case(ifs=reasons, default=text(KEPT)), "reason"), source=rel("accounts", "a")
    )
    if BEGINNINGS in build.steps:
        query = joined(query, rel(BEGINNINGS, "b"), equal(col("entity", "b"), col("id", "a")), kind="left")
    known = either(missing(began.copy()), began.copy() < col("as_of", "d"))
    query = joined(query, rel(DATES, "d"), known)
    build.steps.add(CANDIDATES, joined(query, rel(HORIZONS, "h"), equal(col("k", "h"), col("k", "d"))))


def _began(build: Build) -> Expr:
    """When an account became a customer; adds the step of those whose date is empty."""
    began = {f"events_{log.name}": "known_day" for log in build.contract.events.values() if log.account} | (
        {"contracts": "start"} if "contracts" in build.columns else {}
    )
    empty = select(col("id"), source=rel("accounts")).where(missing(col("acquired_at")))
    parts = [
        select(named(col("account"), "entity"), named(col(day), "day"), source=rel(name)).where(
            exp.In(this=col("account"), query=exp.Subquery(this=empty.copy()))
        )
        for name, day in began.items()
    ]
    if not parts:
        return col("acquired_at", "a")
    days = all_of(parts).subquery(exp.to_identifier("days", quoted=True))
    first = select(col("entity"), named(least(col("day")), "day"), source=days)
    build.steps.add(BEGINNINGS, grouped(first, [col("entity")]))
    return or_else(col("acquired_at", "a"), col("day", "b"))
