"""All notes on the data, and the table they make."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pandas as pd

from salesml.scorecard.data import amounts, people, time
from salesml.scorecard.data.note import Note
from salesml.scorecard.facts import Asked

__all__ = ["Note", "data_notes", "notes_table"]


def data_notes(con: duckdb.DuckDBPyConnection, asked: Asked) -> tuple[Note, ...]:
    """What of the tables bears on the figures: looked for with the facts at hand.

    Parameters
    ----------
    con : duckdb connection
        With the contract's relations, their raw tables and the facts.
    asked : Asked
    """
    return (*people.notes(con, asked), *amounts.notes(con, asked), *time.notes(con, asked))


def notes_table(notes: Iterable[Note]) -> pd.DataFrame:
    """Notes as the table ``data_notes``."""
    listed = list(notes)
    return pd.DataFrame(
        {
            "code": pd.Series([each.code for each in listed], dtype=str),
            "table": pd.Series([each.table for each in listed], dtype=str),
            "count": pd.Series([each.count for each in listed], dtype="int64"),
            "words": pd.Series([each.words for each in listed], dtype=str),
            "examples": pd.Series(["; ".join(each.examples) for each in listed], dtype=str),
            "first": pd.to_datetime(pd.Series([each.first for each in listed], dtype=object)),
            "until": pd.to_datetime(pd.Series([each.until for each in listed], dtype=object)),
        }
    )
