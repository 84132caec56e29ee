"""Arithmetic that rounds, divides and compares as DuckDB does."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from salesml.snapshots.dialects.casts import LARGEST_WHOLE, nearest
from salesml.snapshots.dialects.kinds import kind
from salesml.snapshots.dialects.names import BIGQUERY, POSTGRES, SPARK
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr, absolute, double, every, missing, present, when, whole


def round_to(node: Expr, dialect: str) -> Expr:
    """DuckDB multiplies a double by the power of ten and rounds that, halves away from zero.

    Spark rounds the digits that the double is printed with: 1.005 to 1.01, where DuckDB gives 1.
    PostgreSQL has no such function for doubles.
    """
    value, decimals = node.this, node.args.get("decimals")
    if kind(value) not in ("double", ""):
        return node
    places = int(decimals.unnest().sql().replace(" ", "")) if decimals is not None else 0
    if places == 0:
        return nearest(double(value), dialect)
    power = double(exp.Literal.number("1" + "0" * abs(places)))
    up, down = (exp.Mul, exp.Div) if places > 0 else (exp.Div, exp.Mul)
    scaled = up(this=exp.Paren(this=double(value)), expression=power)
    return exp.Paren(this=down(this=nearest(scaled, dialect), expression=power.copy()))


def divide(node: Expr, dialect: str) -> Expr:
    """A quotient of doubles, NULL for a divisor of zero: elsewhere it fails, or whole numbers are cut.

    DuckDB's ``//`` divides doubles like ``/``, and is only refused for others.
    """
    if isinstance(node, exp.IntDiv) and kind(node.this) != "double":
        raise UntranslatableError("// of whole numbers")
    above, below = node.this, node.expression
    if kind(above) != "double":
        above = double(above)
    if not isinstance(below, exp.Nullif):
        below = exp.Nullif(this=double(below), expression=whole(0))
    return exp.Div(this=above, expression=below, typed=True, safe=False)


def remainder(node: Expr, dialect: str) -> Expr:
    """PostgreSQL and BigQuery have no remainder of doubles: that of decimals is taken."""
    if dialect not in (POSTGRES, BIGQUERY) or kind(node.this) == "whole":
        return node
    exact = "BIGDECIMAL" if dialect == BIGQUERY else "DECIMAL"
    above, below = (exp.cast(each, exp.DataType.build(exact)) for each in (node.this, node.expression))
    made = exp.Anonymous(this="MOD", expressions=[above, below])
    return double(made)


def mean(node: Expr, dialect: str) -> Expr:
    """The mean as DuckDB takes it: a double, also of decimals, whose sum is exact."""
    value = node.this
    if isinstance(value, exp.Distinct):
        raise UntranslatableError("avg(DISTINCT …)")
    below = exp.Nullif(this=double(exp.Count(this=value.copy())), expression=whole(0))
    return exp.Paren(this=exp.Div(this=double(exp.Sum(this=value)), expression=below, typed=True))


def extreme(node: Expr, dialect: str) -> Expr:
    """``GREATEST`` and ``LEAST``, which pass over NULL in some dialects and give NULL for it in others.

    sqlglot tells by ``ignore_nulls`` what is meant: own features pass over NULL, as DuckDB does; what
    crm.yaml's expressions and the steps are built of gives NULL.
    """
    passes_over, values = dialect in (SPARK, POSTGRES), [node.this, *node.expressions]
    if bool(node.args.get("ignore_nulls")) == passes_over:
        return node
    if passes_over:
        plain = type(node)(this=values[0], expressions=values[1:], ignore_nulls=True)
        return when(every(*(present(each.copy()) for each in values)), plain)
    made: Expr = reduce(lambda one, other: _of_two(type(node), one, other), values)
    return made


def _of_two(form: type[Expr], one: Expr, other: Expr) -> Expr:
    """The greater or lesser of two, or the one that is there."""
    pair = form(this=one.copy(), expressions=[other.copy()])
    ifs = [
        exp.If(this=missing(one.copy()), true=other),
        exp.If(this=missing(other.copy()), true=one),
    ]
    return exp.Case(ifs=ifs, default=pair)


def whole_below(node: Expr, dialect: str) -> Expr:
    """Floor and ceiling as doubles: Spark's are BIGINT, which has no infinity and less room."""
    value = node.this
    if dialect != SPARK or kind(value) not in ("double", ""):
        return node
    fits = absolute(double(value.copy())) < exp.Literal.number(LARGEST_WHOLE)
    return when(fits, double(node), double(value.copy()))


def count_if(node: Expr, dialect: str) -> Expr:
    """``count_if`` as a sum, which is a BIGINT in all; missing where nothing is true or false."""
    known = exp.Not(this=exp.Is(this=exp.Paren(this=node.this.copy()), expression=exp.Null()))
    return exp.Sum(this=when(node.this, whole(1), when(known, whole(0))))
