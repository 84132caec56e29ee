"""A snapshot's query for another dialect: from the company's own tables to the rows, in one statement."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from salesml.crm import CRM
from salesml.crm.bound import Bound
from salesml.crm.contract import Source
from salesml.crm.relations import Relation
from salesml.errors import Fault, UsageError
from salesml.snapshots.dialects import to_sql, translate
from salesml.snapshots.dialects.kinds import Columns, kind_of_type
from salesml.snapshots.dialects.names import POSTGRES
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.dialects.sources import raw_query, table_name, used_columns
from salesml.snapshots.dialects.texts import by_bytes
from salesml.snapshots.sql import Expr


def portable_sql(query: exp.Select, crm: CRM, dialect: str, *, pretty: bool = True) -> str:
    """A query over the canonical relations as one over the company's tables.

    The first steps, ``raw_…``, read the tables under their own names (see
    :func:`salesml.snapshots.dialects.sources.table_name`); the next make the canonical relations.

    Raises
    ------
    UsageError
        ``untranslatable`` for what has no counterpart in the dialect.
    """
    try:
        whole = _whole(query, crm, dialect)
        return _heading(crm, dialect) + to_sql(whole, dialect, pretty=pretty)
    except UntranslatableError as error:
        raise untranslatable(error, dialect) from None


def untranslatable(error: UntranslatableError, dialect: str) -> UsageError:
    """The error of a part that has no counterpart in a dialect."""
    return UsageError(
        Fault(
            code="untranslatable",
            found=f"{error.found} has no counterpart in {dialect} that surely means the same",
            allowed="crm.yaml and own features may use what docs/scale.md lists",
            do="Write it otherwise, or leave it to DuckDB",
        )
    )


def relation_query(relation: Relation, tables: Mapping[str, Columns], dialect: str) -> Expr:
    """A canonical relation in a dialect, its texts ordered by their bytes."""
    made = translate(relation.select, dialect, tables)
    if dialect != POSTGRES:
        return made
    for select in _branches(made):
        for column, type_ in zip(list(select.selects), relation.columns.values(), strict=True):
            if type_ == "VARCHAR":
                column.set("this", by_bytes(column.this, dialect))
    return made


def raw_columns(bounds: Mapping[str, Bound]) -> dict[str, Columns]:
    """The kinds of the columns of every raw relation."""
    return {
        bound.raw_name: {name: kind_of_type(type_) for name, type_ in bound.raw.columns.items()}
        for bound in bounds.values()
    }


def canonical_columns(relations: Mapping[str, Relation]) -> dict[str, Columns]:
    """The kinds of the columns of every canonical relation."""
    return {
        name: {column: kind_of_type(type_) for column, type_ in relation.columns.items()}
        for name, relation in relations.items()
    }


def _whole(query: exp.Select, crm: CRM, dialect: str) -> exp.Select:
    """The query with its tables and relations as steps before its own."""
    relations, bounds = crm.relations(), crm.bounds
    read = {table.name for table in query.find_all(exp.Table)}
    needed = [relations[name] for name in relations if name in read]
    made = translate(query, dialect, canonical_columns(relations))
    steps = [*_raw_steps(needed, crm, dialect)]
    kinds = raw_columns(bounds)
    steps += [_step(relation.name, relation_query(relation, kinds, dialect)) for relation in needed]
    own = made.args.get("with_") or made.args.get("with")
    made.set("with_", exp.With(expressions=[*steps, *(own.expressions if own else [])]))
    return made  # type: ignore[return-value]


def _raw_steps(needed: list[Relation], crm: CRM, dialect: str) -> list[exp.CTE]:
    """A step for every table that a relation reads."""
    steps = []
    for table, bound in crm.bounds.items():
        reading = [each.select for each in needed if bound.raw_name in _tables(each.select)]
        if reading:
            columns = list(dict.fromkeys(name for each in reading for name in used_columns(each, bound)))
            steps.append(_step(bound.raw_name, raw_query(source_of(crm, table), bound, columns, dialect)))
    return steps


def source_of(crm: CRM, table: str) -> Source:
    """Where a table of the contract comes from."""
    log = table.removeprefix("events.")
    return crm.contract.events[log].source if log != table else crm.contract.tables[table].source


def _heading(crm: CRM, dialect: str) -> str:
    tables = sorted({table_name(source_of(crm, table)) for table in crm.bounds if not _asked(crm, table)})
    zone = "" if dialect == POSTGRES else "\n-- Run it in a session whose time zone is UTC."
    return f"-- Reads the tables {', '.join(tables)}.{zone}\n"


def _asked(crm: CRM, table: str) -> bool:
    return bool(source_of(crm, table).query)


def _tables(query: Expr) -> set[str]:
    return {table.name for table in query.find_all(exp.Table)}


def _branches(query: Expr) -> list[exp.Select]:
    """The queries of a union, or the one that it is."""
    if isinstance(query, exp.SetOperation):
        return [*_branches(query.this), *_branches(query.expression)]
    return [query] if isinstance(query, exp.Select) else []


def _step(name: str, query: Expr) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
