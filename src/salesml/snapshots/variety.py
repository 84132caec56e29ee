"""How varied an account's events are: distinct categories, and the share of the largest one."""

from __future__ import annotations

from salesml.snapshots.build import Build, plural
from salesml.snapshots.events import ACTIVE, Log
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import (
    Expr,
    col,
    divided,
    double,
    equal,
    every,
    greatest,
    grouped,
    joined,
    named,
    number_of_rows,
    or_zero,
    present,
    rel,
    select,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES, since


def add_variety(build: Build, log: Log, category: str) -> None:
    """Steps and features of one category column.

    Rows are counted, not events: an order may hold several categories. Returns are left out.
    """
    column, step = f"c_{category}", log.step(f"variety_{category}")
    _by_interval(build, log, column, f"{step}_by_interval")
    _per_level(build, log, column, f"{step}_by_interval", f"{step}_levels")
    columns: list[Expr] = [col("entity"), col("k")]
    for window in build.spec.windows_days:
        rows = col(f"n_{window}")
        columns.append(named(total(when(rows > whole(0), whole(1))), f"levels_{window}"))
        columns.append(named(greatest(rows.copy()), f"largest_{window}"))
        columns.append(named(total(rows.copy()), f"rows_{window}"))
    build.steps.add(step, grouped(select(*columns, source=rel(f"{step}_levels")), [col("entity"), col("k")]))
    build.join(step)
    for window in build.spec.windows_days:
        _features(build, log, category, step, window)


def _by_interval(build: Build, log: Log, column: str, step: str) -> None:
    keys: list[Expr] = [col("entity", "e"), col(column, "e"), col("i", "d")]
    columns = [col("entity", "e"), named(col(column, "e"), "level"), named(col("i", "d"), "i")]
    query = select(source=rel(log.step("rows"), "e"))
    query = joined(query, rel(log.step("calendar"), "d"), equal(col("day", "d"), col("day", "e")))
    if log.arrives_late:
        query = joined(query, rel(log.step("calendar"), "n"), equal(col("day", "n"), col("known_day", "e")))
        columns.append(named(col("i", "n"), "known"))
        keys.append(col("i", "n"))
    query = query.select(*columns, named(number_of_rows(), "n"))
    build.steps.add(step, grouped(query.where(every(ACTIVE.copy(), present(col(column, "e")))), keys))


def _per_level(build: Build, log: Log, column: str, source: str, step: str) -> None:
    columns: list[Expr] = [col("entity", "p"), col("k", "d"), col("level", "p")]
    for window in build.spec.windows_days:
        inside = col("i", "p") >= col(since(window), "d")
        columns.append(named(total(when(inside, col("n", "p"))), f"n_{window}"))
    query = joined(
        select(*columns, source=rel(source, "p")),
        rel(DATES, "d"),
        col("known" if log.arrives_late else "i", "p") < col("until", "d"),
        col("i", "p") >= col(since(max(build.spec.windows_days)), "d"),
    )
    build.steps.add(step, grouped(query, [col("entity", "p"), col("k", "d"), col("level", "p")]))


def _features(build: Build, log: Log, category: str, step: str, window: int) -> None:
    word, last = build.contract.word(category), f"in the last {window} days"
    events, tag = plural(log.log.singular), build.tag(category, "symptom")
    lines = f"{log.log.singular} lines" if log.log.id else events
    name, source, group = f"{log.name}_{category}", log.source, f"{log.name}.{category}"
    build.feature(
        Feature(
            name=f"{name}_distinct_{window}d", source=source, column=category, window_days=window,
            form="count", unit=plural(word), group=group, tag=tag,
            words=f"different values of {word} in {events} {last}",
        ),
        double(or_zero(col(f"levels_{window}", step))),
    )  # fmt: skip
    build.feature(
        Feature(
            name=f"{name}_top_share_{window}d", source=source, column=category, window_days=window,
            form="share", group=group, tag=tag,
            words=f"share of the most frequent {word} in {lines} {last}",
        ),
        divided(col(f"largest_{window}", step), col(f"rows_{window}", step)),
    )  # fmt: skip
