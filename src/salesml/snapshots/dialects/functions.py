"""The functions that mean the same in every dialect, perhaps after a rule of this package.

A closed list: sqlglot writes functions that it does not know as they stand, and one of the same name
may do something else.
"""

from __future__ import annotations

from sqlglot import exp

from salesml.snapshots.dialects.refusal import UntranslatableError
from salesml.snapshots.sql import Expr

KNOWN: tuple[type, ...] = (
    exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Abs,
    exp.Round, exp.Floor, exp.Ceil, exp.Sqrt, exp.Exp, exp.Ln, exp.Sign, exp.Sum, exp.Min, exp.Max,
    exp.Count, exp.CountIf, exp.Avg, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead,
    exp.FirstValue, exp.DateDiff, exp.Year, exp.Month, exp.Day, exp.Lower, exp.Upper, exp.Trim,
    exp.Length, exp.Substring, exp.Left, exp.Right, exp.Replace, exp.StartsWith, exp.EndsWith,
    exp.Contains, exp.RegexpLike, exp.And, exp.Or, exp.Exists, exp.Extract,
)  # fmt: skip

OWN = ("try_strptime",)
"""Functions of DuckDB that a rule knows by name."""

PARTS = ("YEAR", "MONTH", "DAY")


def check_function(node: Expr) -> None:
    """That a function is on the list.

    Raises
    ------
    UntranslatableError
    """
    if isinstance(node, exp.Anonymous):
        if str(node.this).lower() not in OWN:
            raise UntranslatableError(f"the function {node.this}")
    elif isinstance(node, exp.Extract):
        if node.name.upper() not in PARTS:
            raise UntranslatableError(f"extract({node.name.lower()} …)")
    elif isinstance(node, exp.Func) and not isinstance(node, KNOWN):
        raise UntranslatableError(f"the function {node.sql_name().lower()}")
    elif isinstance(node, exp.Placeholder | exp.Lambda | exp.Bracket | exp.Qualify | exp.Pivot):
        raise UntranslatableError(type(node).__name__.lower())
