"""Files of a table that is a folder: in folders called ``column=value``, maybe by links."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

PASSED_OVER = (".", "_")
"""How names begin of files and folders that belong to no table."""


def files_of(path: Path) -> list[Path]:
    """The Parquet files of a table, in the order of their names; a file is one itself."""
    return sorted(_inside(path)) if path.is_dir() else [path] if path.is_file() else []


def _inside(folder: Path) -> Iterator[Path]:
    # A link is how a generation of a dataset takes the place of another, so links are followed.
    for here, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(each for each in folders if not each.startswith(PASSED_OVER))
        for name in names:
            if name.endswith(".parquet") and not name.startswith(PASSED_OVER):
                yield Path(here, name)


def values_of(path: Path) -> dict[str, str]:
    """What the names of a file's folders say of its rows."""
    pairs = (part.split("=", 1) for part in path.parts[:-1] if "=" in part)
    return {name: unquote(value) for name, value in pairs}


def column_of(value: str, rows: int) -> pa.Array:
    """Such a value as a column: a date, if it is one, or text."""
    with suppress(ValueError):
        return pa.array([dt.date.fromisoformat(value)] * rows, pa.date32())
    return pa.array([value] * rows, pa.string())
