"""Where a prospect stood in the pipeline: its stage, days in it, stages passed."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.build import Build
from salesml.snapshots.entity import PROSPECT
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    double,
    either,
    equal,
    every,
    falling,
    grouped,
    joined,
    less,
    missing,
    named,
    number_of_rows,
    or_zero,
    over,
    present,
    previous,
    rel,
    rising,
    row_number,
    select,
    whole,
)
from salesml.snapshots.timeline import DATES

STAGES = "stages"
CHANGES, NOW, PASSED = "stages__changes", "stages__now", "stages__passed"


def add_stages(build: Build) -> None:
    """Steps and features of the stages that a prospect entered before the as-of date.

    A stage that is written again while it lasts is entered once. Of several on one day the last by
    name counts as the present one: nothing says which came first.
    """
    table = build.contract.tables.get(STAGES)
    if build.entity is not PROSPECT or table is None:
        return
    if build.withheld(STAGES, table.columns["stage"]) or build.withheld(STAGES, "stage"):
        return
    build.steps.add(CHANGES, _changes())
    build.join(build.steps.add(NOW, _now()))
    build.join(build.steps.add(PASSED, _passed()))
    tag = build.tag(table.columns["stage"], build.tag("stage", "symptom"))
    days = days_between(col("day", NOW), col("as_of", DATES))
    entered = col("entered", PASSED)
    build.feature(
        Feature(
            name="stage", kind="category", source=STAGES, column="stage", form="category", words="stage",
            group="stages.stage", tag=tag,
        ),
        col("stage", NOW),
    )  # fmt: skip
    build.feature(
        Feature(
            name="stage_days", source=STAGES, column="stage", unit="days", form="days",
            words="days in the present stage", group="stages.stage", tag=tag,
        ),
        double(days),
    )  # fmt: skip
    build.feature(
        Feature(
            name="stages_passed", source=STAGES, column="stage", unit="stage", form="count",
            words="stages passed so far", group="stages.passed", tag=tag,
        ),
        double(exp.Greatest(this=less(or_zero(entered), whole(1)), expressions=[whole(0)])),
    )  # fmt: skip


def _changes() -> exp.Select:
    """Rows that enter another stage than the one before."""
    keys, order = [col("prospect")], [rising(col("day")), rising(col("stage"))]
    before = named(over(previous(col("stage")), by=keys, order=order), "before")
    rows = select(col("prospect"), col("stage"), col("day"), before, source=rel(STAGES)).where(
        every(present(col("prospect")), present(col("stage")), present(col("day")))
    )
    changed = either(missing(col("before")), exp.NEQ(this=col("before"), expression=col("stage")))
    source = rows.subquery(exp.to_identifier("rows", quoted=True))
    return select(named(col("prospect"), "entity"), col("stage"), col("day"), source=source).where(changed)


def _seen(columns: list[Expr]) -> exp.Select:
    return joined(
        select(*columns, source=rel(CHANGES, "s")), rel(DATES, "d"), col("day", "s") < col("as_of", "d")
    )


def _now() -> exp.Select:
    keys: list[Expr] = [col("entity", "s"), col("k", "d")]
    rank = over(row_number(), by=keys, order=[falling(col("day", "s")), falling(col("stage", "s"))])
    ranked = _seen([*keys, col("stage", "s"), col("day", "s"), named(rank, "rank")])
    source = ranked.subquery(exp.to_identifier("ranked", quoted=True))
    return select(col("entity"), col("k"), col("stage"), col("day"), source=source).where(
        equal(col("rank"), whole(1))
    )


def _passed() -> exp.Select:
    keys: list[Expr] = [col("entity", "s"), col("k", "d")]
    return grouped(_seen([*keys, named(number_of_rows(), "entered")]), keys)
