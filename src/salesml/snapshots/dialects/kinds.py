"""What kind of value each part of an expression is: a cast means another thing from each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

from sqlglot import exp

from salesml.snapshots.sql import Expr

Kind = Literal["text", "double", "decimal", "whole", "date", "timestamp", "timestamptz", "boolean", ""]

Columns: TypeAlias = Mapping[str, Kind]
"""The kinds of the columns of a relation, in order."""

KINDS: dict[str, Kind] = {
    "VARCHAR": "text", "TEXT": "text", "CHAR": "text", "DOUBLE": "double", "FLOAT": "double",
    "REAL": "double", "DECIMAL": "decimal", "TINYINT": "whole", "SMALLINT": "whole", "INT": "whole",
    "INTEGER": "whole", "BIGINT": "whole", "HUGEINT": "whole", "INT128": "whole", "UTINYINT": "whole",
    "USMALLINT": "whole", "UINT": "whole", "UINTEGER": "whole", "UBIGINT": "whole", "UHUGEINT": "whole",
    "DATE": "date", "DATE32": "date", "TIMESTAMP": "timestamp", "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp", "TIMESTAMP_US": "timestamp",
    "TIMESTAMPNTZ": "timestamp", "TIMESTAMPTZ": "timestamptz", "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "BOOLEAN": "boolean", "UUID": "text", "ENUM": "text",
}  # fmt: skip
"""By the name of a type, DuckDB's or sqlglot's."""

FIXED: dict[type, Kind] = {
    **dict.fromkeys(
        (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Left, exp.Right, exp.Replace, exp.DPipe), "text"
    ),
    **dict.fromkeys(
        (exp.Length, exp.DateDiff, exp.Count, exp.RowNumber, exp.Year, exp.Month, exp.Day), "whole"
    ),
    **dict.fromkeys((exp.Div, exp.IntDiv, exp.Sqrt, exp.Avg), "double"),
    **dict.fromkeys(
        (
            exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.Is, exp.In,
            exp.Between, exp.Like, exp.ILike, exp.RegexpLike, exp.StartsWith, exp.EndsWith, exp.Contains,
            exp.Boolean, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists,
        ),
        "boolean",
    ),
}  # fmt: skip
"""Forms whose kind is always the same."""

AS_GIVEN = (
    exp.Paren, exp.Alias, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Abs, exp.Neg, exp.Round,
    exp.Floor, exp.Ceil, exp.Min, exp.Max, exp.Sum, exp.Window, exp.FirstValue, exp.LastValue, exp.Lag,
    exp.Lead, exp.Ordered, exp.Distinct, exp.Filter, exp.IgnoreNulls, exp.AnyValue,
)  # fmt: skip
"""Forms that are what their argument is."""

NUMBERS: tuple[Kind, ...] = ("double", "decimal", "whole")
"""From the widest to the narrowest: arithmetic gives the widest of what it takes."""

FIRST = ("with_", "with", "from_", "from", "joins")
"""Parts of a query that are looked at before the others: they say what the others can see."""


def kind_of_type(name: str) -> Kind:
    """The kind of a type by its name, such as ``DECIMAL(18, 6)``; empty for lists and others."""
    return "" if name.endswith("]") else KINDS.get(name.split("(")[0].strip().upper(), "")


def kind(node: Expr | None) -> Kind:
    """What was found of a part; empty where that is not known."""
    return cast(Kind, node.meta.get("kind", "")) if node is not None else ""


def note_kinds(tree: Expr, tables: Mapping[str, Columns]) -> None:
    """Write its kind onto every part of an expression.

    Parameters
    ----------
    tables : mapping of str to mapping
        The kinds of the columns of each relation that it may read. What steps and subqueries make is
        found; a column that two sources give two kinds has none.
    """
    _Noter(tables).note(tree, {})


class _Noter:
    """Goes through a tree from within, with the sources that can be seen from each place."""

    def __init__(self, tables: Mapping[str, Columns]) -> None:
        self.tables = dict(tables)

    def note(self, node: Expr, seen: Mapping[str, Columns]) -> None:
        if isinstance(node, exp.Select):
            seen = self._sources(node, seen)
        for part in _in_order(node):
            if isinstance(part, exp.Join) and part.args.get("on"):
                self.note(part.args["on"], seen)  # which sees all that is joined
            elif not isinstance(node, exp.Select) or part.arg_key not in FIRST:
                self.note(part, seen)
        if isinstance(node, exp.CTE):
            self.tables[node.alias] = _named(columns_of(node.this), node.args["alias"])
        node.meta["kind"] = self._found(node, seen)

    def _sources(self, query: exp.Select, outer: Mapping[str, Columns]) -> dict[str, Columns]:
        """What a query reads from, by the name it is called there; its parts are noted on the way."""
        seen = dict(outer)
        for part in _in_order(query):
            if part.arg_key in ("with_", "with"):
                self.note(part, outer)
            elif part.arg_key in FIRST:
                source = part.this
                self.note(source, outer)
                seen[source.alias_or_name] = self._columns(source)
        query.meta["sources"] = [
            seen[part.this.alias_or_name]
            for part in _in_order(query)
            if part.arg_key in ("from_", "from", "joins")
        ]
        return seen

    def _columns(self, source: Expr) -> Columns:
        alias = source.args.get("alias")
        if isinstance(source, exp.Table):
            return _named(self.tables.get(source.name, {}), alias)
        if isinstance(source, exp.Subquery):
            return _named(columns_of(source.this), alias)
        if isinstance(source, exp.Values):
            rows = source.expressions
            kinds = [kind(each) for each in rows[0].expressions] if rows else []
            return dict(zip([each.name for each in alias.columns], kinds, strict=False)) if alias else {}
        return {}

    def _found(self, node: Expr, seen: Mapping[str, Columns]) -> Kind:
        if isinstance(node, exp.Column):
            if node.table:
                return seen.get(node.table, {}).get(node.name, "")
            return _common([columns[node.name] for columns in seen.values() if node.name in columns])
        if isinstance(node, exp.Cast):  # which TRY_CAST is one of
            return kind_of_type(node.to.sql("duckdb"))
        if isinstance(node, exp.AtTimeZone):
            return "timestamp" if kind(node.this) == "timestamptz" else "timestamptz"
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else "whole" if node.name.isdigit() else "decimal"
        if isinstance(node, exp.Case):
            ifs = [kind(each.args["true"]) for each in node.args["ifs"]]
            return _common([*ifs, kind(node.args.get("default"))])
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Mod):
            return _common([kind(node.this), kind(node.expression)])
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
            return _common([kind(node.this), *(kind(each) for each in node.expressions)])
        if isinstance(node, exp.Subquery):
            return next(iter(columns_of(node.this).values()), "")
        if type(node) in FIXED:
            return FIXED[type(node)]
        if isinstance(node, exp.Anonymous):
            return "timestamp" if str(node.this).lower() == "try_strptime" else ""
        return kind(node.this) if isinstance(node, AS_GIVEN) else ""


def columns_of(query: Expr) -> Columns:
    """The columns of a query whose parts have been noted."""
    if isinstance(query, exp.SetOperation):
        left, right = columns_of(query.this), columns_of(query.expression)
        kinds = zip(left.values(), right.values(), strict=False)
        return dict(zip(left, (_common([*both]) for both in kinds), strict=False))
    if isinstance(query, exp.Subquery):
        return columns_of(query.this)
    found: dict[str, Kind] = {}
    for each in getattr(query, "selects", []):
        if isinstance(each, exp.Star):
            for columns in query.meta.get("sources", []):
                found |= columns
        else:
            found[each.alias_or_name] = kind(each)
    return found


def _named(columns: Columns, alias: Expr | None) -> Columns:
    """The columns under the names that an alias gives them."""
    names = [each.name for each in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return dict(zip(names, columns.values(), strict=False)) if names else columns


def _in_order(node: Expr) -> list[Expr]:
    """The parts of a node; of a query its steps first, then where it reads from."""
    parts = list(node.iter_expressions())
    if not isinstance(node, exp.Query):
        return parts
    rank = {"with_": 0, "with": 0, "from_": 1, "from": 1, "joins": 2}
    return sorted(parts, key=lambda part: rank.get(part.arg_key or "", 3))


def _common(kinds: list[Kind]) -> Kind:
    known = {each for each in kinds if each}
    if len(known) == 1:
        return known.pop()
    if known <= set(NUMBERS):
        return next((each for each in NUMBERS if each in known), "")
    return ""
