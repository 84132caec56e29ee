"""The closed list of forms an expression may have, and how each is built anew."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Literal

from sqlglot import exp

from salesml.config.section import nearest
from salesml.crm import values
from salesml.crm.place import KINDS, ExpressionError, Kind, Place, short
from salesml.crm.refusal import refusal

Built = tuple[Any, Kind]

COMPARISONS: dict[type, type] = {
    each: each
    for each in (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
}

FUNCTIONS: dict[type, tuple[tuple[Kind | Literal["whole"], ...], Kind]] = {
    exp.Abs: (("number",), "number"),
    exp.Round: (("number", "whole"), "number"),
    exp.Floor: (("number",), "number"),
    exp.Ceil: (("number",), "number"),
    exp.Lower: (("text",), "text"),
    exp.Upper: (("text",), "text"),
    exp.Trim: (("text",), "text"),
    exp.Length: (("text",), "number"),
    exp.Substring: (("text", "whole", "whole"), "text"),
    exp.Left: (("text", "whole"), "text"),
    exp.Right: (("text", "whole"), "text"),
    exp.Replace: (("text", "text", "text"), "text"),
    exp.StartsWith: (("text", "text"), "boolean"),
    exp.EndsWith: (("text", "text"), "boolean"),
    exp.Contains: (("text", "text"), "boolean"),
    exp.Like: (("text", "text"), "boolean"),
    exp.ILike: (("text", "text"), "boolean"),
    exp.DPipe: (("text", "text"), "text"),
    exp.Year: (("date",), "number"),
    exp.Month: (("date",), "number"),
    exp.Day: (("date",), "number"),
    exp.And: (("boolean", "boolean"), "boolean"),
    exp.Or: (("boolean", "boolean"), "boolean"),
    exp.Not: (("boolean",), "boolean"),
    exp.Neg: (("number",), "number"),
    exp.Add: (("number", "number"), "number"),
    exp.Sub: (("number", "number"), "number"),
    exp.Mul: (("number", "number"), "number"),
}
"""Forms whose arguments have one kind each: what they take, what they give.

