"""The checksums that a Parquet file's pages carry, held against their bytes: DuckDB does not look at them.

The header of a page is a struct of Thrift's compact protocol (https://github.com/apache/thrift, file
``doc/specs/thrift-compact-protocol.md``); its fields are those of ``parquet.thrift``.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from salesml.crm.codes import fault
from salesml.crm.states import not_read
from salesml.errors import DataError

COMPRESSED_SIZE, CRC = 3, 4
"""Numbers of the fields of a page's header."""

HEADER = 1 << 16
"""Bytes within which a header ends, with the least and greatest values that stand in it."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _, STRUCT = range(1, 13)
"""Kinds of values."""


def refuse_damaged(tables: Mapping[str, Iterable[Path]]) -> None:
    """That no page of tables' Parquet files is damaged.

    Parameters
    ----------
    tables : mapping of str to iterable of Path
        The files of each table.

    Raises
    ------
    DataError
        ``unreadable-file`` for every file with pages that are not what their checksums say.
    OutsideError
        ``not-read``.
    """
    faults = []
    for table, files in tables.items():
        for file in files:
            try:
                columns = damaged_columns(file)
            except OSError as error:
                raise not_read(file, error) from error
            if columns:
                found = f"{file} is damaged: pages of {', '.join(columns)} are not what their checksums say"
                faults.append(fault("unreadable-file", found, do="Export the file again", table=table))
    if faults:
        raise DataError(faults)


def damaged_columns(file: Path) -> list[str]:
    """The columns of a Parquet file of which a page is not what its checksum says.

    Pages without a checksum, and what cannot be read as a page at all, are left to whoever reads the rows.

    Parameters
    ----------
    file : Path
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(file)
    except pa.ArrowException:
        return []
    found: dict[str, None] = {}
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for group in range(metadata.num_row_groups):
            for place in range(metadata.num_columns):
                column = metadata.row_group(group).column(place)
                start = column.data_page_offset
                if column.has_dictionary_page and column.dictionary_page_offset:
                    start = min(start, column.dictionary_page_offset)
                if any(_differs(data, *page) for page in _pages(data, start, column.total_compressed_size)):
                    found[column.path_in_schema] = None
    return list(found)


def _differs(data: mmap.mmap, start: int, size: int, crc: int) -> bool:
    with memoryview(data) as whole, whole[start : start + size] as page:
        return zlib.crc32(page) != crc & 0xFFFFFFFF


def _pages(data: mmap.mmap, start: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Start, size and checksum of each page of a column that has one."""
    at, end = start, min(start + size, len(data))
    while 0 < at < end:
        header = _Struct(data[at : at + HEADER])
        try:
            fields = header.numbers()
        except (IndexError, ValueError):
            return
        body, length = at + header.at, fields.get(COMPRESSED_SIZE, -1)
        if length < 0 or body + length > end:
            return
        if CRC in fields:
            yield body, length, fields[CRC]
        at = body + length


class _Struct:
    """A struct that is read from its first byte on."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def numbers(self) -> dict[int, int]:
        """Its whole numbers by the numbers of their fields; whatever else stands in it is passed over."""
        found: dict[int, int] = {}
        field = 0
        while kind := self._byte():
            step, kind = kind >> 4, kind & 15
            field = field + step if step else self._signed()
            if kind in (I16, I32, I64):
                found[field] = self._signed()
            else:
                self._pass(kind)
        return found

    def _pass(self, kind: int) -> None:
        if kind in (TRUE, FALSE):
            return
        if kind in (BYTE, DOUBLE):
            self.at += 1 if kind == BYTE else 8
        elif kind in (I16, I32, I64):
            self._unsigned()
        elif kind == BINARY:
            size = self._unsigned()
            self.at += size
        elif kind == STRUCT:
            self.numbers()
        elif kind in (LIST, SET):
            size, inside = divmod(self._byte(), 16)
            for _ in range(self._unsigned() if size == 15 else size):
                self._pass(inside)
        else:
            raise ValueError(kind)

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _signed(self) -> int:
        value = self._unsigned()
        return value >> 1 ^ -(value & 1)
