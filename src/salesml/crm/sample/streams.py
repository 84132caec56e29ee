"""Many Parquet files written side by side, each in row groups of a bounded size."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 200_000
"""Rows of a group: few enough to wait in memory, many enough that groups stay few."""


class Streams:
    """Files below a folder, by name; tables added to one are written as soon as they fill a group."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, Any] = {}
        self._waiting: dict[str, list[Any]] = {}

    def __enter__(self) -> Streams:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for name in [*self._waiting] if kind is None else []:
                self._write(name)
        finally:
            for writer in self._writers.values():
                writer.close()

    @property
    def names(self) -> list[str]:
        return [*self._waiting]

    @property
    def waiting(self) -> int:
        """Rows that are not written yet, of the fullest file."""
        return max((self._rows(name) for name in self._waiting), default=0)

    def add(self, name: str, table: Any) -> None:
        self._waiting.setdefault(name, []).append(table)
        if self._rows(name) >= ROWS:
            self._write(name)

    def _rows(self, name: str) -> int:
        return sum(len(table) for table in self._waiting[name])

    def _write(self, name: str) -> None:
        tables, self._waiting[name] = self._waiting[name], []
        if not tables:
            return
        if name not in self._writers:
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            self._writers[name] = pq.ParquetWriter(self._folder / name, tables[0].schema, compression="zstd")
        self._writers[name].write_table(pa.concat_tables(tables), row_group_size=ROWS)
