"""Tables in which every prospect has its as-of date on the same day.

A feature only looks at days before the as-of date, counted back from it. So instead of one as-of date
per prospect, which would make hundreds of them, the rows of each prospect are moved by as many days as
bring its own as-of date to one common day. A snapshot of that day then is, bit for bit, each prospect
as it was known on its own date, from the code that makes the snapshots to be scored.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from salesml.config import Spec
from salesml.errors import Fault, UsageError
from salesml.snapshots.activities import ACTIVITIES
from salesml.snapshots.pace import BEGINNINGS_MOVED
from salesml.snapshots.sql import (
    all_of,
    col,
    date,
    equal,
    every,
    grouped,
    joined,
    least,
    named,
    present,
    rel,
    select,
    table_of,
    text,
)

OFFSETS = "offsets"
MOVED = ("DATE", "TIMESTAMP")


def shift(
    con: duckdb.DuckDBPyConnection,
    relations: Mapping[str, Mapping[str, str]],
    prospects: Sequence[str],
    as_of: Sequence[dt.date],
    to: dt.date,
) -> str:
    """Put moved relations in front of the canonical ones of a connection, of these prospects only.

    Rows that name no prospect, and dated relations that cannot, are empty there: on which of the many
    as-of dates they would be looked at cannot be said.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        A connection made by ``CRM.connect``, which from then on is of use for nothing else.
    relations : mapping of str to mapping of str to str
        The columns of each canonical relation with their DuckDB types.
    prospects, as_of : sequence
        Each prospect and its as-of date.
    to : date
        The day that all as-of dates are moved to.

    Returns
    -------
    str
        The SQL that did it, but for the offsets.
    """
    offsets = pa.table(
        {
            "prospect": pa.array(prospects, pa.string()),
            "as_of": pa.array(as_of, pa.date32()),
            "days": pa.array([(to - day).days for day in as_of], pa.int32()),
        }
    )
    con.register("given_offsets", offsets)
    con.execute(f'CREATE TEMP TABLE "{OFFSETS}" AS SELECT * FROM given_offsets')
    con.unregister("given_offsets")
    made = [_beginnings(relations), *(_view(name, columns) for name, columns in relations.items())]
    for sql in made:
        con.execute(sql)
    return ";\n".join(made) + ";\n"


def refuse_undated(spec: Spec, relations: Mapping[str, Mapping[str, str]], used: Collection[str]) -> None:
    """That own features read nothing that has dates and names no prospect.

    Raises
    ------
    UsageError
        ``not-of-prospects``.
    """
    wrong = sorted(name for name in used if name in relations and _key(name, relations[name]) is None)
    if wrong:
        raise UsageError(
            Fault(
                code="not-of-prospects",
                found=f"features of {spec.name}.yaml read {', '.join(wrong)}, whose rows name no prospect",
                allowed="Each past prospect is looked at on its own date, so rows must say whose they are",
                do="Read logs that name a prospect, activities, stages, referrals, prospects or history",
            )
        )


def tables_read(spec: Spec) -> set[str]:
    """The names of all tables that own features read; of SQL that cannot be read, none."""
    found: set[str] = set()
    for own in spec.features:
        with contextlib.suppress(SqlglotError):  # taking the snapshot says what is wrong with it
            found |= {table.name for table in parse_one(own.sql, dialect="duckdb").find_all(exp.Table)}
    return found


def _beginnings(relations: Mapping[str, Mapping[str, str]]) -> str:
    """The first day of each log as far as it was known at each prospect's date, moved with its rows."""
    logs = {
        name: f"events.{name.removeprefix('events_')}" for name in relations if name.startswith("events_")
    }
    logs |= {ACTIVITIES: ACTIVITIES} if ACTIVITIES in relations else {}
    parts = [_beginning(name, source, relations[name]) for name, source in logs.items()]
    if not parts:
        parts = [table_of([[text(""), text(""), date(dt.date.max)]], ["log", "entity", "first_day"])]
    return f'CREATE TEMP TABLE "{BEGINNINGS_MOVED}" AS {all_of(parts).sql("duckdb")}'


def _beginning(name: str, source: str, columns: Mapping[str, str]) -> exp.Select:
    known = col("known_day" if "known_day" in columns else "day")
    rows = select(named(known, "known"), named(least(col("day")), "day"), source=_canonical(name))
    rows = rows.where(present(col("prospect")))
    if "is_return" in columns:
        rows = rows.where(exp.Not(this=col("is_return")))
    days = grouped(rows, [known]).subquery(exp.to_identifier("d", quoted=True))
    first = _later(least(col("day", "d")), "DATE")
    query = select(
        named(text(source), "log"),
        named(col("prospect", "o"), "entity"),
        named(first, "first_day"),
        source=days,
    )
    query = joined(query, rel(OFFSETS, "o"), col("known", "d") < col("as_of", "o"))
    return grouped(query, [col("prospect", "o"), col("days", "o")])


def _canonical(name: str, alias: str = "") -> exp.Table:
    """A relation as the connection was made with, whatever stands in front of it."""
    return exp.Table(
        this=exp.to_identifier(name, quoted=True), db=exp.to_identifier("main"),
        catalog=exp.to_identifier("memory"),
        alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)) if alias else None,
    )  # fmt: skip


def _view(name: str, columns: Mapping[str, str]) -> str:
    """A relation's moved rows under its own name, found before it."""
    key = _key(name, columns)
    source = _canonical(name, "r")
    if key is None:
        query = select(exp.Star(), source=source).where(exp.false())
    else:
        query = select(*(_column(each, type_) for each, type_ in columns.items()), source=source)
        same = equal(col("prospect", "o"), col(key, "r"))
        if name == "history":
            # What has a history is dated for everybody: changes of others stay, on no day at all.
            same = every(same, equal(col("table", "r"), text("prospects")))
            query = joined(query, rel(OFFSETS, "o"), same, kind="left")
        else:
            query = joined(query, rel(OFFSETS, "o"), same)
    return f'CREATE TEMP VIEW "{name}" AS {query.sql("duckdb")}'


def _key(name: str, columns: Mapping[str, str]) -> str | None:
    """The column that says whose a row is; None where none does."""
    if name in ("prospects", "history"):
        return "id"
    return "prospect" if "prospect" in columns else None


def _column(name: str, type_: str) -> exp.Expr:
    value: exp.Expr = col(name, "r")
    return named(_later(value, type_) if type_ in MOVED else value, name)


def _later(value: exp.Expr, type_: str) -> exp.Expr:
    """A day, moved as all of its prospect's."""
    interval = exp.Interval(this=col("days", "o"), unit=exp.var("DAY"))
    return exp.cast(exp.Add(this=value, expression=interval), exp.DataType.build(type_))
