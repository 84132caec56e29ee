"""What stands in a table of the scorecard: type and meaning of every column, written down once.

Files, ``schema.json`` and report take from here what a column is and how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from salesml.scorecard.metric import Unit

Type = Literal["text", "number", "whole", "date", "truth"]

ARROW = {
    "text": pa.string(),
    "number": pa.float64(),
    "whole": pa.int64(),
    "date": pa.date32(),
    "truth": pa.bool_(),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name, type, meaning : str
    heading : str
        Over it in the report; a column without one is not shown there.
    unit : str
        Of its numbers in the report.
    """

    name: str
    type: Type
    meaning: str
    heading: str = ""
    unit: Unit | Literal[""] = ""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Which columns of a table the report draws, and how.

    Parameters
    ----------
    kind : str
        ``steps``: values with intervals in the order of ``x``, one picture for each ``group``.
        ``scatter``: a dot for each row at ``x`` and ``value``, called ``label`` and marked by the verdict in
        ``group``, with a line through ``middle`` of ``x`` and one through 0 of ``value``.
    x, value : str
        Columns.
    low, high, group, label, middle : str
        Columns; empty where there is none.
    """

    kind: Literal["steps", "scatter"]
    x: str
    value: str
    low: str = ""
    high: str = ""
    group: str = ""
    label: str = ""
    middle: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the scorecard.

    Parameters
    ----------
    name, meaning : str
    columns : tuple of Column
        A column ``words`` holds sentences for managers.
    check : int
        The check that the report shows it under; 0 for none.
    title : str
        Over it in the report.
    picture : Picture, optional
    needs : tuple of str
        What the company's tables must have for it.
    empty : str
        Why it has no rows where all of that is there.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    check: int = 0
    title: str = ""
    picture: Picture | None = None
    needs: tuple[str, ...] = ()
    empty: str = ""


def as_arrow(frame: pd.DataFrame, declared: Table | None) -> pa.Table:
    """A table with the types that its declaration gives; what is not declared keeps its own.

    Raises
    ------
    ValueError
        Where a declared column holds something else than its type.
    """
    found = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    if declared is None:
        return found
    types = {column.name: ARROW[column.type] for column in declared.columns}
    fields = [pa.field(each.name, types.get(each.name, each.type)) for each in found.schema]
    return found.cast(pa.schema(fields))


def schema(tables: Mapping[str, pa.Table], declared: Iterable[Table]) -> dict[str, Any]:
    """What ``schema.json`` says: of each table its meaning, of each column type and meaning."""
    known = {each.name: each for each in declared}
    return {name: _described(table, known.get(name)) for name, table in tables.items()}


def _described(table: pa.Table, declared: Table | None) -> dict[str, Any]:
    meanings = {each.name: each.meaning for each in declared.columns} if declared else {}
    return {
        "meaning": declared.meaning if declared else "",
        "rows": table.num_rows,
        "columns": [
            {"name": each.name, "type": str(each.type), "meaning": meanings.get(each.name, "")}
            for each in table.schema
        ],
    }
