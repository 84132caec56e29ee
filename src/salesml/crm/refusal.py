"""How a form of SQL that is not on the list is refused, in words that say what it is."""

from __future__ import annotations

from sqlglot import exp

from salesml.crm.place import ExpressionError, short


def refusal(node: exp.Expr) -> ExpressionError:
    """The fault of a form that is not on the list, with the most telling part of it named."""
    code = "not-a-row-expression"
    allowed = (
        "Allowed: columns, numbers, texts, + - * /, comparisons, and/or/not, CASE, COALESCE and the like"
    )
    if isinstance(node, exp.Query | exp.Subquery | exp.Exists | exp.Any | exp.All):
        return ExpressionError(code, f"{short(node.sql('duckdb'))} is a subquery", allowed)
    if isinstance(node, exp.Window):
        return ExpressionError(code, f"{short(node.sql('duckdb'))} is a window function", allowed)
    if isinstance(node, exp.AggFunc):
        return ExpressionError(code, f"{short(node.sql('duckdb'))} sums up several rows", allowed)
    if isinstance(node, exp.Star):
        return ExpressionError(code, "* stands for all columns", allowed)
    if isinstance(node, exp.Anonymous | exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        return ExpressionError(
            code, f"The function {name.lower()} is not on the list of allowed ones", allowed
        )
    return ExpressionError(code, f"{short(node.sql('duckdb'))} is not a plain row expression", allowed)
