"""What reps did with somebody, read from the table of activities as if it were one more event log."""

from __future__ import annotations

from sqlglot import exp

from salesml.crm.contract import EventLog
from salesml.crm.values import MONEY
from salesml.snapshots.build import Build
from salesml.snapshots.events import Log
from salesml.snapshots.sql import Expr, col, named, present, rel, select

ACTIVITIES = "activities"
PARTS = {"hours": "m_hours", "cost": "m_cost", "kind": "c_kind"}
"""Measures and the category of an activity, and what a log's relation calls them."""


def activity_log(build: Build) -> Log | None:
    """The activities as a log, when they name such entities; adds the step that its rows stand in.

    An activity is known on its day. Who did it is never a feature.
    """
    table = build.contract.tables.get(ACTIVITIES)
    if table is None or build.entity.key not in table.columns:
        return None
    name = _free_name(build)
    parts = [
        part
        for part in PARTS
        if part in table.columns
        and not build.withheld(ACTIVITIES, table.columns[part])
        and not build.withheld(ACTIVITIES, part)
    ]
    log = EventLog(
        name=name,
        source=table.source,
        at=table.columns["at"],
        account=table.columns.get("account", ""),
        prospect=table.columns.get("prospect", ""),
        measures={part: part for part in parts if PARTS[part].startswith("m_")},
        categories=("kind",) if "kind" in parts else (),
        words="activity",
    )
    relation = build.steps.add(f"{name}__as_log", _as_log(parts))
    return Log(log, tuple(log.measures), log.categories, source=ACTIVITIES, relation=relation)


def _as_log(parts: list[str]) -> exp.Select:
    columns: list[Expr] = [
        col("account"), col("prospect"), col("day"), named(col("day"), "known_day"),
        named(exp.false(), "is_return"),
    ]  # fmt: skip
    for part in parts:
        value: Expr = col(part)
        if part == "hours":
            value = exp.TryCast(this=value, to=exp.DataType.build(MONEY, dialect="duckdb"))  # for exact sums
        columns.append(named(value, PARTS[part]))
    return select(*columns, source=rel(ACTIVITIES)).where(present(col("day")))


def _free_name(build: Build) -> str:
    """``activities``, unless an event log is called so."""
    return ACTIVITIES if ACTIVITIES not in build.contract.events else f"{ACTIVITIES}_of_reps"
