"""Forms of queries that dialects write otherwise."""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.dialects.names import BIGQUERY, SNOWFLAKE
from salesml.snapshots.sql import Expr, missing, named, rising


def written_table(node: Expr, dialect: str) -> Expr:
    """A table written out: Snowflake takes no casts in VALUES, BigQuery has no VALUES to read from."""
    if dialect not in (SNOWFLAKE, BIGQUERY):
        return node
    alias = node.args["alias"]
    names = [each.name for each in alias.columns]
    union: Expr | None = None
    for row in node.expressions:
        one = exp.Select().select(
            *(named(each, name) for each, name in zip(row.expressions, names, strict=True))
        )
        union = one if union is None else exp.Union(this=union, expression=one, distinct=False)
    return exp.Subquery(this=union, alias=exp.TableAlias(this=alias.this.copy()))


def order(node: Expr, dialect: str) -> Expr:
    """BigQuery refuses NULLS LAST in the order of a window: what is missing is an order of its own."""
    if dialect != BIGQUERY:
        return node
    expressions: list[Expr] = []
    for each in node.expressions:
        if isinstance(each, exp.Ordered) and not each.args.get("nulls_first"):
            plain = exp.Ordered(
                this=each.this, desc=each.args.get("desc"), nulls_first=not each.args.get("desc")
            )
            expressions += [rising(missing(each.this.copy())), plain]
            expressions[-2].set("nulls_first", True)
        else:
            expressions.append(each)
    return exp.Order(expressions=expressions)


def quoted(node: Expr, dialect: str) -> Expr:
    """A name in quotes and, where it had none, in small letters: what is reserved differs."""
    if node.args.get("quoted"):
        return node
    return exp.to_identifier(node.name.lower(), quoted=True)
