"""Who is at risk at each as-of date, what became of them, and who is left out and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.events import log_step
from salesml.snapshots.sql import (
    Expr,
    all_of,
    col,
    date,
    either,
    equal,
    every,
    grouped,
    joined,
    least,
    missing,
    named,
    or_else,
    present,
    rel,
    select,
    table_of,
    text,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES
from salesml.windows import horizon, lookback

COHORT, CANDIDATES, HORIZONS, BEGINNINGS = "cohort", "candidates", "horizons", "beginnings"
KEPT = ""

REASONS = {
    "not-active": "not active within the days before that the label asks for",
    "unknown-account": "not in the table of accounts",
    "already-ended": "ended before the as-of date",
    "ended-in-gap": "ended between the as-of date and the start of the horizon",
    "no-beginning": "nothing says when they became customers: no date, no event, no contract",
    "not-observed": "their horizon has not been observed to its end",
}
"""Why accounts are left out of a snapshot, in words."""


@dataclass(frozen=True)
class Dropped:
    """Accounts left out at one as-of date for one reason."""

    as_of: dt.date
    reason: str
    count: int
    words: str

    def __str__(self) -> str:
        return f"{self.as_of}: {self.count:,} left out: {self.words}"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def add_cohort(build: Build, *, labels: bool, observed_until: dt.date) -> None:
    """The steps of all candidates with a reason to leave them out, and of those who are kept."""
    build.steps.add(HORIZONS, _horizons(build))
    if build.spec.label.kind == "inactivity":
        _inactivity(build, labels)
    else:
        _contract(build, labels)
    reason: Expr = col("reason")
    if labels:
        seen = date(observed_until)
        late = select(col("k"), source=rel(HORIZONS)).where(col("horizon_end") > seen)
        unseen = exp.In(this=col("k"), query=exp.Subquery(this=late))
        reason = when(every(equal(col("reason"), text(KEPT)), unseen), text("not-observed"), col("reason"))
    columns = [col("account"), col("k"), *([col("label")] if labels else []), named(reason, "reason")]
    build.steps.add("judged", select(*columns, source=rel(CANDIDATES)))
    kept = select(*(each.copy() for each in columns[:-1]), source=rel("judged"))
    build.steps.add(COHORT, kept.where(equal(col("reason"), text(KEPT))))


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


def _accounts(query: exp.Select) -> exp.Select:
    return joined(query, rel("accounts", "a"), equal(col("id", "a"), col("account", "p")), kind="left")


def _inactivity(build: Build, labels: bool) -> None:
    """Active lately, and a leaver if then quiet; what is a return is no activity."""
    pace = rel(log_step(build.spec.label.events, "pace"), "p")
    columns: list[Expr] = [col("account", "p"), col("k", "p")]
    if labels:
        _add_active_later(build)
        columns.append(named(when(missing(col("account", "later")), whole(1), whole(0)), "label"))
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
    query = _accounts(query)
    if labels:
        same = every(
            equal(col("account", "later"), col("account", "p")), equal(col("k", "later"), col("k", "p"))
        )
        query = joined(query, rel("active_later", "later"), same, kind="left")
    build.steps.add(CANDIDATES, query)


def _add_active_later(build: Build) -> None:
    """Who was active in the last ``inactive_days`` before the horizon's end, whenever that became known."""
    events = rel(f"events_{build.spec.label.events}", "e")
    query = joined(
        select(col("account", "e"), col("k", "h"), source=events, distinct=True),
        rel(HORIZONS, "h"),
        col("day", "e") >= col("quiet_from", "h"),
        col("day", "e") < col("horizon_end", "h"),
    ).where(every(exp.Not(this=col("is_return", "e")), present(col("account", "e"))))
    build.steps.add("active_later", query)


def _contract(build: Build, labels: bool) -> None:
    """A customer who has not ended, and a leaver if the end falls in the horizon.

    One became a customer at ``acquired_at`` or, where that is empty, at the first event that was
    known or the first contract's start.
    """
    ended, began = col("ended_at", "a"), _began(build)
    reasons = [exp.If(this=ended < col("as_of", "d"), true=text("already-ended"))]
    columns: list[Expr] = [named(col("id", "a"), "account"), col("k", "d")]
    if labels:
        reasons.append(exp.If(this=ended.copy() < col("horizon_start", "h"), true=text("ended-in-gap")))
        leaves = every(ended.copy() >= col("horizon_start", "h"), ended.copy() < col("horizon_end", "h"))
        columns.append(named(when(leaves, whole(1), whole(0)), "label"))
    reasons.append(exp.If(this=missing(began), true=text("no-beginning")))
    query = select(
        *columns, named(exp.Case(ifs=reasons, default=text(KEPT)), "reason"), source=rel("accounts", "a")
    )
    if BEGINNINGS in build.steps:
        query = joined(query, rel(BEGINNINGS, "b"), equal(col("account", "b"), col("id", "a")), kind="left")
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
        select(col("account"), named(col(day), "day"), source=rel(name)).where(
            exp.In(this=col("account"), query=exp.Subquery(this=empty.copy()))
        )
        for name, day in began.items()
    ]
    if not parts:
        return col("acquired_at", "a")
    days = all_of(parts).subquery(exp.to_identifier("days", quoted=True))
    first = select(col("account"), named(least(col("day")), "day"), source=days)
    build.steps.add(BEGINNINGS, grouped(first, [col("account")]))
    return or_else(col("acquired_at", "a"), col("day", "b"))
