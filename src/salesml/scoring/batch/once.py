"""Rows whose key stood in a table before, found outside of memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from salesml.errors import Fault, OutsideError
from salesml.scoring.batch.source import damaged, of_the_system
from salesml.scoring.frame import REPEATED
from salesml.scoring.table import NOT_SCORED

KEPT = ("scoring_run_id", "model", "task", "entity_id", "as_of", "rep_id", "value", "model_version")
"""Columns of the score table that a row which is not scored has all the same."""


def repeated(path: Path, keys: list[str], spill: Path, memory: str) -> NDArray[np.int64]:
    """The numbers of all rows but the first of each key, in order; those without a first key do not count.

    Parameters
    ----------
    path : Path
        A Parquet file.
    keys : list of str
        Its columns that make a row itself, as text without blanks around it.
    spill : Path
        A folder for what does not fit into memory.
    """
    with duckdb.connect() as con:
        con.execute(f"SET temp_directory = {_text(str(spill))}")
        con.execute(f"SET memory_limit = {_text(memory)}")
        con.execute("SET enable_progress_bar = false")
        try:
            twice = con.execute(_TWICE.format(**_parts(path, keys))).fetchall()
            if not twice:
                return np.empty(0, dtype=np.int64)
            found = con.execute(_LATER.format(**_parts(path, keys))).fetchnumpy()["n"]
            return np.asarray(found, dtype=np.int64)
        except duckdb.Error as error:
            if not of_the_system(str(error)):
                raise damaged(path, error) from error
            said = " ".join(str(error).split())[:300]
            raise OutsideError(
                Fault(
                    code="not-read",
                    found=f"{path} could not be read: {said}",
                    do="Run the same job again: what is done so far is kept",
                )
            ) from error


_TWICE = "SELECT 1 FROM {file} WHERE {first} IS NOT NULL GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
_LATER = (
    "SELECT file_row_number AS n FROM {file} WHERE {first} IS NOT NULL "
    "QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY file_row_number) > 1 ORDER BY n"
)


def _parts(path: Path, keys: list[str]) -> dict[str, str]:
    texts = [f"""trim(CAST("{key.replace('"', '""')}" AS VARCHAR))""" for key in keys]
    return {
        "file": f"read_parquet({_text(str(path))}, file_row_number = true)",
        "keys": ", ".join(texts),
        "first": texts[0],
    }


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def without_repeated(scores: pa.Table, first: int, later: NDArray[np.int64]) -> pa.Table:
    """The score table of a chunk in which rows that stood before are not scored.

    Parameters
    ----------
    first : int
        The number of the chunk's first row in the table.
    later : ndarray of int
        What :func:`repeated` found.
    """
    here = later[np.searchsorted(later, first) : np.searchsorted(later, first + len(scores))] - first
    problems = scores["problem"].to_pylist() if len(here) else []
    here = np.array([row for row in here if problems[row] is None], dtype=np.int64)
    if not len(here):
        return scores
    place = np.arange(len(scores))
    gone = np.isin(place, here)
    blank = scores.take(pa.array(place, mask=gone))
    columns = []
    for field in scores.schema:
        column = (scores if field.name in KEPT else blank)[field.name]
        if field.name in ("status", "problem"):
            values = np.array(scores[field.name].to_pylist(), dtype=object)
            values[gone] = NOT_SCORED if field.name == "status" else REPEATED
            column = pa.array(values, field.type)
        columns.append(column)
    return pa.table(columns, schema=scores.schema)
