"""A score table on disk, whether it is one file or the folder of a date that `salesml score` wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, UsageError
from salesml.store.partitions import Part, column_of, parts_of

BY_FOLDER = ("task", "as_of")


class ScoreFiles:
    """The rows of a score table, read as they are asked for.

    Parameters
    ----------
    path : Path
        A Parquet file; a folder of them; of a dataset the folder of one task and date, or that of a
        generation.
    parts : sequence of Part, optional
        Some of its files only.

    Attributes
    ----------
    names : list of str
        Columns that all of its files have.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-scores``, ``several-dates`` where folders of several tasks or dates are named
        together, ``delta-table``.
    """

    def __init__(self, path: Path, parts: Sequence[Part] | None = None) -> None:
        self.path = path
        self._parts = parts_of(path) if parts is None else list(parts)
        if not self._parts:
            raise UsageError(_missing(path))
        self._refuse_several()
        schemas = [_schema(path, part) for part in self._parts]
        told = [[*schema.names, *part.values] for schema, part in zip(schemas, self._parts, strict=True)]
        self.names = [name for name in dict.fromkeys(told[0]) if all(name in each for each in told)]

    def read(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows."""
        return pa.concat_tables(
            [self._part(part, columns) for part in self._parts], promote_options="permissive"
        )

    def iter_batches(self, rows: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns, so many rows at once."""
        for part in self._parts:
            with pq.ParquetFile(part.path, page_checksum_verification=True) as file:
                inside = [name for name in columns if name in file.schema_arrow.names]
                for batch in file.iter_batches(rows, columns=inside):
                    yield from _with_folders(pa.Table.from_batches([batch]), part, columns).to_batches()

    def _part(self, part: Part, columns: Sequence[str]) -> pa.Table:
        with pq.ParquetFile(part.path, page_checksum_verification=True) as file:
            inside = [name for name in columns if name in file.schema_arrow.names]
            return _with_folders(file.read(columns=inside), part, columns)

    def _refuse_several(self) -> None:
        told = {tuple(part.values.get(name, "") for name in BY_FOLDER) for part in self._parts}
        if len(told) > 1:
            folders = sorted(f"task={task}/as_of={as_of}" for task, as_of in told)
            raise UsageError(
                Fault(
                    code="several-dates",
                    found=f"{self.path} holds scores of {len(told)} tasks and dates",
                    allowed="One task and date at a time",
                    do=f"Name one of them, such as {self.path / folders[-1]}",
                    examples=tuple(folders[:5]),
                )
            )


def _with_folders(table: pa.Table, part: Part, columns: Sequence[str]) -> pa.Table:
    """The columns in their order, those among them that only folders tell."""
    told = {
        name: column_of(part.values[name], len(table)) for name in columns if name not in table.schema.names
    }
    return pa.table({name: told[name] if name in told else table[name] for name in columns})


def _schema(path: Path, part: Part) -> pa.Schema:
    try:
        return pq.read_schema(part.path)
    except (pa.ArrowException, OSError) as error:
        raise UsageError(not_scores(f"{path} is not a Parquet file: {str(error).splitlines()[0]}")) from None


def not_scores(found: str) -> Fault:
    """Something else than scores."""
    return Fault(
        code="not-scores",
        found=found,
        allowed="Lists are made from what `salesml score` wrote as Parquet, a file or a folder",
    )


def _missing(path: Path) -> Fault:
    found = f"The folder {path} has no Parquet file" if path.is_dir() else f"{path} does not exist"
    return Fault(code="missing-file", found=found, do="Make it with `salesml score`")
