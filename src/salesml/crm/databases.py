"""Tables of a database, streamed in chunks into Parquet."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from salesml.config.section import nearest
from salesml.crm.codes import fault
from salesml.crm.contract import SECRET, Source, hide_passwords
from salesml.errors import DataError, Fault, OutsideError

CHUNK = 50_000
"""Rows in memory at a time."""


def export(source: Source, folder: Path, table: str, to: Path) -> str:
    """Write the rows of a database's table or query to a Parquet file.

    Parameters
    ----------
    source : Source
        With a URL; ``$NAME`` and ``${NAME}`` in it stand for environment variables, so that no
        password need be in crm.yaml.
    folder : Path
        That a relative SQLite path starts from.
    table : str
        The table's name in crm.yaml, for messages.
    to : Path
        The file to write.

    Returns
    -------
    str
        A SHA-256 over the rows, whatever their order.

    Raises
    ------
    DataError
        ``bad-value`` when the URL is none, ``missing-table`` when the database has no such table
        or refuses the query.
    OutsideError
        ``database-away`` when the database cannot be reached.
    """
    url = _url(source, folder, table)
    try:
        engine = sa.create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _bad_url(table, f"cannot be used: {_reason(error, url)}") from None
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=CHUNK) as connection:
            result = _execute(source, connection, table)
            names = _names(result.keys())
            return _write(result.partitions(CHUNK), names, to)
    except (OperationalError, InterfaceError) as error:
        raise _operational(error, source, url, table) from None
    except SQLAlchemyError as error:
        raise DataError(_refused(error, url, table)) from None
    finally:
        engine.dispose()


def _url(source: Source, folder: Path, table: str) -> sa.URL:
    text = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: _variable(match[1] or match[2], table), source.url)
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        raise _bad_url(table, "is not a database URL") from None
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = folder / url.database
        if not path.is_file():
            found = f"The SQLite file {url.database} does not exist"
            raise DataError(fault("missing-file", found, table=table))
        url = url.set(database=str(path))
    return url


def _variable(name: str, table: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise _bad_url(table, f"names the environment variable {name}, which is not set")
    return value


def _bad_url(table: str, found: str) -> DataError:
    do = "Write url: postgresql+psycopg://user@host/database, or another that SQLAlchemy knows"
    return DataError(fault("bad-value", f"The source's url {found}", do=do, table=table))


def _execute(source: Source, connection: sa.Connection, table: str) -> sa.CursorResult[Any]:
    if source.query:
        # As it stands: colons and percent signs in it are no parameters.
        return connection.exec_driver_sql(source.query, execution_options={"no_parameters": True})
    schema, _, name = source.table.rpartition(".")
    inspector = sa.inspect(connection)
    if not inspector.has_table(name, schema=schema or None):
        there = [
            *inspector.get_table_names(schema=schema or None),
            *inspector.get_view_names(schema=schema or None),
        ]
        found = f"The database has no table {source.table!r}"
        raise DataError(fault("missing-table", found, do=nearest(name, there), table=table))
    return connection.execute(sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None)))


def _names(keys: Iterable[str]) -> list[str]:
    """Column names; a query may give one name to two columns."""
    names: list[str] = []
    for key in keys:
        again = sum(each == key for each in names)
        names.append(f"{key}_{again}" if again else str(key))
    return names


def _write(chunks: Iterator[Sequence[sa.Row[Any]]], names: list[str], to: Path) -> str:
    """Chunks side by side in files, then one file in the types that hold all of them."""
    digest = 0
    parts: list[Path] = []
    schemas: list[pa.Schema] = []
    for number, rows in enumerate(chunks):
        digest = (digest + sum(_row_digest(row) for row in rows)) % 2**256
        columns = [_array([row[place] for row in rows]) for place in range(len(names))]
        part = to.with_name(f"{to.stem}.{number}.part")
        chunk = pa.Table.from_arrays(columns, names=names)
        pq.write_table(chunk, part)
        parts.append(part)
        schemas.append(chunk.schema)
    schema = pa.schema([(name, _common([each.field(place).type for each in schemas]))
                        for place, name in enumerate(names)])  # fmt: skip
    with pq.ParquetWriter(to, schema) as writer:
        for part in parts:
            writer.write_table(_as(pq.read_table(part), schema))
            part.unlink()
    return f"{digest:064x}"


def _row_digest(row: sa.Row[Any]) -> int:
    return int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest(), "big")


def _array(cells: list[Any]) -> pa.Array:
    """A column of a chunk; mixed cells become text."""
    try:
        array = pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        if any(isinstance(cell, Decimal) for cell in cells) and all(_numeric(cell) for cell in cells):
            return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    if pa.types.is_decimal256(array.type):
        return array.cast(pa.float64())
    return array


def _numeric(cell: Any) -> bool:
    return cell is None or (isinstance(cell, int | float | Decimal) and not isinstance(cell, bool))


def _common(types: list[pa.DataType]) -> pa.DataType:
    """The type that holds a column of all chunks."""
    real = list(dict.fromkeys(each for each in types if not pa.types.is_null(each)))
    if not real:
        return pa.string()
    if len(real) == 1:
        return real[0]
    if all(pa.types.is_decimal(each) for each in real):
        return pa.decimal128(38, max(each.scale for each in real))
    if all(_is_number(each) for each in real):
        return pa.float64()
    if all(pa.types.is_timestamp(each) for each in real) and len({each.tz for each in real}) == 1:
        return pa.timestamp("us", real[0].tz)
    return pa.string()


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table if table.schema.equals(schema) else table.cast(schema)


def _operational(error: DBAPIError, source: Source, url: sa.URL, table: str) -> DataError | OutsideError:
    """An operational error is a database that is away, or (in SQLite) a query that is wrong."""
    if url.get_backend_name() == "sqlite" and not _locked(error):
        return DataError(_refused(error, url, table))
    return OutsideError(
        Fault(
            code="database-away",
            found=f"The database at {url.set(query={}).render_as_string(hide_password=True)} cannot be read: "
            f"{_reason(error, url)}",
            do="Try again when it is there",
            table=table,
        )
    )


def _locked(error: DBAPIError) -> bool:
    return "locked" in str(error.orig) or "unable to open" in str(error.orig)


def _refused(error: SQLAlchemyError, url: sa.URL, table: str) -> Fault:
    return fault("missing-table", f"The database refuses the query: {_reason(error, url)}", table=table)


def _reason(error: BaseException, url: sa.URL) -> str:
    """The first line of what the driver says, without passwords and without the URL's query."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    text = re.sub(r"(://[^\s?]*)\?\S*", r"\1", hide_passwords(said[0] if said else type(error).__name__))
    for secret in _secrets(url):
        text = text.replace(secret, "***")
    return text


def _secrets(url: sa.URL) -> Iterator[str]:
    """The password, and values of the query that may hold one."""
    if url.password:
        yield url.password
    for key, value in url.query.items():
        if re.search(rf"(?i){SECRET}$|^options$", key):
            yield from ([value] if isinstance(value, str) else value)
