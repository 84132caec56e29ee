"""Scores as they were written at the time, in place of those made again: outcomes are held against them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from salesml.errors import DataError, Fault
from salesml.monitoring.dated import Dated

COLUMNS = ("entity_id", "as_of", "probability", "band")


def written_scores(path: Path, dates: Mapping[dt.date, Dated]) -> dict[dt.date, Dated]:
    """The dates whose scores were written, with those of whoever was scored then.

    Parameters
    ----------
    path : Path
        What `salesml score` wrote: a Parquet file, or a folder of them.

    Raises
    ------
    DataError
        ``not-read`` when it is no such table; ``no-dates`` when none of its dates is looked at.
    """
    table = _read(path)
    found = {}
    days = pd.to_datetime(table["as_of"]).dt.date
    for day in sorted(days.unique()):
        rows, date = table[days == day], dates.get(day)
        if date is not None and len(date):
            found[date.as_of] = _as_written(date, rows.drop_duplicates("entity_id").set_index("entity_id"))
    if not found:
        there = [str(day) for day in sorted(days.unique())]
        raise DataError(
            Fault(
                code="no-dates",
                found=f"{path} has scores of {', '.join(there[:5]) or 'no date'}",
                allowed=f"Dates looked at stand a month apart: {', '.join(map(str, sorted(dates)[-3:]))} …",
                do="Give scores of these dates, or leave --scores out: the model scores them again",
            )
        )
    return found


def _as_written(date: Dated, rows: pd.DataFrame) -> Dated:
    known = rows.reindex(date.entity)
    there = known["probability"].notna().to_numpy()
    return replace(
        date, coded=date.coded[there], p=known["probability"].to_numpy(dtype=np.float64)[there],
        band=known["band"].to_numpy().astype("<U1")[there], entity=date.entity[there],
        y=None if date.y is None else date.y[there],
    )  # fmt: skip


def _read(path: Path) -> pd.DataFrame:
    try:
        table = ds.dataset(str(path), format="parquet").to_table(columns=list(COLUMNS))
    except (OSError, pa.ArrowException, ValueError) as error:
        raise DataError(
            Fault(
                code="not-read",
                found=f"{path} cannot be read as a table of scores: {' '.join(str(error).split())[:200]}",
                allowed=f"A Parquet file, or a folder of them, with {', '.join(COLUMNS)}",
                do="Name what `salesml score` wrote",
            )
        ) from error
    frame: pd.DataFrame = table.to_pandas()
    return frame
