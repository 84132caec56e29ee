"""A scorecard as a folder: its tables, their schema and the report, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesml.errors import Fault, OutsideError, UsageError
from salesml.scoring.write import write

MARK = "schema.json"
"""Stands in every folder that this module wrote, and so may replace."""


def save(tables: Mapping[str, pd.DataFrame], out: Path, pages: Mapping[str, str] | None = None) -> Path:
    """Write each table as Parquet and as CSV, ``schema.json`` that describes them, and pages.

    Parameters
    ----------
    out : Path
        A new folder, or one of an earlier scorecard, which is replaced in one step.
    pages : mapping of str to str
        Texts by file name, such as ``report.html``.

    Raises
    ------
    UsageError
        ``folder-exists`` where something else stands there.
    OutsideError
        ``not-written`` when the disk is full or refuses; what was there stays.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise UsageError(
            Fault(
                code="folder-exists",
                found=f"{out} holds something else than a scorecard",
                allowed="A new folder, or that of an earlier scorecard",
                do="Name another folder",
            )
        )
    aside, old = (out.with_name(f".{out.name}.{word}") for word in ("new", "old"))
    try:
        for folder in (aside, old):
            shutil.rmtree(folder, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, table in tables.items():
            _write_table(table, aside / name)
        for name, text in (pages or {}).items():
            (aside / name).write_text(text, encoding="utf-8")
        (aside / MARK).write_text(json.dumps(_schema(tables), indent=2) + "\n", encoding="utf-8")
        if out.exists():
            out.rename(old)
        aside.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The scorecard could not be written to {out}: {error}",
                do="Make room, or name another folder, and run the command again",
            )
        ) from error
    return out


def _write_table(table: pd.DataFrame, path: Path) -> None:
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    for ending in (".parquet", ".csv"):
        write(arrow.to_batches(), arrow.schema, path.with_name(path.name + ending))


def _schema(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    return {
        name: {field.name: str(field.type) for field in pa.Schema.from_pandas(table, preserve_index=False)}
        for name, table in tables.items()
    }
