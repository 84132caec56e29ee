"""What somebody is: attributes, with their history where there is one, and the calendar."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from sqlglot import exp

from salesml.crm.values import as_number
from salesml.snapshots.build import Build
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    double,
    equal,
    every,
    falling,
    joined,
    named,
    over,
    rel,
    row_number,
    select,
    text,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES

FEWEST_FOR_MONTHS = 24
"""Training dates without which no month can have been seen in two years."""


def add_attributes(build: Build) -> None:
    """One feature per attribute, and days since the account was acquired where that is written."""
    entity = build.entity
    table = build.contract.tables.get(entity.table)
    if table is None:
        return
    acquired = table.columns.get("acquired_at", "")
    if acquired and not build.withheld(entity.table, acquired):
        build.feature(
            Feature(
                name="tenure_days", source=entity.table, column=acquired, unit="days", form="days",
                words="days as a customer", group="accounts.tenure", tag="fixed",
            ),
            double(days_ago(col("acquired_at", entity.table))),
        )  # fmt: skip
    for name in table.lists:
        if f"a_{name}" in build.columns[entity.table] and not build.withheld(entity.table, name):
            _attribute(build, name, build.columns[entity.table][f"a_{name}"])


def _attribute(build: Build, name: str, type_: str) -> None:
    entity = build.entity
    dated = name in build.dated.get(entity.table, ())
    value = _from_history(build, name, type_) if dated else col(f"a_{name}", entity.table)
    number = type_ in ("DOUBLE", "DATE")
    word = build.contract.word(name)
    build.feature(
        Feature(
            name=f"{entity.one}_{name}", kind="number" if number else "category", source=entity.table,
            column=name, unit="days" if type_ == "DATE" else "",
            form="days" if type_ == "DATE" else "number" if number else "category",
            words=f"days since {word}" if type_ == "DATE" else word, group=f"{entity.table}.{name}",
            tag=build.tag(name), undated=not dated,
        ),
        double(days_ago(value)) if type_ == "DATE" else double(value) if number else value,
    )  # fmt: skip


def days_ago(day: Expr) -> Expr:
    """Days before the as-of date; missing for a date that was not past then."""
    as_of = col("as_of", DATES)
    return when(day < as_of, days_between(day.copy(), as_of.copy()))


def _from_history(build: Build, name: str, type_: str) -> Expr:
    """The value of the last change before the as-of date; missing where none is known.

    The present value is never used for an attribute with a history: where its first change lies
    after the as-of date, what it was before is written nowhere, and filling in the present value
    only for those that never changed would tell who is going to.
    """
    step = safe_step(build, f"history_{name}")
    changes = every(
        equal(col("table", "h"), text(build.entity.table)),
        equal(col("column", "h"), text(name)),
    )
    rank = over(
        row_number(),
        by=[col("id", "h"), col("k", "d")],
        order=[falling(col("day", "h")), falling(col("value", "h"))],
    )
    ranked = joined(
        select(
            named(col("id", "h"), "entity"),
            col("k", "d"),
            col("value", "h"),
            named(rank, "rank"),
            source=rel("history", "h"),
        ),
        rel(DATES, "d"),
        col("day", "h") < col("as_of", "d"),
    ).where(changes)
    value: Expr = col("value")
    if type_ == "DOUBLE":
        value = as_number(value, "VARCHAR", type_)  # a text such as 'nan' is no number
    elif type_ == "DATE":
        value = exp.TryCast(this=value, to=exp.DataType.build(type_))
    latest = select(
        col("entity"),
        col("k"),
        named(value, "value"),
        source=ranked.subquery(exp.to_identifier("ranked", quoted=True)),
    ).where(equal(col("rank"), whole(1)))
    build.steps.add(step, latest)
    build.join(step)
    return col("value", step)


def safe_step(build: Build, name: str) -> str:
    """A step name that is not taken."""
    free, number = name, 1
    while free in build.steps:
        number += 1
        free = f"{name}_{number}"
    return free


def add_calendar(build: Build, training: tuple[dt.date, ...]) -> None:
    """The month of the as-of date, only if training sees every month in at least two years.

    With fewer dates the month merely names the as-of date: trees would learn what was peculiar to
    that date, and at a month that training never saw they would guess.
    """
    if not every_month_twice(training):
        return
    months = [
        exp.If(this=equal(col("k", DATES), whole(k)), true=text(f"{day.month:02d}"))
        for k, day in enumerate(build.timeline.as_of)
    ]
    build.feature(
        Feature(
            name="calendar_month", kind="category", source="calendar", form="month", words="month",
            group="calendar", tag="fixed",
        ),
        exp.Case(ifs=months),
    )  # fmt: skip


def every_month_twice(dates: Iterable[dt.date]) -> bool:
    """Whether every month of the year is among some dates in at least two years."""
    years = Counter(month for month, _ in {(day.month, day.year) for day in dates})
    return len(years) == 12 and min(years.values()) >= 2
