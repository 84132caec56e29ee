"""Flat tables in files: one row per account, whatever columns there are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from salesml.errors import Fault, UsageError


def read_table(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file as a frame.

    Raises
    ------
    UsageError
        ``missing-file``, ``unknown-format`` or ``unreadable-file``.
    """
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
    try:
        return pd.read_csv(path) if ending == ".csv" else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise UsageError(
            Fault(
                code="unreadable-file",
                found=f"{path} cannot be read: {error}",
                do="Export it again as UTF-8 CSV or as Parquet",
            )
        ) from error
