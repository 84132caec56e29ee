"""A scorecard as a folder: its tables, their schema and the report, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesml.errors import Fault, OutsideError, UsageError
from salesml.scorecard.schema import Table, as_arrow, schema
from salesml.scoring.batch.durable import put, rename, sync_folder
from salesml.scoring.write import write

MARK = "schema.json"
"""Stands in every folder that this module wrote, and so may replace."""


def save(
    tables: Mapping[str, pd.DataFrame],
    out: Path,
    declared: Iterable[Table] = (),
    pages: Mapping[str, str] | None = None,
) -> Path:
    """Write each table as Parquet and as CSV, ``schema.json`` that describes them, and pages.

    Everything is written to a folder beside it, which then takes the name: readers see the scorecard of
    before or the new one, and a failure leaves what was there. Between giving up the old name and taking the
    new one lies a moment without either; whoever is killed in it finds the old folder again at the next run.

    Parameters
    ----------
    out : Path
        A new folder, or one of an earlier scorecard.
    declared : iterable of Table
        Types and meanings of their columns.
    pages : mapping of str to str
        Texts by file name, such as ``report.html``.

    Raises
    ------
    UsageError
        ``folder-exists`` where something else stands there.
    OutsideError
        ``not-written`` when the disk is full or refuses; what was there stays.
    """
    out = Path(out)
    aside, old = (out.with_name(f".{out.name}.{word}") for word in ("new", "old"))
    try:
        _recover(out, old)
        check_free(out)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        _fill(aside, tables, tuple(declared), pages or {})
        _turn(aside, out, old)
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"The scorecard could not be written to {out}: {error.strerror or error}",
                allowed="What was there before is untouched",
                do="Make room, or name another folder, and run the command again",
            )
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return out


def check_free(out: Path) -> None:
    """That a scorecard may be written there; worth asking before long work.

    Raises
    ------
    UsageError
        ``folder-exists``.
    """
    taken = out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MARK).exists())
    if taken or out.is_symlink():
        raise UsageError(
            Fault(
                code="folder-exists",
                found=f"{out} holds something else than a scorecard",
                allowed="A new folder, or that of an earlier scorecard",
                do="Name another folder",
            )
        )


def _recover(out: Path, old: Path) -> None:
    """Give the folder of before its name again, where a run was killed between two names."""
    if old.exists() and not out.exists():
        rename(old, out)
    shutil.rmtree(old, ignore_errors=True)


def _fill(
    folder: Path, tables: Mapping[str, pd.DataFrame], declared: tuple[Table, ...], pages: Mapping[str, str]
) -> None:
    known = {each.name: each for each in declared}
    arrow = {name: as_arrow(table, known.get(name)) for name, table in tables.items()}
    for name, table in arrow.items():
        _write_table(table, folder / name)
    for name, text in pages.items():
        put(folder / name, text.encode())
    described = json.dumps(schema(arrow, declared), indent=2, ensure_ascii=False)
    put(folder / MARK, f"{described}\n".encode())
    sync_folder(folder)


def _write_table(table: pa.Table, path: Path) -> None:
    for ending in (".parquet", ".csv"):
        write(table.to_batches(), table.schema, path.with_name(path.name + ending))


def _turn(aside: Path, out: Path, old: Path) -> None:
    if out.exists():
        rename(out, old)
    try:
        rename(aside, out)
    except OSError:
        if old.exists():
            rename(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)
