"""Reading the SQL of own features: one SELECT over the contract's relations, and nothing else.

Names are compared as DuckDB does, without regard to case; a step of a WITH counts only where it can
be seen from, because elsewhere its name would mean a file or another table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from salesml.config import OwnFeatures
from salesml.config.section import nearest
from salesml.errors import Fault, UsageError
from salesml.snapshots.own_functions import forbidden

BEGINS = {
    "contracts": "start",
    "assignments": "start",
    "history": "day",
    "activities": "day",
    "stages": "day",
    "referrals": "day",
    "prospects": "created_at",
}
"""Relations beside events and accounts that own features may read, and when a row became known."""


def read_own(own: OwnFeatures, relations: Iterable[str]) -> exp.Query:
    """The query as an expression, if it only selects from relations of the contract.

    Raises
    ------
    UsageError
        With every fault of the query.
    """
    where, allowed = f"features.{own.name}", readable(relations)
    try:
        parsed = [each for each in sqlglot.parse(own.sql, read="duckdb") if each is not None]
    except (SqlglotError, RecursionError) as error:
        raise UsageError(
            Fault(code="bad-sql", found=f"The SQL of {where} cannot be read: {_first_line(error)}")
        ) from error
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise UsageError(
            Fault(
                code="not-a-select",
                found=f"The SQL of {where} is not one SELECT",
                do="Write one SELECT that returns entity_id and the features",
            )
        )
    query = parsed[0]
    faults = [*_bad_steps(where, query, allowed), *_unknown_tables(where, query, allowed)]
    faults += _forbidden(where, query)
    if faults:
        raise UsageError(faults)
    return query


def readable(relations: Iterable[str]) -> set[str]:
    """The relations that own features may read."""
    return {name for name in relations if name.startswith("events_") or name == "accounts" or name in BEGINS}


def _bad_steps(where: str, query: exp.Query, allowed: set[str]) -> Iterator[Fault]:
    """Steps whose name could be taken for something else."""
    seen: set[str] = set()
    for name in (cte.alias_or_name for cte in query.find_all(exp.CTE)):
        why = ""
        if name.lower() in allowed:
            why = ", like a relation"
        elif name.lower() in seen:
            why = " twice"
        elif not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            why = ", which is not letters, digits and underscores"
        seen.add(name.lower())
        if why:
            yield Fault(
                code="bad-sql",
                found=f"The SQL of {where} calls a step of its own {name!r}{why}",
                do="Give the step another name",
            )


def _unknown_tables(where: str, query: exp.Query, allowed: set[str]) -> Iterator[Fault]:
    for table in query.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and not (table.db or table.catalog)
        if plain and (table.name.lower() in allowed or table.name.lower() in _steps_in_sight(table)):
            continue
        yield Fault(
            code="unknown-table",
            found=f"The SQL of {where} reads {table.sql('duckdb')}",
            allowed="It may read " + ", ".join(sorted(allowed)),
            do=nearest(table.name.lower(), allowed) if plain else "",
        )


def _steps_in_sight(table: exp.Table) -> set[str]:
    """The steps of every WITH that a table name can mean where it stands."""
    names: set[str] = set()
    inside: exp.Expr = table
    while inside.parent is not None:
        outer = inside.parent
        if isinstance(outer, exp.With) and isinstance(inside, exp.CTE):
            names |= _earlier(outer, inside)
        else:
            for part in outer.args.values():
                if isinstance(part, exp.With) and part is not inside:
                    names |= {cte.alias_or_name.lower() for cte in part.expressions}
        inside = outer
    return names


def _earlier(steps: exp.With, own: exp.CTE) -> set[str]:
    """The steps that one of them can read: those before it and, if it may recur, itself."""
    at = next(k for k, each in enumerate(steps.expressions) if each is own)
    until = at + 1 if steps.args.get("recursive") else at
    return {cte.alias_or_name.lower() for cte in steps.expressions[:until]}


def _forbidden(where: str, query: exp.Query) -> Iterator[Fault]:
    for node in query.walk():
        name = forbidden(node)
        if name:
            yield Fault(
                code="forbidden-function",
                found=f"The SQL of {where} calls {name}",
                allowed="A feature must depend on the relations and :as_of alone: ordinary aggregates, "
                "windows, mathematics, texts and parts of dates",
            )
        if isinstance(node, exp.Placeholder) and node.name != "as_of":
            yield Fault(
                code="unknown-parameter",
                found=f"The SQL of {where} has the parameter {node.sql('duckdb')}",
                allowed="The only one is :as_of",
            )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].replace("\x1b[4m", "").replace("\x1b[0m", "")
