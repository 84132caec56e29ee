"""A backtest as a folder: whole or not at all."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, OutsideError
from salesml.lifecycle.run_folder import UNFINISHED, new_folder


def keep(
    parent: Path,
    *,
    data: Mapping[str, Any],
    table: pd.DataFrame,
    tables: Mapping[str, pa.Table],
    texts: Mapping[str, str],
    draw: Any,
) -> Path:
    """Write a new folder under ``parent``, named by the time, and return it.

    Parameters
    ----------
    data : mapping
        What becomes ``backtest.json``.
    table : DataFrame
        One row per date: ``table.csv`` and ``table.parquet``.
    tables : mapping of str to pyarrow.Table
        Further Parquet files by stem.
    draw : callable
        Gets the path of ``chart.png``.

    Raises
    ------
    OutsideError
        ``not-written`` when the disk is full or refuses.
    """
    try:
        aside = new_folder(parent)
        folder = parent / aside.name.removeprefix(".").removesuffix(UNFINISHED)
        try:
            table.to_csv(aside / "table.csv", index=False)
            table.to_parquet(aside / "table.parquet", index=False)
            for stem, each in tables.items():
                pq.write_table(each, aside / f"{stem}.parquet")
            for name, text in texts.items():
                (aside / name).write_text(text, encoding="utf-8")
            draw(aside / "chart.png")
            told = json.dumps(plain(data), indent=2, sort_keys=True, allow_nan=False)
            (aside / "backtest.json").write_text(told + "\n", encoding="utf-8")
            aside.rename(folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The backtest could not be kept in {parent}: {error.strerror or error}",
                do="Make room, or let the folder be written, and run it again",
            )
        ) from error
    return folder


def plain(data: Any) -> Any:
    """Plain data that every reader of JSON takes: no number that is not finite, no date."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain(each) for each in data]
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, bool | int | str) or data is None:
        return data
    return str(data)
