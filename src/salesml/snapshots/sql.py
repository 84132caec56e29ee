"""The closed list of expression kinds that snapshot SQL is made of.

Every identifier is quoted, and nothing is divided by zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    Expr = exp.Expr  # since sqlglot 30 the base of conditions, too
else:
    Expr = exp.Expression


def col(name: str, table: str = "") -> exp.Column:
    """A column, quoted."""
    return exp.column(name, table=table or None, quoted=True)


def rel(name: str, alias: str = "") -> exp.Table:
    """A relation or a named step, quoted."""
    made = exp.Table(this=exp.to_identifier(name, quoted=True))
    if alias:
        made.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return made


def named(expression: Expr, name: str) -> Expr:
    """An expression under a name."""
    return exp.alias_(expression, name, quoted=True)


def whole(number: int) -> Expr:
    return exp.Literal.number(number)


def text(value: str) -> Expr:
    return exp.Literal.string(value)


def date(day: dt.date) -> Expr:
    """A date as a literal."""
    return exp.cast(exp.Literal.string(day.isoformat()), exp.DataType.Type.DATE)


def double(expression: Expr) -> Expr:
    """As the one type that numbers of a snapshot have."""
    return exp.cast(expression, exp.DataType.Type.DOUBLE)


def total(expression: Expr) -> Expr:
    return exp.Sum(this=expression)


def greatest(expression: Expr) -> Expr:
    return exp.Max(this=expression)


def least(expression: Expr) -> Expr:
    return exp.Min(this=expression)


def number_of_rows() -> Expr:
    return exp.Count(this=exp.Star())


def when(condition: Expr, value: Expr, otherwise: Expr | None = None) -> Expr:
    """CASE WHEN, which every dialect has, where FILTER is missing in some."""
    return exp.Case(ifs=[exp.If(this=condition, true=value)], default=otherwise)


def every(*conditions: Expr) -> Expr:
    both: Expr = exp.and_(*conditions)
    return both


def either(*conditions: Expr) -> Expr:
    one: Expr = exp.or_(*conditions)
    return one


def missing(expression: Expr) -> Expr:
    return exp.Is(this=expression, expression=exp.Null())


def present(expression: Expr) -> Expr:
    return exp.Not(this=missing(expression))


def equal(left: Expr, right: Expr) -> Expr:
    return exp.EQ(this=left, expression=right)


def or_else(expression: Expr, other: Expr) -> Expr:
    return exp.Coalesce(this=expression, expressions=[other])


def less(left: Expr, right: Expr) -> Expr:
    """A difference, in brackets."""
    return exp.Paren(this=exp.Sub(this=left, expression=right))


def more(left: Expr, right: Expr) -> Expr:
    """A sum, in brackets."""
    return exp.Paren(this=exp.Add(this=left, expression=right))


def or_zero(expression: Expr) -> Expr:
    return or_else(expression, whole(0))


def divided(above: Expr, below: Expr) -> Expr:
    """A quotient of doubles; missing where the divisor is zero."""
    return exp.Div(this=double(above), expression=exp.Nullif(this=double(below), expression=whole(0)))


def larger(left: Expr, right: Expr) -> Expr:
    return exp.Greatest(this=left, expressions=[right])


def smaller(left: Expr, right: Expr) -> Expr:
    return exp.Least(this=left, expressions=[right])


def absolute(expression: Expr) -> Expr:
    return exp.Abs(this=expression)


def root(expression: Expr) -> Expr:
    return exp.Sqrt(this=expression)


def days_between(earlier: Expr, later: Expr) -> Expr:
    """Whole days from one date to a later one."""
    return exp.DateDiff(this=later, expression=earlier, unit=exp.var("DAY"))


def over(function: Expr, *, by: Sequence[Expr], order: Sequence[Expr]) -> Expr:
    """A window function; its default frame takes in all rows up to and including equals."""
    return exp.Window(this=function, partition_by=list(by), order=exp.Order(expressions=list(order)))


def first_of(expression: Expr) -> Expr:
    return exp.FirstValue(this=expression)


def previous(expression: Expr) -> Expr:
    return exp.Lag(this=expression)


def row_number() -> Expr:
    return exp.RowNumber()


def rising(expression: Expr) -> Expr:
    return exp.Ordered(this=expression, desc=False, nulls_first=False)


def falling(expression: Expr) -> Expr:
    return exp.Ordered(this=expression, desc=True, nulls_first=False)


def select(*columns: Expr, source: Expr, distinct: bool = False) -> exp.Select:
    query = exp.Select().select(*columns, copy=False).from_(source, copy=False)
    return query.distinct(copy=False) if distinct else query


def joined(query: exp.Select, source: Expr, *conditions: Expr, kind: str = "inner") -> exp.Select:
    """The query, changed in place, joined to one more source."""
    return query.join(source, on=every(*conditions), join_type=kind, copy=False)


def grouped(query: exp.Select, keys: Iterable[Expr]) -> exp.Select:
    return query.group_by(*[key.copy() for key in keys], copy=False)


def table_of(rows: Sequence[Sequence[Expr]], columns: Sequence[str]) -> exp.Select:
    """A table written out."""
    values = exp.Values(
        expressions=[exp.Tuple(expressions=list(row)) for row in rows],
        alias=exp.TableAlias(
            this=exp.to_identifier("written", quoted=True),
            columns=[exp.to_identifier(name, quoted=True) for name in columns],
        ),
    )
    return select(*(col(name) for name in columns), source=values)


def all_of(selects: Sequence[exp.Select]) -> exp.Select:
    """UNION ALL of selects, as one select."""
    if len(selects) == 1:
        return selects[0]
    union: Expr = selects[0]
    for one in selects[1:]:
        union = exp.Union(this=union, expression=one, distinct=False)
    return exp.select("*").from_(exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier("u"))))


class Steps:
    """Named steps of one query, each a CTE that later ones may read."""

    def __init__(self) -> None:
        self._queries: dict[str, exp.Select] = {}

    def add(self, name: str, query: exp.Select) -> str:
        """Keep a step under a name that is not taken yet, and give the name back."""
        if name in self._queries:
            raise ValueError(f"two steps are called {name}")
        self._queries[name] = query
        return name

    def __contains__(self, name: str) -> bool:
        return name in self._queries

    def before(self, query: exp.Select) -> exp.Select:
        """The query with all steps in front of it."""
        for name, step in self._queries.items():
            query = query.with_(exp.to_identifier(name, quoted=True), as_=step, copy=False)
        return query
