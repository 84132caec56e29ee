"""A table of the contract that has met its source: its fields and its faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from salesml.crm.place import Kind, Place
from salesml.crm.sources import Raw
from salesml.errors import Fault

Part = Literal["id", "text", "date", "number", "attribute", "measure", "flag"]

MONEY_KEYS = ("amount", "cost")
"""Numbers of the contract that are money, and so summed exactly."""


@dataclass(frozen=True)
class Field:
    """One column of a canonical relation.

    Parameters
    ----------
    name : str
        Its name in the relation.
    part : str
        The part it plays.
    column : str
        The source's column, or the SQL of crm.yaml.
    raw : sqlglot expression
        The source's value, NULL where it is blank.
    kind : str
        DuckDB's type of the source's column; empty for an expression.
    value : sqlglot expression
        The canonical value.
    type : str
        Its DuckDB type.
    texts : tuple of (str, str)
        Text columns that an expression reads as a number or a date.
    """

    name: str
    part: Part
    column: str
    raw: exp.Expr
    kind: str
    value: exp.Expr
    type: str
    texts: tuple[tuple[str, Kind], ...] = ()


@dataclass(frozen=True)
class Bound:
    """A table of the contract that found its columns.

    ``table`` is ``accounts`` or ``events.orders``; ``relation`` and ``raw_name`` are the names of
    its canonical and its raw relation.
    """

    table: str
    raw: Raw
    place: Place
    fields: tuple[Field, ...] = ()
    where: exp.Expr | None = None
    where_texts: tuple[tuple[str, Kind], ...] = ()
    faults: tuple[Fault, ...] = ()
    date_format: str = ""

    @property
    def relation(self) -> str:
        return self.table.replace(".", "_")

    @property
    def raw_name(self) -> str:
        return raw_name(self.table)

    @property
    def sound(self) -> bool:
        """Whether its relation can be made: nothing fatal in its form."""
        return self.raw.readable and not any(each.fatal for each in self.faults)

    def field(self, name: str) -> Field | None:
        """The field of that name, when the contract names it and the source has it."""
        return next((each for each in self.fields if each.name == name), None)


def raw_name(table: str) -> str:
    """What the raw relation of a table is called: ``raw_accounts``, ``raw_events_orders``."""
    return "raw_" + table.replace(".", "_")
