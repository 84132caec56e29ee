"""Erasing people from files: rows about them go, the file is written anew, and every file is searched."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.erase_delta import erase_from_delta, is_delta
from salesml.lifecycle.erase_manifest import COUNTED, amend
from salesml.lifecycle.erase_search import Search
from salesml.scoring.write import aside
from salesml.store.erase import Person

TABLES: Final = (".parquet", ".csv")
TEXTS: Final = (".json", ".jsonl", ".md", ".txt", ".yaml", ".log", ".sql")
"""Files that are searched, and never changed: what they say of somebody, a person must judge."""

EARLIER: Final = ".{}.salesml"
"""The folder beside a dataset in which its generations lie, those that were replaced among them."""

ROWS = 16_384


@dataclass(frozen=True)
class FilesErased:
    """What became of files.

    Attributes
    ----------
    removed : dict of str to int
        Rows removed, by file.
    left : dict of str to int
        Places in which an id still stands, by file.
    searched : int
        Files that were looked at.
    """

    removed: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    searched: int = 0

    def text(self) -> str:
        """The report as a person reads it."""
        lines = [f"Searched {self.searched:,} file{'' if self.searched == 1 else 's'}"]
        lines += [f"  {path}: rows removed: {count:,}" for path, count in self.removed.items()]
        lines += [f"  {path}: may still mention them {count:,} times" for path, count in self.left.items()]
        lines += ["A person must read what may still mention them"] if self.left else []
        return "\n".join(lines)


def erase_from_files(paths: Sequence[Path], whom: Sequence[Person]) -> FilesErased:
    """Remove rows about people from score tables, ranked lists, similar accounts and tables of backtests.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders of which every file is looked at.

    Raises
    ------
    UsageError
        ``missing-file``.
    DataError
        ``unreadable-file`` where a file cannot be read, and so not be searched.
    OutsideError
        ``not-written``; a file is then as it was.
    """
    removed: dict[str, int] = {}
    left: dict[str, int] = {}
    files = list(_files(paths))
    search = Search(tuple(whom))
    for folder in sorted({table for path in files for table in path.parents if is_delta(table)}):
        gone = erase_from_delta(folder, search)
        removed |= {str(folder): gone} if gone else {}
    for path in (each for each in files if each.exists()):  # a Delta table has removed some of its own
        with _readable(path):
            gone = 0 if any(map(is_delta, path.parents)) else _erase(path, search)
            still = _places(path, search)
        removed |= {str(path): gone} if gone else {}
        left |= {str(path): still} if still else {}
    return FilesErased(removed, left, len(files))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UsageError([Fault(code="missing-file", found=f"{path} does not exist") for path in missing])
    seen: set[Path] = set()
    for path in paths:
        for each in sorted(_inside(path)):
            real = each.resolve()
            if real not in seen and each.suffix.lower() in (*TABLES, *TEXTS):
                seen.add(real)
                yield each


def _inside(path: Path) -> Iterator[Path]:
    """A file or the files of a folder, also behind links, and those that belong to it."""
    if path.is_file():
        yield path
        apart = path.with_name(f"{path.name}.quarantine.parquet")
        yield from [apart] if apart.is_file() else []
    for folder in (path, *_belonging(path.resolve())):
        for here, _, names in os.walk(folder, followlinks=True):
            yield from (Path(here, name) for name in names)


def _belonging(path: Path) -> Iterator[Path]:
    """Folders of what is not finished and of earlier generations, which lie beside; of a date's too."""
    if path.name:
        yield path.with_name(EARLIER.format(path.name))
    for folder in path.parents:
        if folder.parent.name == "generations":
            yield folder


def _erase(path: Path, search: Search) -> int:
    """Write a table anew without the rows about people; how many there were."""
    if path.suffix.lower() == ".parquet":
        return _erase_parquet(path, search)
    return _erase_csv(path, search) if path.suffix.lower() == ".csv" else 0


def _erase_parquet(path: Path, search: Search) -> int:
    with pq.ParquetFile(path) as file:
        gone = sum(int(search.about(batch).sum()) for batch in file.iter_batches(ROWS, columns=_known(file)))
        if not gone:
            return 0
        counted = [name for name in COUNTED if name in file.schema_arrow.names]
        removed: list[dict[str, Any]] = []
        with aside(path, overwrite=True) as out:
            with pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
                for batch in file.iter_batches(ROWS):
                    about = search.about(batch)
                    writer.write_batch(batch.filter(pa.array(~about)))
                    removed += _rows(batch.select(counted), about)
            amend(path, out, removed)
    return gone


def _rows(batch: pa.RecordBatch, chosen: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Some rows of a batch, which may have no columns."""
    if not batch.schema.names:
        return [{}] * int(chosen.sum())
    rows: list[dict[str, Any]] = batch.filter(pa.array(chosen)).to_pylist()
    return rows


def _known(file: pq.ParquetFile) -> list[str]:
    """The columns that say whom a row is about."""
    return [name for name in file.schema_arrow.names if name in (*Search.COLUMNS, *Search.BESIDE)]


def _erase_csv(path: Path, search: Search) -> int:
    lines = _lines(path, search)
    header, _ = next(lines)
    removed = [dict(zip(header, row, strict=False)) for row, about in lines if about]
    if removed:
        # Read whole first: the file that is read takes another's place.
        kept = [row for row, about in _lines(path, search) if not about]
        with aside(path, overwrite=True) as out:
            text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
            csv.writer(text, lineterminator=_line_end(path)).writerows(kept)
            text.flush()
            text.detach()
            amend(path, out, removed)
    return len(removed)


def _line_end(path: Path) -> str:
    with path.open("rb") as file:
        return "\r\n" if file.readline().endswith(b"\r\n") else "\n"


def _lines(path: Path, search: Search) -> Iterator[tuple[list[str], bool]]:
    """Each row of a CSV file, and whether it is about somebody who is to go."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        yield header, False
        for row in rows:
            yield row, search.about_row(dict(zip(header, row, strict=False)))


def _places(path: Path, search: Search) -> int:
    """Values, or lines of text, in which somebody still stands."""
    if path.suffix.lower() == ".parquet":
        return _places_in_parquet(path, search)
    about = sum(about for _, about in _lines(path, search)) if path.suffix.lower() == ".csv" else 0
    with path.open(encoding="utf-8", errors="replace") as text:
        return about or sum(search.mentions(line) for line in text)


def _places_in_parquet(path: Path, search: Search) -> int:
    found = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS):
            found += int(search.about(batch).sum())
            leaves = [leaf for column in batch.columns for leaf in _texts(column)]
            for leaf in leaves if search.pattern else ():
                found += int(pc.sum(pc.match_substring_regex(leaf, search.pattern)).as_py() or 0)
    return found


def _texts(column: pa.Array) -> Iterator[pa.Array]:
    """Every column of text within a column."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        yield from _texts(column.dictionary_decode())
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(column.flatten())
    elif pa.types.is_struct(kind):
        for field_ in column.flatten():
            yield from _texts(field_)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield column


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, csv.Error, OSError) as error:
        raise DataError(
            Fault(
                code="unreadable-file",
                found=f"{path} cannot be read, and so not be searched: {str(error).splitlines()[0]}",
                do="Remove it, or name files and folders that leave it out; the store and files named before "
                "it are done",
            )
        ) from error
