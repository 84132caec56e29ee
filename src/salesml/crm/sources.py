"""Files behind a table: a file, a folder or a glob of CSV or Parquet, as one DuckDB scan."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from salesml.crm.codes import fault
from salesml.errors import Fault

SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".csv.gz": "csv", ".tsv.gz": "csv",
}  # fmt: skip
SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Raw:
    """A table as it stands in its source.

    Parameters
    ----------
    scan : str
        A DuckDB query of all its rows; empty when it cannot be read.
    columns : dict of str to str
        DuckDB's type of each column, by the name that DuckDB gives it.
    names : dict of str to str
        The name that DuckDB gives a column, by its name in the source: they differ where two names
        of a source differ in case only.
    typed : bool
        Whether the types are the source's own; a CSV file has none, all its columns are text.
    files : tuple of Path
        The files read, in order.
    """

    scan: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    typed: bool = True
    files: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def readable(self) -> bool:
        return bool(self.scan)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def read_files(pattern: str, folder: Path, table: str, con: duckdb.DuckDBPyConnection) -> Raw:
    """The files that a ``source`` names, seen from the folder of ``crm.yaml``."""
    files = find(pattern, folder)
    if not files:
        return _nothing("missing-file", f"{pattern} does not exist or holds no CSV or Parquet file", table)
    kinds = {kind_of(file) for file in files}
    if None in kinds:
        odd = next(file for file in files if kind_of(file) is None)
        return _nothing(
            "unknown-format", f"{odd.name} is neither CSV nor Parquet", table, f"Known: {', '.join(SUFFIXES)}"
        )
    if len(kinds) > 1:
        return _nothing("mixed-schemas", f"{pattern} holds CSV and Parquet files side by side", table)
    read = read_parquet if kinds == {"parquet"} else read_csv
    try:
        return read(files, table, con)
    except (duckdb.Error, OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        return Raw(files=tuple(files), faults=(unreadable(table, error),))


def find(pattern: str, folder: Path) -> list[Path]:
    """The files of a path, folder or glob, sorted; files of a folder that are no tables are left out."""
    path = folder / pattern
    if path.is_file():
        return [path]
    if path.is_dir():
        found = (each for each in path.rglob("*") if kind_of(each) and not _hidden(each.relative_to(path)))
        return sorted(each for each in found if each.is_file())
    root = Path(path.anchor)
    relative = str(path.relative_to(root)) if path.is_absolute() else str(path)
    try:
        return sorted(each for each in root.glob(relative) if each.is_file())
    except (ValueError, NotImplementedError):
        return []


def kind_of(file: Path) -> str | None:
    """``csv`` or ``parquet``, by the file's name; None for others."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    return SUFFIXES.get("".join(suffixes[-2:])) or SUFFIXES.get("".join(suffixes[-1:]))


def _hidden(path: Path) -> bool:
    """Spark and others leave marks such as ``_SUCCESS`` and ``.part.crc`` beside their files."""
    return any(part.startswith((".", "_")) for part in path.parts)


def read_parquet(files: Sequence[Path], table: str, con: duckdb.DuckDBPyConnection) -> Raw:
    """Parquet files as one scan."""
    scan = f"SELECT * FROM read_parquet({_list(files)})"
    schemas = {file: _parquet_schema(file, con) for file in files}
    odd = _odd(schemas, table)
    if odd:
        return Raw(files=tuple(files), faults=odd)
    columns = {row[0]: row[1] for row in con.execute(f"DESCRIBE {scan}").fetchall()}
    own = [name for name, _ in schemas[files[0]]]
    # Partition columns that stand in the folder's name follow the file's own.
    names = dict(zip([*own, *list(columns)[len(own) :]], columns, strict=True))
    return Raw(scan, columns, names, files=tuple(files))


