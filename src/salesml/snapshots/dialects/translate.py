"""An expression rewritten for a dialect, part by part from within, and written as SQL."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from sqlglot import Dialect, ErrorLevel, exp
from sqlglot.errors import UnsupportedError

from salesml.snapshots.dialects import casts, dates, numbers, shapes, texts
from salesml.snapshots.dialects.functions import check_function
from salesml.snapshots.dialects.kinds import Columns, note_kinds
from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr

Rule = Callable[[Expr, str], Expr]

RULES: dict[type, Rule] = {
    exp.TryCast: casts.try_cast,
    exp.Cast: casts.plain_cast,
    exp.EQ: casts.is_nan,
    exp.DateDiff: dates.day_difference,
    exp.AtTimeZone: dates.at_time_zone,
    exp.Anonymous: dates.parsed,
    exp.Year: dates.part_of_date,
    exp.Month: dates.part_of_date,
    exp.Day: dates.part_of_date,
    exp.Extract: dates.part_of_date,
    exp.Round: numbers.round_to,
    exp.Div: numbers.divide,
    exp.IntDiv: numbers.divide,
    exp.Mod: numbers.remainder,
    exp.Avg: numbers.mean,
    exp.Floor: numbers.whole_below,
    exp.Ceil: numbers.whole_below,
    exp.Greatest: numbers.extreme,
    exp.Least: numbers.extreme,
    exp.CountIf: numbers.count_if,
    exp.Trim: texts.trim,
    exp.RegexpLike: texts.regexp,
    exp.Contains: texts.contains,
    exp.EndsWith: texts.ends_with,
    exp.Like: texts.like,
    exp.ILike: texts.alike,
    exp.Lower: texts.letters,
    exp.Upper: texts.letters,
    exp.LT: texts.ordered,
    exp.LTE: texts.ordered,
    exp.GT: texts.ordered,
    exp.GTE: texts.ordered,
    exp.Substring: texts.part_of_text,
    exp.Left: texts.part_of_text,
    exp.Right: texts.part_of_text,
    exp.Values: shapes.written_table,
    exp.Order: shapes.order,
    exp.Identifier: shapes.quoted,
}
"""By the type of a part, what it becomes once its own parts have been rewritten."""


def translate(tree: Expr, dialect: str, tables: Mapping[str, Columns]) -> Expr:
    """A copy of an expression that means in a dialect what it means in DuckDB.

    Parameters
    ----------
    tables : mapping of str to mapping
        The kinds of the columns of each relation that it reads, by name.

    Raises
    ------
    UntranslatableError
        For a part that has no counterpart.
    """
    made = tree.copy()
    note_kinds(made, tables)
    return _rewritten(made, dialect)


def to_sql(tree: Expr, dialect: str, *, pretty: bool = False) -> str:
    """The text of a translated expression.

    Raises
    ------
    UntranslatableError
        For what sqlglot knows the dialect to lack.
    """
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot write is reported by us
    try:
        writer = Dialect.get_or_raise(dialect).generator(pretty=pretty, unsupported_level=ErrorLevel.RAISE)
        # Steps stay where they are, in subqueries: at the top two of one name would meet.
        writer.EXPRESSIONS_WITHOUT_NESTED_CTES = set()  # type: ignore[misc]
        return writer.generate(tree)
    except UnsupportedError as error:
        raise UntranslatableError(str(error).splitlines()[0]) from None
    finally:
        logger.setLevel(level)


def _rewritten(node: Expr, dialect: str) -> Expr:
    check_function(node)
    kind = node.meta.get("kind", "")
    for key, value in list(node.args.items()):
        if isinstance(value, list):
            node.set(key, [_rewritten(each, dialect) if isinstance(each, Expr) else each for each in value])
        elif isinstance(value, Expr):
            node.set(key, _rewritten(value, dialect))
    rule = RULES.get(type(node))
    made = rule(node, dialect) if rule else node
    made.meta["kind"] = kind
    return made
