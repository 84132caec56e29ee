"""Sums and greatest values of windows, from partial ones per account and interval.

Two forms give the same numbers. The fast one keeps, per account, lists of running totals over the
intervals in which anything happened: a window is then the difference of two list entries, and no
row is looked at twice, however many as-of dates there are. Where an entry stands follows from a
bit mask of those intervals: it is the number of bits below an edge. The plain one joins intervals
with as-of dates; it serves what became known late, and dialects whose lists differ.

Running totals are kept in 64 bits, which halves what is moved; an account whose total does not fit
makes DuckDB fail, never round, and ``Build.wide`` then keeps 128.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from salesml.crm.values import MONEY
from salesml.snapshots.build import Build
from salesml.snapshots.events import Log
from salesml.snapshots.sql import (
    Expr,
    all_of,
    col,
    equal,
    every,
    greatest,
    grouped,
    joined,
    less,
    more,
    named,
    or_zero,
    over,
    rel,
    rising,
    select,
    text,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES, since

BITS = 62
"""Intervals per mask: a BIGINT has 63 bits beside its sign."""

NARROW, WIDE = (exp.DataType.build(kind, dialect="duckdb") for kind in (MONEY, "DECIMAL(38, 6)"))
"""What running totals of measures are kept as, and what DuckDB makes of their sums."""


@dataclass(frozen=True)
class Cell:
    """A number of a window: from which partial column, how, and the days before the as-of date.

    The window is ``[as_of - reach, as_of - until)``.
    """

    column: str
    reach: int
    how: Literal["sum", "max"] = "sum"
    until: int = 0
    name: str = ""

    @property
    def called(self) -> str:
        return self.name or f"{self.column}_{self.reach}"


def add_totals(build: Build, log: Log, cells: Sequence[Cell]) -> None:
    """The step of windows: ``account``, ``k`` and a column per cell."""
    if build.portable:
        build.steps.add(log.step("windows"), _by_join(build, log, cells, late=False))
        return
    _running(build, log, cells)
    _lists(build, log, cells)
    prompt = _by_difference(build, log, cells)
    if not log.spreads:
        build.steps.add(log.step("windows"), prompt)
        return
    parts = [build.steps.add(log.step("prompt"), prompt)]
    parts.append(build.steps.add(log.step("late"), _by_join(build, log, cells, late=True)))
    both = all_of([select(exp.Star(), source=rel(part)) for part in parts])
    columns = [
        named((greatest if cell.how == "max" else total)(col(cell.called)), cell.called) for cell in cells
    ]
    query = select(
        col("entity"), col("k"), *columns, source=both.subquery(exp.to_identifier("both", quoted=True))
    )
    build.steps.add(log.step("windows"), grouped(query, [col("entity"), col("k")]))


def _by_join(build: Build, log: Log, cells: Sequence[Cell], *, late: bool) -> exp.Select:
    """Every interval once per as-of date that sees it."""
    columns: list[Expr] = [col("entity", "p"), col("k", "d")]
    for cell in cells:
        inside: Expr = col("i", "p") >= col(since(cell.reach), "d")
        if cell.until:
            inside = every(inside, col("i", "p") < col(since(cell.until), "d"))
        value = when(inside, col(cell.column, "p"))
        made = greatest(value) if cell.how == "max" else or_zero(total(value))
        columns.append(named(made, cell.called))
    conditions = [
        col("known" if log.spreads else "i", "p") < col("until", "d"),
        col("i", "p") >= col(since(max(cell.reach for cell in cells)), "d"),
    ]
    if late:
        conditions.append(col("known", "p") > col("i", "p"))
    query = joined(select(*columns, source=rel(log.step("by_interval"), "p")), rel(DATES, "d"), *conditions)
    return grouped(query, [col("entity", "p"), col("k", "d")])


def _of(cells: Sequence[Cell], how: str) -> list[str]:
    return list(dict.fromkeys(cell.column for cell in cells if cell.how == how))


def _running(build: Build, log: Log, cells: Sequence[Cell]) -> None:
    """Running totals of each account over its intervals."""
    order, columns = [rising(col("i"))], []
    for name in _of(cells, "sum"):
        running = over(total(col(name)), by=[col("entity")], order=order)
        columns.append(named(exp.cast(running, _kept_as(build, name)), name))
    columns += [col(name) for name in _of(cells, "max")]
    query = select(col("entity"), col("i"), *columns, source=rel(log.step("by_interval")))
    if log.spreads:
        query = query.where(equal(col("known"), col("i")), copy=False)
    build.steps.add(log.step("running"), query)


def _kept_as(build: Build, column: str) -> exp.DataType:
    """The type of a running total: ``n`` and ``r`` count rows, all others are money."""
    if column in ("n", "r"):
        return exp.DataType.build("BIGINT")
    return WIDE if build.wide else NARROW


def _lists(build: Build, log: Log, cells: Sequence[Cell]) -> None:
    """Each account's running totals as lists, and masks of the intervals that they are of.

    All numbers of an interval are collected and sorted together, as one list of structs: a list
    for each number, sorted on its own, costs twice as much.
    """
    masks, names = [], [*_of(cells, "sum"), *_of(cells, "max")]
    for block in range(_blocks(build)):
        bit = exp.BitwiseLeftShift(this=_big(1), expression=less(col("i"), whole(block * BITS)))
        inside = every(col("i") >= whole(block * BITS), col("i") < whole((block + 1) * BITS))
        masks.append(named(exp.BitwiseOrAgg(this=when(inside, bit, _big(0))), f"mask_{block}"))
    fields = [
        exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=col(name))
        for name in ("i", *names)  # sorted by the first
    ]
    together = exp.ArraySort(this=exp.ArrayAgg(this=exp.Struct(expressions=fields)))
    query = select(col("entity"), *masks, named(together, "intervals"), source=rel(log.step("running")))
    build.steps.add(log.step("lists"), grouped(query, [col("entity")]))
    places = [named(_place(build, edge), f"at_{edge}") for edge in sorted(_edges_used(build, cells))]
    lists = [named(_list_of(name), name) for name in names]
    build.steps.add(log.step("places"), select(col("entity"), *lists, *places, source=rel(log.step("lists"))))


def _list_of(name: str) -> Expr:
    """One number of every interval, out of the list of structs."""
    each = exp.to_identifier("each", quoted=True)
    number = exp.StructExtract(this=each, expression=text(name))
    return exp.Transform(this=col("intervals"), expression=exp.Lambda(this=number, expressions=[each.copy()]))


def _by_difference(build: Build, log: Log, cells: Sequence[Cell]) -> exp.Select:
    """Windows as differences of running totals, one SELECT per as-of date."""
    furthest, parts = max(cell.reach for cell in cells), []
    for k in range(len(build.timeline.as_of)):
        columns = [col("entity"), named(whole(k), "k")]
        columns += [named(_cell(build, cell, k), cell.called) for cell in cells]
        until, start = (col(f"at_{build.timeline.edge(k, reach)}") for reach in (0, furthest))
        parts.append(select(*columns, source=rel(log.step("places"))).where(until > start, copy=False))
    return all_of(parts)


def _cell(build: Build, cell: Cell, k: int) -> Expr:
    start = col(f"at_{build.timeline.edge(k, cell.reach)}")
    until = col(f"at_{build.timeline.edge(k, cell.until)}")
    values = col(cell.column)
    if cell.how == "max":
        inside = exp.Slice(this=start + whole(1), expression=until)
        return exp.ArrayMax(this=exp.Bracket(this=values, expressions=[inside], offset=1))
    end, begin = (
        or_zero(exp.Bracket(this=values.copy(), expressions=[at], offset=1)) for at in (until, start)
    )
    window = less(end, begin)
    # As wide as sums are elsewhere, so that whatever is made of it has the same bits.
    return window if cell.column in ("n", "r") else exp.cast(window, WIDE)


def _edges_used(build: Build, cells: Sequence[Cell]) -> set[int]:
    reaches = {0, *(cell.reach for cell in cells), *(cell.until for cell in cells)}
    return {build.timeline.edge(k, reach) for k in range(len(build.timeline.as_of)) for reach in reaches}


def _blocks(build: Build) -> int:
    return -(-len(build.timeline.edges) // BITS)


def _place(build: Build, edge: int) -> Expr:
    """How many list entries are of intervals before an edge."""
    count: Expr | None = None
    for block in range(_blocks(build)):
        bits = min(max(edge - block * BITS, 0), BITS)
        if not bits:
            continue
        below = exp.BitwiseCount(
            this=exp.BitwiseAnd(this=col(f"mask_{block}"), expression=_big((1 << bits) - 1))
        )
        one = exp.cast(below, exp.DataType.Type.BIGINT)
        count = more(count, one) if count is not None else one
    return count if count is not None else _big(0)


def _big(number: int) -> Expr:
    return exp.cast(exp.Literal.number(number), exp.DataType.Type.BIGINT)
