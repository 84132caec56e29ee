"""Flat tables in files: one row per account, whatever columns there are."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from salesml.errors import Fault, UsageError
from salesml.scoring.batch.source import reading

SEPARATORS = (",", ";", "\t")
"""What may stand between the columns of a CSV file: the one that parts its first line most often."""


def read_table(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file as a frame; of a CSV file every value is text as it stands.

    Raises
    ------
    UsageError
        ``missing-file``, ``unknown-format``, ``unreadable-file`` or ``duplicate-columns``.
    """
    check_file(path)
    try:
        return _read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except (ValueError, OSError, csv.Error) as error:
        raise _unreadable(path, error) from error


def columns_of(path: Path) -> list[str]:
    """The names of a table's columns, without its rows.

    Raises
    ------
    UsageError
        As :func:`read_table`.
    DataError
        ``unreadable-file`` for a damaged Parquet file.
    """
    check_file(path)
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path)
    try:
        names = _first_line(path)[1]
    except (ValueError, OSError, csv.Error) as error:
        raise _unreadable(path, error) from error
    _refuse_duplicates(path, names)
    return names


def _of_parquet(path: Path) -> list[str]:
    with reading(path):
        names = list(pq.read_schema(path).names)
    _refuse_duplicates(path, names)
    return names


def check_file(path: Path) -> None:
    """That a path is a file that can be a table.

    Raises
    ------
    UsageError
        ``missing-file`` or ``unknown-format``.
    """
    if path.is_dir():
        raise UsageError(
            Fault(
                code="missing-file",
                found=f"{path} is a folder",
                allowed="A table is a .csv or a .parquet file",
                do="Name the file in it",
            )
        )
    if not path.is_file():
        raise UsageError(Fault(code="missing-file", found=f"{path} does not exist"))
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise UsageError(
            Fault(
                code="unknown-format",
                found=f"{path} ends in {path.suffix or 'nothing'}",
                allowed="A table is a .csv or a .parquet file",
            )
        )


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(
        Fault(
            code="unreadable-file",
            found=f"{path} cannot be read: {error}",
            do="Export it again as UTF-8 CSV or as Parquet",
        )
    )


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.concat(_csv_chunks(path, None), ignore_index=True)


def csv_chunks(path: Path, rows: int = 65_536) -> Iterator[pd.DataFrame]:
    """A CSV file some rows at a time, every value as text; at least one frame, which may be empty.

    Raises
    ------
    UsageError
        As :func:`read_table`.
    """
    try:
        yield from _csv_chunks(path, rows)
    except (ValueError, OSError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _csv_chunks(path: Path, rows: int | None) -> Iterator[pd.DataFrame]:
    separator, names = _first_line(path)
    _refuse_duplicates(path, names)
    reader = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, chunksize=rows or sys.maxsize)
    with reader:
        for frame in reader:
            if not isinstance(frame.index, pd.RangeIndex):
                raise ValueError(
                    f"its rows have more columns than the {len(names)} that the first line names"
                )
            yield frame.fillna("")


def _first_line(path: Path) -> tuple[str, list[str]]:
    """The separator and the names of the columns."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        line = file.readline()
    found = {separator: next(csv.reader([line], delimiter=separator), []) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: len(found[separator]))
    return best, found[best]


def _refuse_duplicates(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            Fault(
                code="duplicate-columns",
                found=f"{path} has several columns called {', '.join(twice)}",
                allowed="Every column has a name of its own",
                do="Rename or remove all but one",
            )
        )
