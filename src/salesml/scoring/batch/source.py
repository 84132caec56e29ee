"""Rows of Parquet files, cut into chunks of one length, whatever their row groups are."""

from __future__ import annotations

import errno
import itertools
import operator
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.crm.states import State, check_states, state_of
from salesml.errors import DataError, Fault, OutsideError

CHUNK = 65_536
"""Rows that are read, scored and written at once: bounds memory, whatever the number of rows."""

LARGEST_TEXT, MOST_ITEMS = 64 << 20, 4 << 20
"""Bytes of a text and items of a list in a footer, above which a file is damaged or worse."""

OF_THE_SYSTEM = frozenset({errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ESTALE})
"""Errors that say nothing of what a file holds."""


class Source:
    """Parquet files to be read in chunks, one after the other, that must not change meanwhile.

    Page checksums are verified where the file has them.

    Parameters
    ----------
    path : Path or sequence of Path
        Several have the same columns.
    columns : sequence of str, optional
        Those to read, where the file has them; all when left out.
    chunk : int
        Rows of each chunk but the last.
    before : tuple, optional
        What :func:`salesml.crm.states.state_of` said when the file was first looked at; as it is now when
        left out.

    Raises
    ------
    DataError
        ``unreadable-file`` when it is no Parquet file or a damaged one; ``changed-meanwhile``.
    OutsideError
        ``not-read`` when the disk does not give it.
    """

    def __init__(
        self,
        path: Path | Sequence[Path],
        columns: Sequence[str] | None = None,
        *,
        chunk: int = CHUNK,
        before: State | None = None,
    ) -> None:
        self.paths = [path] if isinstance(path, Path) else list(path)
        self.chunk = chunk
        self._before = {each: before or state_of(each) for each in self.paths}
        self.check_same()
        self._groups: list[tuple[Path, int, int]] = []
        """The file of each row group, its number there and its rows."""
        schemas = [self._look(each) for each in self.paths]
        self.rows: int = sum(rows for *_, rows in self._groups)
        self.schema: pa.Schema = schemas[0] if len(schemas) == 1 else _nullable(schemas[0])
        found = self.schema.names
        self.columns = [name for name in columns if name in found] if columns is not None else found

    def _look(self, path: Path) -> pa.Schema:
        with reading(path), _opened(path) as file:
            sizes = [
                file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)
            ]
            if sum(sizes) != file.metadata.num_rows or min(sizes, default=0) < 0:
                raise damaged(path, "its row groups do not add up to its number of rows")
            self._groups += [(path, number, rows) for number, rows in enumerate(sizes)]
            return file.schema_arrow

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.rows // self.chunk)

    def read(self, done: Collection[int] = ()) -> Iterator[tuple[int, int, pa.Table]]:
        """The chunks that are not done: number, first row, rows.

        Raises
        ------
        DataError
            ``unreadable-file``, or ``changed-meanwhile`` when the file is not what it was.
        """
        wanted = [number for number in range(self.chunks) if number not in done]
        if not wanted:
            return
        group, row = self._group_of(wanted[0] * self.chunk)
        with reading(self.paths[0]):
            for first, rows in _cut(self._pieces(group), row, self.chunk):
                number = first // self.chunk
                if len(rows) != min(self.chunk, self.rows - first):
                    break
                if number not in done:
                    yield number, first, _as_text(rows)
                if number == wanted[-1]:
                    self.check_same()
                    return
        raise damaged(self.paths[-1], "it holds fewer rows than it says")

    def _pieces(self, group: int) -> Iterator[pa.RecordBatch]:
        """The rows from a row group on."""
        for path, left in itertools.groupby(self._groups[group:], key=operator.itemgetter(0)):
            with reading(path), _opened(path) as file:
                numbers = [number for _, number, _ in left]
                for piece in file.iter_batches(self.chunk, row_groups=numbers, columns=self.columns):
                    yield piece if len(self.paths) == 1 else piece.cast(_nullable(piece.schema))

    def check_same(self) -> None:
        """That the files are still those that were opened."""
        check_states(self._before)

    def _group_of(self, row: int) -> tuple[int, int]:
        """The row group that a row is in, and the row at which that begins."""
        start = 0
        for number, (_, _, size) in enumerate(self._groups):
            if start + size > row:
                return number, start
            start += size
        return len(self._groups), start


def _cut(pieces: Iterator[pa.RecordBatch], first: int, chunk: int) -> Iterator[tuple[int, pa.Table]]:
    """Pieces of any length, of which the first begins at a row, as whole chunks; what is before is left."""
    begin = -(-first // chunk) * chunk
    left = begin - first
    held: list[pa.RecordBatch] = []
    size = 0
    for piece in pieces:
        if left:
            dropped = min(left, len(piece))
            left -= dropped
            piece = piece.slice(dropped)
        while len(piece):
            part = piece.slice(0, chunk - size)
            held.append(part)
            size += len(part)
            piece = piece.slice(len(part))
            if size == chunk:
                yield begin, pa.Table.from_batches(held)
                begin, held, size = begin + chunk, [], 0
    if size:
        yield begin, pa.Table.from_batches(held)


def _nullable(schema: pa.Schema) -> pa.Schema:
    """The schema without saying of which columns no value happens to be missing in one of several files."""
    return pa.schema([field.with_nullable(True) for field in schema])


def _as_text(rows: pa.Table) -> pa.Table:
    """Texts of writers that do not mark them as such; bytes that are no text are an error."""
    fields = [field.with_type(pa.string()) if _is_bytes(field.type) else field for field in rows.schema]
    return rows.cast(pa.schema(fields, metadata=rows.schema.metadata))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Errors while a file is read, in words: a damaged file apart from a disk that does not answer."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError | PermissionError) or error.errno in OF_THE_SYSTEM:
            raise OutsideError(
                Fault(
                    code="not-read",
                    found=f"{path} could not be read: {error.strerror or error}",
                    do="Run the same job again: what is done so far is kept",
                )
            ) from error
        raise damaged(path, error) from error
    except (pa.ArrowException, UnicodeDecodeError, MemoryError, OverflowError) as error:
        raise damaged(path, error) from error


def of_the_system(said: str) -> bool:
    """Whether a library's message says that the system failed, and not what a file holds."""
    return any(os.strerror(number) in said for number in OF_THE_SYSTEM)


def damaged(path: Path, why: object) -> DataError:
    """A file that is not what it says."""
    said = " ".join(str(why).split())[:300]
    return DataError(
        Fault(
            code="unreadable-file",
            found=f"{path} cannot be read as Parquet: {said}",
            allowed="A table is a whole Parquet file",
            do="Export it again, or restore it; nothing of it was published",
        )
    )


def _opened(path: Path) -> Any:
    return pq.ParquetFile(
        path,
        page_checksum_verification=True,
        pre_buffer=False,
        thrift_string_size_limit=LARGEST_TEXT,
        thrift_container_size_limit=MOST_ITEMS,
    )
