"""All checks of a CRM's tables, in one report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import duckdb

from salesml.crm.bound import Bound
from salesml.crm.codes import fault
from salesml.crm.completeness import check_completeness
from salesml.crm.contract import Contract
from salesml.crm.links import check_links
from salesml.crm.relations import past_dates, relations
from salesml.crm.report import Report
from salesml.crm.rows import check_rows
from salesml.crm.sources import identifier
from salesml.errors import Fault


def check(
    bounds: Mapping[str, Bound], contract: Contract, con: duckdb.DuckDBPyConnection, today: dt.date
) -> Report:
    """Every fault of the tables; what cannot be read is left out of what comes after.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        With the raw relations of all readable tables.
    """
    faults: list[Fault] = [each for bound in bounds.values() for each in bound.faults]
    faults += _not_yet(contract, today)
    rows: list[tuple[str, int]] = []
    whole: dict[str, Bound] = {}
    for table, bound in bounds.items():
        if not bound.raw.readable:
            continue
        count, found = check_rows(bound, con, today)
        faults += found
        if count >= 0:
            rows.append((table, count))
        if count > 0 and complete(bound):
            whole[table] = bound
    end = _make(whole, contract, con, today)
    faults += check_links(whole, con)
    faults += check_completeness(whole, contract, con, today, end)
    return Report.of(faults, rows)


def _not_yet(contract: Contract, today: dt.date) -> list[Fault]:
    until = contract.observed_until
    if until is None or until <= today:
        return []
    found = f"observed_until lies after today: it is {until}, and today is {today}"
    return [fault("not-yet", found, do="Write the first day that is not complete yet, or leave it out")]


def complete(bound: Bound) -> bool:
    """Whether the table has what its relation is made of, whatever else is wrong with it."""
    if bound.table.startswith("events."):
        owned = bound.field("account") or bound.field("prospect")
        return bool(owned and bound.field("at"))
    return True


def _make(
    whole: Mapping[str, Bound], contract: Contract, con: duckdb.DuckDBPyConnection, today: dt.date
) -> dt.date | None:
    """Make the canonical relations, and say before which day all is observed."""
    newest: list[dt.date] = []
    for relation in relations(whole, contract.timezone).values():
        if relation.name == "accounts" and "accounts" not in whole:
            continue
        kind = "TABLE" if relation.name == "accounts" else "VIEW"
        con.execute(f"CREATE {kind} {identifier(relation.name)} AS {relation.sql}")
        for column in past_dates(relation):
            name = identifier(column)
            query = f"SELECT max({name}) FROM {identifier(relation.name)} WHERE {name} BETWEEN ? AND ?"
            row = con.execute(query, [dt.date.min, today]).fetchone()
            newest += [row[0]] if row and row[0] else []
    if contract.observed_until:
        return min(contract.observed_until, today)
    # Today is not over: its rows are still coming.
    return min(max(newest) + dt.timedelta(days=1), today) if newest else None