def _parquet_schema(file: Path, con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Names and types of a file's top-level columns, as the file itself writes them."""
    rows = con.execute(
        "SELECT name, coalesce(logical_type, converted_type, type, ''), coalesce(num_children, 0) "
        f"FROM parquet_schema({quoted(str(file))})"
    ).fetchall()
    columns: list[tuple[str, str]] = []
    position = 1
    while position < len(rows):
        name, kind, _ = rows[position]
        columns.append((name, str(kind)))
        position = _after(rows, position)
    return tuple(columns)


def _after(rows: list[tuple[str, str, int]], position: int) -> int:
    """The position after a column and all columns nested in it."""
    pending = 1
    while pending:
        pending += int(rows[position][2]) - 1
        position += 1
    return position


def read_csv(files: Sequence[Path], table: str, con: duckdb.DuckDBPyConnection) -> Raw:
    """CSV files as one scan of text columns.

    The header is read here and every column stays text: guessing would drop the leading zeros of
    ids, and skip lines that do not fit the guess.
    """
    headers = {file: _header(file) for file in files}
    empty = [file.name for file, (columns, _) in headers.items() if not columns]
    if empty:
        return _nothing("no-rows", f"{', '.join(empty[:3])} is empty: not even a header", table)
    odd = _odd(
        {file: tuple((name, "text") for name in columns) for file, (columns, _) in headers.items()}, table
    )
    if odd:
        return Raw(files=tuple(files), faults=odd)
    own, separator = headers[files[0]]
    names = dict(zip(own, _distinct(own), strict=True))
    described = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names.values())
    scan = (
        f"SELECT * FROM read_csv({_list(files)}, auto_detect=false, header=true, delim={quoted(separator)}, "
        f"quote='\"', escape='\"', nullstr='', strict_mode=true, columns={{{described}}})"
    )
    return Raw(scan, dict.fromkeys(names.values(), "VARCHAR"), names, typed=False, files=tuple(files))


def _header(file: Path) -> tuple[list[str], str]:
    """The names in the first line of a CSV file, and what separates them."""
    with _opened(file) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        first = text.readline()
        if first.count('"') % 2:  # a name with a line break in it
            first += text.readline()
    separator = max(SEPARATORS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    names = next(csv.reader(io.StringIO(first, newline=""), delimiter=separator), [])
    return [
        name.strip() or f"column{place}" for place, name in enumerate(names, 1)
    ] if first.strip() else [], separator


def separator_of(file: Path) -> str:
    """What separates the columns of a CSV file, by its first line."""
    return _header(file)[1]


def _opened(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb")  # type: ignore[return-value]


def _distinct(names: Iterable[str]) -> list[str]:
    """Names that differ also for a database that ignores case."""
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for name in names:
        again = seen[name.lower()]
        seen[name.lower()] += 1
        distinct.append(f"{name}_{again}" if again else name)
    return distinct


def _odd(schemas: dict[Path, tuple[tuple[str, str], ...]], table: str) -> tuple[Fault, ...]:
    """A fault when the files of a table differ in their columns."""
    first, *rest = schemas
    expected = schemas[first]
    different = [file for file in rest if schemas[file] != expected]
    if not different:
        return ()
    differences = [_difference(first, expected, file, schemas[file]) for file in different]
    found = f"{len(different)} of {len(schemas)} files have other columns than {first.name}"
    return (fault("mixed-schemas", found, table=table, count=len(different), examples=differences),)


def _difference(
    first: Path, expected: tuple[tuple[str, str], ...], file: Path, found: tuple[tuple[str, str], ...]
) -> str:
    here, there = dict(found), dict(expected)
    parts = [f"lacks {name!r}" for name in there if name not in here]
    parts += [f"adds {name!r}" for name in here if name not in there]
    parts += [
        f"{name!r} is {here[name]} instead of {there[name]}"
        for name in here
        if name in there and here[name] != there[name]
    ]
    return f"{file.name} {', '.join(parts) or f'has the columns of {first.name} in another order'}"


def unreadable(table: str, error: BaseException) -> Fault:
    """The fault of a file that breaks while it is read."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    encoding = isinstance(error, UnicodeDecodeError) or "not utf-8 encoded" in str(error)
    do = "Save it as UTF-8" if encoding else "Mend the file at that place, or export it again"
    if "CSV Error on Line" in lines[0]:
        lines = [lines[0].partition("CSV Error on ")[2], *lines[1:3]]
    else:
        lines = [lines[0].partition("Error: ")[2] or lines[0]]
    text = "; ".join(line if len(line) <= 120 else line[:117] + "..." for line in lines)
    return fault("unreadable-file", f"The source cannot be read: {text}", do=do, table=table)


def _nothing(code: str, found: str, table: str, allowed: str = "") -> Raw:
    return Raw(faults=(fault(code, found, allowed=allowed, table=table),))


def _list(files: Sequence[Path]) -> str:
    return "[" + ", ".join(quoted(str(file)) for file in files) + "]"
