"""How often reps did each kind of thing: calls, visits, demos, in every window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from salesml.config import Spec
from salesml.crm.contract import Contract
from salesml.snapshots.activities import ACTIVITIES
from salesml.snapshots.build import Build, plural, safe_name
from salesml.snapshots.entity import entity_of
from salesml.snapshots.events import Log
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import (
    Expr,
    col,
    double,
    equal,
    grouped,
    named,
    or_zero,
    rel,
    select,
    text,
    total,
    when,
)

KIND = "kind"
FEWEST = 20
"""Entities that a kind must have been done with to be told apart: names of single ones are no kinds."""
MOST = 30
"""More kinds than these are free text, and none of them is counted on its own."""


def kinds_seen(
    spec: Spec, contract: Contract, con: duckdb.DuckDBPyConnection, until: dt.date
) -> tuple[str, ...]:
    """The kinds that were done with enough entities before a date, by name.

    They can only become more from one date to a later one, so that who scores later has the columns
    of who trained before.
    """
    table, key = contract.tables.get(ACTIVITIES), entity_of(spec).key
    if table is None or KIND not in table.columns or key not in table.columns:
        return ()
    rows = con.execute(
        f'SELECT "kind" FROM "{ACTIVITIES}" WHERE "day" < ? AND "kind" IS NOT NULL '
        f'GROUP BY "kind" HAVING count(DISTINCT "{key}") >= ? ORDER BY "kind"',
        [until, FEWEST],
    ).fetchall()
    return tuple(kind for (kind,) in rows) if len(rows) <= MOST else ()


def add_kinds(build: Build, log: Log, kinds: Sequence[str]) -> None:
    """The step and the features of each kind, from the counts that the variety of kinds is made of."""
    if KIND not in log.categories or not kinds:
        return
    step, keys = log.step("kinds"), [col("entity"), col("k")]
    columns: list[Expr] = [*keys]
    for number, kind in enumerate(kinds):
        for window in build.spec.windows_days:
            rows = when(equal(col("level"), text(kind)), col(f"n_{window}"))
            columns.append(named(total(rows), f"kind_{number}_{window}"))
    levels = rel(log.step(f"variety_{KIND}_levels"))
    build.join(build.steps.add(step, grouped(select(*columns, source=levels), keys)))
    for number, kind in enumerate(kinds):
        word = build.contract.words.get(kind) or spoken(kind)
        for window in build.spec.windows_days:
            build.feature(
                Feature(
                    name=f"{log.name}_{safe_name(kind)}_count_{window}d", source=f"{ACTIVITIES}.{kind}",
                    column=KIND, window_days=window, unit=word, form="count",
                    words=f"{plural(word)} in the last {window} days", group=f"{log.name}.{safe_name(kind)}",
                    tag=build.tag(kind, "symptom"),
                ),
                double(or_zero(col(f"kind_{number}_{window}", step))),
            )  # fmt: skip


def spoken(kind: str) -> str:
    """A kind as it runs in a sentence: ``Site_Visit`` becomes site visit, ``SMS`` stays."""
    words = kind.replace("_", " ").split()
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
