"""Files of a table that is a folder: in folders called ``column=value``, behind links, of a generation."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from salesml.errors import Fault, UsageError

PASSED_OVER = (".", "_")
"""How names begin of files and folders that belong to no table."""

PARTS, MANIFEST = "parts", "manifest.json"
"""Of a generation that `salesml score` wrote: the folder of its rows, and what says of which they are."""

_BY_FOLDER = ("task", "as_of")


@dataclass(frozen=True)
class Part:
    """A file of a table, and what the names of its folders say of its rows."""

    path: Path
    values: Mapping[str, str]


def parts_of(path: Path) -> list[Part]:
    """The Parquet files of a table, in the order of their names; a file is one itself.

    A folder may be a dataset that `salesml score` wrote, one date of it, or one generation. Each link is
    looked up once, so that a job which publishes meanwhile mixes nothing.

    Raises
    ------
    UsageError
        ``delta-table``: which of its files count is in its log.
    """
    if path.is_file():
        return [Part(path, values_of(path))]
    return list(_inside(path, values_of(path / "any"), frozenset())) if path.is_dir() else []


def _inside(folder: Path, values: Mapping[str, str], above: frozenset[Path]) -> Iterator[Part]:
    here = folder.resolve()
    if here in above:  # a link to where it came from
        return
    _refuse_delta(here)
    if (here / MANIFEST).is_file() and (here / PARTS).is_dir():
        here = here / PARTS  # what could not be scored stands beside it
    values = {**values, **_told(here)}
    for each in sorted(here.iterdir()):
        if each.name.startswith(PASSED_OVER):
            continue
        if each.is_dir():
            yield from _inside(each, {**values, **_value(each.name)}, above | {here})
        elif each.suffix == ".parquet":
            yield Part(each, values)


def values_of(path: Path) -> dict[str, str]:
    """What the names of a file's folders say of its rows."""
    found: dict[str, str] = {}
    for part in path.parts[:-1]:
        found |= _value(part)
    return found


def _value(name: str) -> dict[str, str]:
    column, told, value = name.partition("=")
    return {column: unquote(value)} if told else {}


def _told(folder: Path) -> dict[str, str]:
    """What the manifest of a generation says of its rows."""
    if folder.name != PARTS:
        return {}
    try:
        manifest = json.loads((folder.parent / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    told = manifest if isinstance(manifest, dict) else {}
    return {name: told[name] for name in _BY_FOLDER if isinstance(told.get(name), str) and told[name]}


def column_of(value: str, rows: int) -> pa.Array:
    """Such a value as a column: a date, if it is one, or text."""
    with suppress(ValueError):
        return pa.array([dt.date.fromisoformat(value)] * rows, pa.date32())
    return pa.array([value] * rows, pa.string())


def _refuse_delta(folder: Path) -> None:
    if (folder / "_delta_log").is_dir():
        raise UsageError(
            Fault(
                code="delta-table",
                found=f"{folder} is a Delta table, whose folder also holds files that no longer count",
                allowed="A file, or a folder of Parquet files that all count",
                do="Read it with deltalake and write the rows of one task and date to a Parquet file",
            )
        )
