"""What came of some accounts or prospects, each from a date of its own: the snapshot's label, and no more.

Cohort and label are the steps that a snapshot has, so that whoever is looked up here has the label that a
training on the same date learns from. The relations are cut down to those who are asked about before
anything is computed: a few answers among millions of accounts take no longer than few accounts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.sources import identifier
from salesml.snapshots.check import check_dated, check_spec
from salesml.snapshots.cohort import KEPT, REASONS, add_cohort
from salesml.snapshots.entity import Entity, entity_of
from salesml.snapshots.events import add_event_steps, logs_of, usable_log
from salesml.snapshots.pace import add_pace
from salesml.snapshots.plan import check_outcomes, observed
from salesml.snapshots.query import Question, start
from salesml.snapshots.slices import key_of
from salesml.snapshots.sql import col, rel, select
from salesml.snapshots.take import _check_rows
from salesml.windows import Window, horizon

UNKNOWN = "unknown"
NOT_THERE = "nothing-known"

NO_LABEL = {
    **REASONS,
    UNKNOWN: "not in the company's tables",
    NOT_THERE: "nothing was known of them before the as-of date",
}
"""Why somebody has no label on a date, in words."""

SCHEMA = pa.schema(
    [
        pa.field("entity_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        ("label", pa.int8()),
        pa.field("ripe", pa.bool_(), nullable=False),
        pa.field("horizon_start", pa.date32(), nullable=False),
        pa.field("horizon_end", pa.date32(), nullable=False),
        ("no_label", pa.string()),
    ]
)
"""Columns of what came of somebody; ``no_label`` is a key of :data:`NO_LABEL` where there is no label."""

DATES = 16
"""As-of dates of one query: intervals between them grow with their square."""


def labels_of(spec: Spec, crm: CRM, asked: Iterable[tuple[str, dt.date]]) -> pa.Table:
    """The outcome of each account or prospect, as it is known today, seen from its as-of date.

    Parameters
    ----------
    spec : Spec
        Says what the outcome is, and which days it looks at.
    crm : CRM
    asked : iterable of tuple of str and date
        Whom, and the as-of date; the same twice is answered once.

    Returns
    -------
    pyarrow.Table
        Columns :data:`SCHEMA`, one row for each pair, by date, then id. ``ripe`` says whether the horizon has
        been observed to its end; before, nobody has a label. Who was not in the cohort on the date, as far as
        is known today, has none either, and ``no_label`` says why.

    Raises
    ------
    UsageError
        When the spec names what the contract does not have; ``not-of-a-date`` for the label ``ideal``.
    DataError
        ``none-won``, ``duplicate-key``, or when the tables cannot be used.
    """
    check_dated(spec)
    check_spec(spec, crm.contract)
    pairs = sorted(set(asked), key=lambda each: (each[1], each[0]))
    if not pairs:
        return SCHEMA.empty_table()
    check_outcomes(spec, crm)
    seen = observed(spec, crm)
    days = sorted({day for _, day in pairs})
    with crm.connect() as con:
        _cut_down(con, crm, entity_of(spec), [name for name, _ in pairs])
        found = []
        for first in range(0, len(days), DATES):
            some = tuple(days[first : first + DATES])
            chosen = [each for each in pairs if some[0] <= each[1] <= some[-1]]
            found.append(_of_dates(con, _question(spec, crm, some, seen), chosen))
    table = pa.concat_tables(found)
    _check_rows(table, entity_of(spec))
    return table.combine_chunks()


def _question(spec: Spec, crm: CRM, days: tuple[dt.date, ...], seen: Window) -> Question:
    return Question(
        spec=spec,
        contract=crm.contract,
        columns={name: dict(relation.columns) for name, relation in crm.relations().items()},
        as_of=days,
        training=(),
        observed_until=seen.end,
    )


def _judged(question: Question) -> exp.Select:
    """All candidates of the dates with their label and why they have none."""
    build = start(question)
    log = logs_of(question.contract, build.entity).get(question.spec.label.events)
    if log:
        used = usable_log(build, log)
        add_event_steps(build, used)
        add_pace(build, used)
    add_cohort(build, labels=True, observed_until=question.observed_until)
    return build.steps.before(
        select(col("entity"), col("k"), col("label"), col("reason"), source=rel("judged"))
    )


def _cut_down(con: duckdb.DuckDBPyConnection, crm: CRM, entity: Entity, ids: Sequence[str]) -> None:
    """Have the relations of a connection hold the rows of some entities only."""
    _register(con, "asked_ids", {"id": pa.array(sorted(set(ids)), pa.string())})
    con.execute("CREATE SCHEMA asked")
    for name, relation in crm.relations().items():
        key = key_of(name, relation.columns, entity)
        if key:
            con.execute(
                f"CREATE VIEW asked.{identifier(name)} AS SELECT * FROM main.{identifier(name)} "
                f"WHERE {identifier(key)} IN (SELECT id FROM main.asked_ids)"
            )
    con.execute("SET search_path = 'asked,main'")


def _of_dates(
    con: duckdb.DuckDBPyConnection, question: Question, pairs: Sequence[tuple[str, dt.date]]
) -> pa.Table:
    spec, place = question.spec, {day: k for k, day in enumerate(question.as_of)}
    _register(
        con, "asked_rows",
        {
            "entity": pa.array([name for name, _ in pairs], pa.string()),
            "k": pa.array([place[day] for _, day in pairs], pa.int32()),
        },
    )  # fmt: skip
    rows = con.execute(
        LOOKED_UP.format(judged=_judged(question).sql("duckdb"), table=entity_of(spec).table)
    ).fetchall()
    ahead = {day: horizon(day, spec.horizon_days, spec.gap_days) for day in question.as_of}
    return pa.Table.from_pylist(
        [
            _row(str(name), question.as_of[k], label, _reason(reason, bool(there)), ahead[question.as_of[k]],
                 question.observed_until)
            for name, k, label, reason, there in rows
        ],
        schema=SCHEMA,
    )  # fmt: skip


LOOKED_UP = """
SELECT a.entity, a.k, j.label, j.reason, a.entity IN (SELECT id FROM {table}) AS there
FROM asked_rows AS a LEFT JOIN ({judged}) AS j ON j.entity = a.entity AND j.k = a.k ORDER BY a.k, a.entity
"""


def _reason(reason: str | None, there: bool) -> str:
    if reason is not None:
        return reason
    return NOT_THERE if there else UNKNOWN


def _row(
    name: str, as_of: dt.date, label: int | None, reason: str, ahead: Window, until: dt.date
) -> Mapping[str, object]:
    return {
        "entity_id": name,
        "as_of": as_of,
        "label": label if reason == KEPT else None,
        "ripe": ahead.end <= until,
        "horizon_start": ahead.start,
        "horizon_end": ahead.end,
        "no_label": reason or None,
    }


def _register(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, pa.Array]) -> None:
    """A table of a connection out of columns, in the place of one of this name."""
    con.register("asked_columns", pa.table(dict(columns)))
    con.execute(f"CREATE OR REPLACE TABLE main.{name} AS SELECT * FROM asked_columns")
    con.unregister("asked_columns")
