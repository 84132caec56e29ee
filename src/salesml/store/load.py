"""Writing a batch of rows the fastest way that each database has."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa


class Prepared:
    """A batch of rows made ready before a transaction begins, so that it is short.

    Parameters
    ----------
    dialect : str
        ``sqlite`` or ``postgresql``.
    table : str
    rows : RecordBatch
        Columns of the table, by name.
    """

    def __init__(self, dialect: str, table: str, rows: pa.RecordBatch) -> None:
        self.table, self.names, self.count = table, rows.schema.names, rows.num_rows
        self._data: Any = _as_text(rows) if dialect == "postgresql" else _as_tuples(rows)

    def insert(self, connection: sa.Connection) -> None:
        """Add the rows."""
        if not self.count:
            return
        if connection.dialect.name == "postgresql":
            self._copy(connection, self.table)
        else:
            self._many(connection, "INSERT")

    def insert_new(self, connection: sa.Connection) -> None:
        """Add the rows that stand in the way of none that is there."""
        if not self.count:
            return
        if connection.dialect.name != "postgresql":
            self._many(connection, "INSERT OR IGNORE")
            return
        aside = f"new_{self.table}"
        connection.exec_driver_sql(f"CREATE TEMP TABLE {aside} (LIKE {self.table}) ON COMMIT DROP")
        self._copy(connection, aside)
        connection.exec_driver_sql(
            f"INSERT INTO {self.table} ({self._columns}) SELECT {self._columns} FROM {aside} ORDER BY id "
            "ON CONFLICT DO NOTHING"
        )

    def _many(self, connection: sa.Connection, verb: str) -> None:
        marks = ", ".join("?" for _ in self.names)
        connection.exec_driver_sql(f"{verb} INTO {self.table} ({self._columns}) VALUES ({marks})", self._data)

    def _copy(self, connection: sa.Connection, table: str) -> None:
        driver: Any = connection.connection.driver_connection
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} ({self._columns}) FROM STDIN (FORMAT csv)") as copy,
        ):
            copy.write(self._data)

    @property
    def _columns(self) -> str:
        return ", ".join(f'"{name}"' for name in self.names)


def _as_tuples(rows: pa.RecordBatch) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def _as_text(rows: pa.RecordBatch) -> memoryview:
    """Rows as CSV: text is quoted, what is missing is not, and so is told from empty text."""
    buffer = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    pyarrow.csv.write_csv(rows, buffer, options)
    return buffer.getbuffer()
