"""Where an expression of crm.yaml stands: the columns it may use, and how it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from salesml.crm import values

Kind = Literal["number", "text", "boolean", "date", "none"]

KINDS: dict[Kind, str] = {
    "number": "a number", "text": "text", "boolean": "true or false", "date": "a date", "none": "nothing",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """The columns that an expression may use.

    Parameters
    ----------
    columns : mapping of str to str
        DuckDB's type of each column, by DuckDB's name.
    names : mapping of str to str
        DuckDB's name of a column, by its name in the source.
    """

    columns: Mapping[str, str]
    names: Mapping[str, str]
    timezone: str = "UTC"
    nulls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_format: str = ""

    def find(self, name: str) -> str | None:
        """The source's name of a column, also when it is written in other case; None when absent."""
        if name in self.names:
            return name
        alike = [each for each in self.names if each.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None

    def kind(self, name: str) -> str:
        return self.columns[self.names[name]]

    def value(self, name: str) -> exp.Expr:
        """A column of the source, NULL where it is blank or a word for none."""
        found = self.names[name]
        return values.present(values.column(found), self.columns[found], self.nulls.get(name, ()))


class ExpressionError(Exception):
    """Why an expression is refused: a code, what was found, what is allowed."""

    def __init__(self, code: str, found: str, allowed: str = "") -> None:
        super().__init__(found)
        self.code, self.found, self.allowed = code, found, allowed


def short(text: str) -> str:
    """A text in quotes, cut where it is long."""
    return repr(text if len(text) <= 80 else text[:77] + "...")
