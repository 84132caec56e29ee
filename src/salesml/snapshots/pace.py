"""When an account was active: recency, tenure, active days, and its own usual gap between them.

Days of activity are whole numbers, so that means and spreads come from exact sums.
"""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.build import Build, plural
from salesml.snapshots.events import ACTIVE, Log, placed
from salesml.snapshots.feature import Feature, Form
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    divided,
    double,
    equal,
    greatest,
    grouped,
    joined,
    least,
    less,
    named,
    number_of_rows,
    or_zero,
    over,
    previous,
    rel,
    rising,
    root,
    select,
    text,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES, since

BEGINNINGS_MOVED = "beginnings_moved"
"""The table that says, where rows were moved, when each log began for each entity."""


def add_pace(build: Build, log: Log) -> None:
    """Steps and features of the days on which an account was active."""
    if log.arrives_late:
        _late(build, log)
    else:
        _prompt(build, log)
    build.join(log.step("pace"))
    _began(build, log)
    _active_days(build, log)
    _features(build, log)


def _began(build: Build, log: Log) -> None:
    """The first day of the log as far as it was known at each as-of date."""
    if build.moved:
        own = select(col("entity"), named(whole(0), "k"), col("first_day"), source=rel(BEGINNINGS_MOVED))
        build.steps.add(log.step("began"), own.where(equal(col("log"), text(log.source))))
        build.join(log.step("began"))
        return
    began = _first_days(log) if build.sliced else _first_of_pace(log)
    build.join(build.across_entities(log.step("began"), began, of_entity=False), of_entity=False)


def _first_of_pace(log: Log) -> exp.Select:
    began = select(col("k"), named(least(col("first_day")), "first_day"), source=rel(log.step("pace")))
    return grouped(began, [col("k")])


def _first_days(log: Log) -> exp.Select:
    """The same from the rows themselves, without a pace for every entity."""
    days = select(col("known_day"), named(least(col("day")), "day"), source=rel(log.step("rows")))
    days = grouped(days.where(ACTIVE.copy()), [col("known_day")])
    began = select(
        col("k", "d"),
        named(least(col("day", "e")), "first_day"),
        source=days.subquery(exp.to_identifier("e", quoted=True)),
    )
    began = joined(began, rel(DATES, "d"), col("known_day", "e") < col("as_of", "d"))
    return grouped(began, [col("k", "d")])


def _prompt(build: Build, log: Log) -> None:
    """Every day was known at once, so a gap is the same for every as-of date after it."""
    gap = days_between(over(previous(col("day")), by=[col("entity")], order=[rising(col("day"))]), col("day"))
    build.steps.add(
        log.step("gaps"),
        select(col("entity"), col("day"), named(gap, "gap"), source=rel(log.step("days"))),
    )
    query = placed(log, log.step("gaps"), known=False).select(
        col("entity", "e"),
        named(col("i", "d"), "i"),
        named(number_of_rows(), "days"),
        named(least(col("day", "e")), "first_day"),
        named(greatest(col("day", "e")), "last_day"),
        named(total(col("gap", "e") * col("gap", "e")), "squares"),
    )
    build.steps.add(log.step("days_by_interval"), grouped(query, [col("entity", "e"), col("i", "d")]))
    columns = [
        *_keys(),
        named(total(col("days", "p")), "days"),
        named(least(col("first_day", "p")), "first_day"),
        named(greatest(col("last_day", "p")), "last_day"),
        named(total(col("squares", "p")), "squares"),
        *(
            named(total(when(_inside(window), col("days", "p"))), f"days_{window}")
            for window in build.spec.windows_days
        ),
    ]
    _pace(build, log, columns, log.step("days_by_interval"), col("i", "p") < col("until", "d"))


def _late(build: Build, log: Log) -> None:
    """A day may become known late, so gaps are taken anew for each as-of date."""
    order, keys = [rising(col("day", "e"))], [col("entity", "e"), col("k", "t")]
    gap = days_between(over(previous(col("day", "e")), by=keys, order=order), col("day", "e"))
    query = joined(
        placed(log, log.step("days"), known=True), rel(DATES, "t"), col("i", "n") < col("until", "t")
    )
    query = query.select(*keys, col("day", "e"), named(col("i", "d"), "i"), named(gap, "gap"))
    build.steps.add(log.step("gaps"), query)
    columns = [
        *_keys(),
        named(number_of_rows(), "days"),
        named(least(col("day", "p")), "first_day"),
        named(greatest(col("day", "p")), "last_day"),
        named(total(col("gap", "p") * col("gap", "p")), "squares"),
        *(
            named(total(when(_inside(window), whole(1))), f"days_{window}")
            for window in build.spec.windows_days
        ),
    ]
    _pace(build, log, columns, log.step("gaps"), equal(col("k", "p"), col("k", "d")))


def _pace(build: Build, log: Log, columns: list[Expr], step: str, on: Expr) -> None:
    query = joined(select(*columns, source=rel(step, "p")), rel(DATES, "d"), on)
    build.steps.add(log.step("pace"), grouped(query, _keys()))


def _keys() -> list[Expr]:
    return [col("entity", "p"), col("k", "d")]


def _inside(window: int) -> Expr:
    return col("i", "p") >= col(since(window), "d")


def _active_days(build: Build, log: Log) -> None:
    for window in build.spec.windows_days:
        build.feature(
            Feature(
                name=f"{log.name}_active_days_{window}d", source=log.source, window_days=window,
                unit="days", form="days", group=f"{log.name}.activity", tag="symptom",
                words=f"days with {plural(log.log.singular)} in the last {window} days",
            ),
            double(or_zero(col(f"days_{window}", log.step("pace")))),
        )  # fmt: skip


def recency(log: Log) -> Expr:
    """Days since the last day of activity; an event the day before the as-of date makes it 1."""
    return days_between(col("last_day", log.step("pace")), col("as_of", DATES))


def _features(build: Build, log: Log) -> None:
    one, many, step = log.log.singular, plural(log.log.singular), log.step("pace")
    days, first, last = (col(name, step) for name in ("days", "first_day", "last_day"))
    gaps, span = less(days, whole(1)), days_between(first, last)
    usual = divided(span, gaps)
    # n · Σx² - (Σx)² over whole numbers is exact; only the root and the quotient round.
    scatter = less(gaps.copy() * col("squares", step), span.copy() * span.copy())
    spread = when(days.copy() > whole(2), divided(root(double(scatter)), gaps.copy()))
    rows: list[tuple[str, str, Form, Expr, str, str]] = [
        ("recency", "days", "days", double(recency(log)), f"days since the last {one}", "recency"),
        (
            "since_first", "days", "days", double(days_between(first.copy(), col("as_of", DATES))),
            f"days since the first {one}", "tenure",
        ),
        ("gap_mean", "days", "days", usual, f"usual days between {many}", "recency"),
        ("gap_spread", "days", "days", spread, f"how much the days between {many} vary", "recency"),
        (
            "recency_to_gap", "", "ratio", divided(recency(log), usual.copy()),
            f"days since the last {one} against the usual days between {many}", "recency",
        ),
    ]  # fmt: skip
    for name, unit, form, expression, words, group in rows:
        build.feature(
            Feature(
                name=f"{log.name}_{name}", source=log.source, unit=unit, form=form, words=words,
                group=f"{log.name}.{group}", tag="fixed" if group == "tenure" else "symptom",
            ),
            expression,
        )  # fmt: skip