``whole`` is a whole number that stands in the text.
"""

ARGUMENTS: dict[type, tuple[str, ...]] = {
    exp.Round: ("this", "decimals"),
    exp.Substring: ("this", "start", "length"),
    exp.Replace: ("this", "expression", "replacement"),
}
"""Where a form keeps its arguments when not in ``this`` and ``expression``."""

ALIKE = (exp.Coalesce, exp.Greatest, exp.Least)

CASTS: dict[str, Kind] = {
    **dict.fromkeys(values.NUMBERS, "number"), "INT": "number", "VARCHAR": "text", "TEXT": "text",
    "DATE": "date", "TIMESTAMP": "date", "BOOLEAN": "boolean",
}  # fmt: skip


class Builder:
    """Builds one expression anew, remembering which text columns are read as numbers."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.texts: list[tuple[str, Kind]] = []
        self._special: dict[type, Callable[..., Built]] = {
            exp.Column: self._column, exp.Literal: self._literal, exp.Boolean: self._boolean,
            exp.Null: lambda node, want: (exp.Null(), "none"),
            exp.Paren: self._paren, exp.Div: self._divide, exp.IntDiv: self._divide, exp.Mod: self._divide,
            exp.Is: self._is, exp.In: self._in, exp.Between: self._between, exp.Case: self._case,
            exp.If: self._if, exp.Nullif: self._nullif, exp.Cast: self._cast, exp.TryCast: self._cast,
            exp.Extract: self._extract,
        }  # fmt: skip

    def build(self, node: exp.Expr, want: Kind = "none") -> Built:
        if node.args.get("negate"):
            plain = node.copy()
            plain.set("negate", None)
            plain.parent = node.parent
            return exp.not_(_wrapped(self.build(plain, want)[0]), copy=False), "boolean"
        special = self._special.get(type(node))
        if special:
            return special(node, want)
        if type(node) in COMPARISONS:
            want = self._ordered(type(node), [node.this, node.expression])
            left, right = self._alike([node.this, node.expression], want)[0]
            return type(node)(this=left, expression=right), "boolean"
        if type(node) in FUNCTIONS:
            return self._function(node)
        if isinstance(node, ALIKE):
            built, kind = self._alike([node.this, *node.expressions], want)
            return type(node)(this=built[0], expressions=built[1:]), kind
        raise refusal(node)

    def turn(self, value: exp.Expr, kind: Kind, want: Kind, shown: exp.Expr) -> Built:
        """The value as the kind that its place needs; ``shown`` is how it was written."""
        if want in ("none", kind) or kind == "none":
            return value, kind if kind != "none" else want
        if isinstance(value, exp.Literal) and want == "date":
            return self._date_literal(value), "date"
        if kind == "text" and want in ("number", "date") and value.meta.get("column"):
            return self._text_column(value, want)
        if want == "text" and kind in ("number", "boolean"):
            stored = self.place.kind(value.meta["column"]) if value.meta.get("column") else "BOOLEAN"
            return values.as_text(value, stored), "text"
        raise ExpressionError("wrong-type", f"{_sql(shown)} is {KINDS[kind]} where {KINDS[want]} is needed")

    def _text_column(self, value: exp.Expr, want: Kind) -> Built:
        name = value.meta["column"]
        self.texts.append((name, want))
        if want == "date":
            kind = self.place.kind(name)
            return values.local(value, kind, self.place.timezone, self.place.date_format), "date"
        return values.cast(value, "DOUBLE"), "number"

    def _date_literal(self, value: exp.Literal) -> exp.Expr:
        stamp = values.cast(value, "TIMESTAMP")
        if not value.is_string or not _looks_like_date(value.name):
            raise ExpressionError("wrong-type", f"{_sql(value)} is not a date", "Write '2026-01-31'")
        return stamp

    def _column(self, node: exp.Column, want: Kind) -> Built:
        if not isinstance(node.this, exp.Identifier):
            raise refusal(node.this)
        if node.table:
            raise ExpressionError(
                "not-a-row-expression", f"{_sql(node)} names a table", "Name the column alone, of this table"
            )
        name = self.place.find(node.name)
        if name is None:
            raise ExpressionError(
                "missing-column", f"There is no column {node.name!r}", nearest(node.name, self.place.names)
            )
        kind = self.place.kind(name)
        value = self.place.value(name)
        value.meta["column"] = name
        match values.class_of(kind):
            case "number":
                return value, "number"
            case "boolean":
                return value, "boolean"
            case "date" | "timestamp" | "timestamptz":
                return values.local(value, kind, self.place.timezone), "date"
            case "text":
                if want == "number" and not node.parent:
                    self.texts.append((name, "number"))
                    return value, "number"
                return value, "text"
        raise ExpressionError(
            "wrong-type", f"The column {name!r} is of the type {kind}", "Take a plain column"
        )

    def _literal(self, node: exp.Literal, want: Kind) -> Built:
        if not node.is_string and not math.isfinite(float(node.name)):
            raise ExpressionError("bad-expression", f"{node.name} is not a finite number")
        return node.copy(), "text" if node.is_string else "number"

    def _boolean(self, node: exp.Boolean, want: Kind) -> Built:
        return node.copy(), "boolean"

    def _paren(self, node: exp.Paren, want: Kind) -> Built:
        value, kind = self.build(node.this, want)
        paren = exp.Paren(this=value)
        paren.meta.update(value.meta)
        return paren, kind

    def _as(self, node: exp.Expr, want: Kind) -> exp.Expr:
        value: exp.Expr = self.turn(*self.build(node, want), want, node)[0]
        return value

    def _function(self, node: exp.Expr) -> Built:
        takes, gives = FUNCTIONS[type(node)]
        keys = ARGUMENTS.get(type(node), ("this", "expression"))
        given = {key: value for key, value in node.args.items() if value and key in keys}
        odd = [key for key, value in node.args.items() if value and key not in keys]
        if odd and not _harmless(odd):
            raise ExpressionError("not-a-row-expression", f"{_sql(node)} has the unknown part {odd[0]!r}")
        kinds = dict(zip(keys, takes, strict=False))
        built = {key: self._argument(value, kinds[key]) for key, value in given.items() if key in kinds}
        if isinstance(node, exp.Binary | exp.Neg) and gives == "number":
            built = {key: _double(value) for key, value in built.items()}
        return type(node)(**{key: _wrapped(value) for key, value in built.items()}), gives

    def _argument(self, node: exp.Expr, want: Kind | Literal["whole"]) -> exp.Expr:
        if want != "whole":
            return self._as(node, want)
        text = node.sql("duckdb").replace(" ", "")
        if not re.fullmatch(r"-?\d{1,4}", text):
            raise ExpressionError("wrong-type", f"{_sql(node)} must be a small whole number, such as 2")
        return exp.Literal.number(int(text))

    def _divide(self, node: exp.Binary, want: Kind) -> Built:
        """A division; by zero it gives NULL."""
        left, right = (_double(self._as(each, "number")) for each in (node.this, node.expression))
        below = exp.func("NULLIF", right, exp.Literal.number(0))
        return type(node)(this=_wrapped(left), expression=below), "number"

    def _alike(self, nodes: list[exp.Expr], want: Kind = "none") -> tuple[list[exp.Expr], Kind]:
        """Several values as one kind: numbers and dates win over text."""
        built = [self.build(node) for node in nodes]
        kinds = {kind for _, kind in built} - {"none"}
        common: Kind = next((each for each in ("date", "number", "boolean") if each in kinds), "text")
        if len(kinds) <= 1:
            common = next(iter(kinds), "none")
        if want in ("number", "date") and common == "text":
            common = want
        turned = [
            self.turn(value, kind, common, node)[0] for node, (value, kind) in zip(nodes, built, strict=True)
        ]
        return [_wrapped(value) for value in turned], common

    def _ordered(self, comparison: type, nodes: list[exp.Expr]) -> Kind:
        """Text is compared as dates where earlier or later than a date is asked: 31/01 follows 01/02."""
        later = comparison in (exp.GT, exp.GTE, exp.LT, exp.LTE)
        dates = (isinstance(each, exp.Literal) and _looks_like_date(each.name) for each in nodes)
        columns = any(isinstance(each, exp.Column) for each in nodes)
        return "date" if later and columns and any(dates) else "none"

    def _is(self, node: exp.Is, want: Kind) -> Built:
        right = node.expression
        if not isinstance(right, exp.Null | exp.Boolean):
            raise refusal(right)
        left = self.build(node.this)[0] if isinstance(right, exp.Null) else self._as(node.this, "boolean")
        return exp.Is(this=_wrapped(left), expression=right.copy()), "boolean"

    def _in(self, node: exp.In, want: Kind) -> Built:
        if (
            node.args.get("query")
            or node.args.get("unnest")
            or node.args.get("field")
            or not node.expressions
        ):
            raise ExpressionError(
                "not-a-row-expression", f"{_sql(node)} looks elsewhere", "Write the values: IN ('a', 'b')"
            )
        (first, *rest), _ = self._alike([node.this, *node.expressions])
        return exp.In(this=first, expressions=rest), "boolean"

    def _between(self, node: exp.Between, want: Kind) -> Built:
        nodes = [node.this, node.args["low"], node.args["high"]]
        (this, low, high), _ = self._alike(nodes, self._ordered(exp.GT, nodes))
        return exp.Between(this=this, low=low, high=high), "boolean"

    def _case(self, node: exp.Case, want: Kind) -> Built:
        branches = node.args.get("ifs") or []
        outcomes = [each.args["true"] for each in branches]
        default = node.args.get("default")
        values_, kind = self._alike([*outcomes, *([default] if default else [])], want)
        case = exp.Case()
        for branch, value in zip(branches, values_, strict=False):
            case = case.when(self._condition(node.this, branch.this), value, copy=False)
        return (case.else_(values_[-1], copy=False) if default else case), kind

    def _condition(self, subject: exp.Expr | None, test: exp.Expr) -> exp.Expr:
        if not subject:
            return self._as(test, "boolean")
        left, right = self._alike([subject, test])[0]
        return exp.EQ(this=left, expression=right)

    def _if(self, node: exp.If, want: Kind) -> Built:
        outcomes = [node.args["true"], *([node.args["false"]] if node.args.get("false") else [])]
        built, kind = self._alike(outcomes, want)
        case = exp.Case().when(self._as(node.this, "boolean"), built[0], copy=False)
        return (case.else_(built[1], copy=False) if len(built) > 1 else case), kind

    def _nullif(self, node: exp.Nullif, want: Kind) -> Built:
        (left, right), kind = self._alike([node.this, node.expression], want)
        return exp.Nullif(this=left, expression=right), kind

    def _cast(self, node: exp.Cast, want: Kind) -> Built:
        name = node.to.sql("duckdb").split("(")[0].upper()
        if name not in CASTS:
            raise ExpressionError("not-a-row-expression", f"{_sql(node)} casts to {name}", _casts())
        kind = CASTS[name]
        if kind == "date":
            value = self._as(node.this, "date")
            return (values.cast(values.cast(value, "DATE"), "TIMESTAMP") if name == "DATE" else value), "date"
        value = self.build(node.this)[0]
        return values.cast(
            value, "DOUBLE" if kind == "number" and "(" not in node.to.sql() else node.to.sql("duckdb")
        ), kind

    def _extract(self, node: exp.Extract, want: Kind) -> Built:
        part = node.this.name.upper()
        forms: dict[str, type[exp.Func]] = {"YEAR": exp.Year, "MONTH": exp.Month, "DAY": exp.Day}
        if part not in forms:
            raise ExpressionError(
                "not-a-row-expression", f"{_sql(node)} extracts {part}", "Known: year, month, day"
            )
        return forms[part](this=self._as(node.expression, "date")), "number"


def _wrapped(value: exp.Expr) -> exp.Expr:
    """In parentheses where the meaning might depend on its neighbours."""
    return (
        exp.paren(value, copy=False)
        if isinstance(value, exp.Binary | exp.Not | exp.Between | exp.Neg)
        else value
    )


def _double(value: exp.Expr) -> exp.Expr:
    """In double precision, where nothing overflows: an overflow would end the whole query."""
    return value if isinstance(value, exp.TryCast) else values.cast(value, "DOUBLE")


def _harmless(keys: list[str]) -> bool:
    """Parts of sqlglot's nodes that say how it was written, not what it does."""
    return set(keys) <= {"safe", "coalesce", "binary", "encoding", "typed", "integer_division"}


def _looks_like_date(text: str) -> bool:
    return re.fullmatch(values.ISO, text) is not None


def _casts() -> str:
    return "Cast to " + ", ".join(sorted({name.lower() for name in CASTS}))


def _sql(node: exp.Expr) -> str:
    return short(node.sql("duckdb"))
