"""Rows of a Parquet file, cut into chunks of one length, whatever its row groups are."""

from __future__ import annotations

import errno
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
    """A Parquet file to be read in chunks, that must not change meanwhile.

    Page checksums are verified where the file has them.

    Parameters
    ----------
    path : Path
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
        path: Path,
        columns: Sequence[str] | None = None,
        *,
        chunk: int = CHUNK,
        before: State | None = None,
    ) -> None:
        self.path = path
        self.chunk = chunk
        self._before = before or state_of(path)
        self.check_same()
        with reading(path), _opened(path) as file:
            self.rows: int = file.metadata.num_rows
            self.schema: pa.Schema = file.schema_arrow
            self._groups = [
                file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)
            ]
        if sum(self._groups) != self.rows or min(self._groups, default=0) < 0:
            raise damaged(path, "its row groups do not add up to its number of rows")
        found = self.schema.names
        self.columns = [name for name in columns if name in found] if columns is not None else found

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
        groups = list(range(group, len(self._groups)))
        with reading(self.path), _opened(self.path) as file:
            pieces = file.iter_batches(self.chunk, row_groups=groups, columns=self.columns)
            for first, rows in _cut(pieces, row, self.chunk):
                number = first // self.chunk
                if len(rows) != min(self.chunk, self.rows - first):
                    raise damaged(self.path, "it holds fewer rows than it says")
                if number not in done:
                    yield number, first, _as_text(rows)
                if number == wanted[-1]:
                    break
            else:
                raise damaged(self.path, "it holds fewer rows than it says")
        self.check_same()

    def check_same(self) -> None:
        """That the file is still the one that was opened."""
        check_states({self.path: self._before})

    def _group_of(self, row: int) -> tuple[int, int]:
        """The row group that a row is in, and the row at which that begins."""
        start = 0
        for number, size in enumerate(self._groups):
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
