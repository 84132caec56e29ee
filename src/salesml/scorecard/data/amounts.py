"""Numbers that cannot be meant: less than nothing, and money of several currencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from salesml.crm.sources import identifier
from salesml.scorecard.data.note import Note, month, shown, some
from salesml.scorecard.facts import Asked
from salesml.scorecard.periods import months_later
from salesml.words import numbers

NEVER_NEGATIVE = {
    "activities": ("hours",),
    "workload": ("hours", "overtime_hours", "sick_days"),
    "reps": ("hours_per_week",),
}

AMOUNTS = {
    "costs": ("amount", "period", "kind"),
    "activities": ("cost", "day", "kind"),
    "prospects": ("amount", "created_at", "''"),
    "contracts": ("amount", "start", "''"),
    "targets": ("amount", "period", "''"),
}
"""Tables with money: the column, its day, and what it is a kind of."""

CURRENCY = re.compile(r"(^|_)(currency|ccy|currency_?code)$", re.IGNORECASE)
"""What a column that tells the currency is called."""

FOLD = 100.0
"""Usual amounts of one kind that differ by so much from month to month are hardly of one currency."""

USUAL = """
WITH months AS (
    SELECT {kind} AS kind, date_trunc('month', {day})::DATE AS month, median(abs({amount}::DOUBLE)) AS usual
    FROM {table} WHERE {amount} <> 0 AND {day} IS NOT NULL GROUP BY ALL
)
SELECT coalesce(kind, '') AS kind, arg_min(month, usual), min(usual), arg_max(month, usual), max(usual)
FROM months GROUP BY kind HAVING max(usual) >= {fold} * min(usual) ORDER BY kind
"""


FAR_OFF = """
WITH usual AS (
    SELECT kind, median(abs(amount::DOUBLE)) AS usual FROM costs WHERE amount <> 0 GROUP BY kind
)
SELECT coalesce(c.kind, ''), u.usual, count(*), min(abs(c.amount::DOUBLE)),
    date_trunc('month', min(c.period))::DATE, date_trunc('month', max(c.period))::DATE
FROM costs AS c JOIN usual AS u ON c.kind IS NOT DISTINCT FROM u.kind AND abs(c.amount) >= {fold} * u.usual
GROUP BY ALL ORDER BY 1
"""
"""Single costs that are far above what is usual of their kind."""


def notes(con: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Note]:
    """All that is to be said of numbers."""
    for table, columns in NEVER_NEGATIVE.items():
        for column in columns:
            if f"{table}.{column}" in asked.have:
                yield from _negative(con, table, column)
    money = [table for table in AMOUNTS if f"{table}.{AMOUNTS[table][0]}" in asked.have]
    for table in [*money, *([f"events.{asked.money.log}"] if asked.money.log else [])]:
        yield from _currencies(con, table)
    apart = [note for table in money for note in _usual(con, table)]
    yield from apart
    if "costs" in money and not any(note.table == "costs" for note in apart):
        yield from _far_off(con)


def _negative(con: duckdb.DuckDBPyConnection, table: str, column: str) -> Iterator[Note]:
    who = "id" if table == "reps" else "rep"
    query = f"SELECT count(*), min({who}), sum({column}) FROM {table} WHERE {column} < 0"
    count, example, total = con.execute(query).fetchone() or (0, None, 0)
    if count:
        left = {"activities": " They are left out.", "workload": " They count as none."}.get(table, "")
        yield Note(
            code="negative-hours",
            table=table,
            count=count,
            examples=shown([example] if example else []),
            words=f"{some(count, 'row has', 'rows have')} {column.replace('_', ' ')} below none, "
            f"{numbers.number(total)} in all.{left} Correct them where they were entered.",
        )


def _currencies(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[Note]:
    raw = identifier("raw_" + table.replace(".", "_"))
    columns = [name for name, *_ in con.execute(f"DESCRIBE {raw}").fetchall() if CURRENCY.search(name)]
    for column in columns:
        name = identifier(column)
        query = (
            f"SELECT {name}::VARCHAR FROM {raw} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        )
        found = [value for (value,) in con.execute(query).fetchall()]
        if len(found) > 1:
            yield Note(
                code="two-currencies",
                table=table,
                count=len(found),
                examples=shown(found),
                spoils=(table,),
                short=f"amounts of {table.removeprefix('events.')} are in {len(found)} currencies",
                words=f"The column {column} names {len(found)} currencies. Amounts are added as they stand, "
                "so no figure made of them can be trusted, and each is marked: convert them into one "
                "currency first.",
            )


def _far_off(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    for kind, usual, count, least, first, last in con.execute(FAR_OFF.format(fold=FOLD)).fetchall():
        what = f"costs of kind {kind}" if kind else "costs"
        yield Note(
            code="amounts-apart",
            table="costs",
            count=count,
            examples=(f"{month(first)}: {numbers.number(least)}",),
            first=first,
            until=months_later(last, 1),
            spoils=("costs",),
            short=f"some {what} look like those of another currency or unit",
            words=f"{some(count, 'row', 'rows')} of {what} {'is' if count == 1 else 'are'} "
            f"{numbers.number(least)} or more, where {numbers.number(usual)} is usual. Another currency, or "
            "thousands? They are added as they stand, and every figure made of them is marked.",
        )


def _usual(con: duckdb.DuckDBPyConnection, table: str) -> Iterator[Note]:
    amount, day, kind = AMOUNTS[table]
    given = "''" if kind == "''" else identifier(kind)
    query = USUAL.format(table=table, amount=identifier(amount), day=identifier(day), kind=given, fold=FOLD)
    for name, least_month, least, most_month, most in con.execute(query).fetchall():
        what = f"{table} of kind {name}" if name else table
        yield Note(
            code="amounts-apart",
            table=table,
            count=2,
            examples=(
                f"{month(least_month)}: {numbers.number(least)}",
                f"{month(most_month)}: {numbers.number(most)}",
            ),
            spoils=(table,),
            short=f"amounts of {what} look like those of several currencies or units",
            words=f"The usual amount of {what} is {numbers.number(least)} in {month(least_month)} and "
            f"{numbers.number(most)} in {month(most_month)}. Are some in another currency, or in thousands? "
            "They are added as they stand, and every figure made of them is marked.",
        )
