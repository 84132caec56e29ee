"""Scoring chunk by chunk: each becomes a part that is on disk before the journal names it."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from salesml.scoring.batch.durable import digest_of, put
from salesml.scoring.batch.journal import Entry, Journal
from salesml.scoring.table import NOT_SCORED, SCORED

PARTS, QUARANTINE = "parts", "quarantine"
"""Folders of a generation: what readers see, and rows that could not be scored as they came."""

APART = frozenset({"probability", "raw_score", "other_contribution", "contribution", "share"})
"""Numbers that are another one in every row: a dictionary of them takes time and room for nothing."""

LARGEST_DICTIONARY = 8 << 20
"""Bytes of the different sentences of a part, up to which each is written once: more than a part's have."""

SCHEMA = "ARROW:schema"
"""Where Arrow looks in a Parquet file for what its columns were."""

Scored = tuple[pa.Table, pa.Table, Mapping[str, int]]
"""A chunk's score table, its rows as they came, and what was counted in it."""

Score = Callable[[pa.Table, int], Scored]
"""Scores a chunk, which begins at a row of the whole."""


@dataclass(frozen=True)
class Totals:
    """What all parts together hold."""

    rows: int = 0
    unscored: int = 0
    bands: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: list[Entry]) -> Totals:
        """The sum of parts as the journal has them."""
        sums: dict[str, Counter[str]] = {"bands": Counter(), "problems": Counter(), "counted": Counter()}
        for entry in entries:
            for name, counter in sums.items():
                counter.update(entry[name])
        return cls(
            rows=sum(entry["rows"] for entry in entries),
            unscored=sum(entry["unscored"] for entry in entries),
            **{name: dict(counter.most_common()) for name, counter in sums.items()},
        )


class Parts:
    """The parts of a generation that is being written.

    Parameters
    ----------
    folder : Path
        Of the generation; ``parts`` and ``quarantine`` are in it.
    name : str
        Stands in the name of each part: a reader with the listing of another generation finds
        nothing rather than the wrong rows.
    journal : Journal
    without : tuple of str
        Columns of the score table that stand in the names of the folders instead.
    """

    def __init__(self, folder: Path, name: str, journal: Journal, without: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.name = name
        self.journal = journal
        self.without = without

    def done(self) -> dict[int, Entry]:
        """Parts that the journal names and whose files are what it says."""
        found = {entry["index"]: entry for entry in self.journal.entries if entry.get("event") == "part"}
        return {index: entry for index, entry in found.items() if self._whole(entry)}

    def _whole(self, entry: Entry) -> bool:
        return all(digest_of(self.folder / file["file"]) == file["sha256"] for file in files_of(entry))

    def write(self, index: int, scored: Scored) -> Entry:
        """Have a part on disk, its unscored rows apart, and say so in the journal."""
        scores, rows, counted = scored
        bad = pc.equal(scores["status"], NOT_SCORED)
        unscored = int(pc.sum(bad).as_py() or 0)
        good = pc.equal(scores["status"], SCORED)
        entry = {
            "event": "part",
            "index": index,
            "rows": len(scores),
            "unscored": unscored,
            "bands": _counts(scores["band"].filter(good)),
            "problems": _counts(scores["problem"].filter(bad)),
            "counted": dict(counted),
            "part": self._put(PARTS, index, scores.drop_columns(list(self.without))),
        }
        if unscored:
            apart = rows.filter(bad).append_column("problem", scores["problem"].filter(bad))
            entry["quarantine"] = self._put(QUARANTINE, index, apart)
        self.journal.add(entry)
        return entry

    def _put(self, folder: str, index: int, table: pa.Table) -> dict[str, Any]:
        path = self.folder / folder / f"part-{self.name}-{index:05d}.parquet"
        return {
            "file": f"{folder}/{path.name}",
            "rows": len(table),
            "sha256": put(path, parquet_bytes(table)),
        }


def run(
    chunks: Iterator[tuple[int, int, pa.Table]],
    score: Score,
    parts: Parts,
    *,
    workers: int,
    told: Callable[[Entry], None],
) -> None:
    """Score chunks in threads, no more of them at once than threads and one that waits.

    Parameters
    ----------
    told : callable
        Gets each part's line as it is done, in this thread.
    """

    def one(index: int, first: int, rows: pa.Table) -> Entry:
        return parts.write(index, score(rows, first))

    pending: set[Future[Entry]] = set()
    with ThreadPoolExecutor(workers, thread_name_prefix="score") as pool:
        try:
            for chunk in chunks:
                pending.add(pool.submit(one, *chunk))
                if len(pending) > workers:
                    pending = _settle(pending, told)
            while pending:
                pending = _settle(pending, told)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _settle(pending: set[Future[Entry]], told: Callable[[Entry], None]) -> set[Future[Entry]]:
    done, left = wait(pending, return_when=FIRST_COMPLETED)
    for future in done:
        told(future.result())
    return left


def files_of(entry: Entry) -> list[dict[str, Any]]:
    """The files of a part, each with its rows and its digest."""
    return [entry[key] for key in ("part", "quarantine") if key in entry]


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file, the same bytes for the same rows.

    Coded texts are texts to whoever reads it.
    """
    file = io.BytesIO()
    table = table.replace_schema_metadata(None)
    found = leaves(table.schema)
    with pq.ParquetWriter(
        file,
        table.schema,
        compression="zstd",
        write_page_checksum=True,
        use_dictionary=[leaf for leaf in found if leaf.rpartition(".")[2] not in APART],
        write_statistics=[leaf for leaf in found if "." not in leaf],
        dictionary_pagesize_limit=LARGEST_DICTIONARY,
        store_schema=False,
    ) as writer:
        writer.write_table(table)
        read_as = pa.schema([field.with_type(_plain(field.type)) for field in table.schema])
        writer.add_key_value_metadata({SCHEMA: base64.b64encode(read_as.serialize()).decode()})
    return file.getvalue()


def _plain(kind: pa.DataType) -> pa.DataType:
    """A type with values in place of their codes."""
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain(field.type)) for field in kind])
    return kind


def leaves(columns: pa.Schema) -> list[str]:
    """The columns of a file that a table's become, by their paths."""
    return [leaf for field in columns for leaf in _leaves(field.name, field.type)]


def _leaves(path: str, kind: pa.DataType) -> list[str]:
    """The columns of a file that a column of a table becomes."""
    if pa.types.is_list(kind):
        return _leaves(f"{path}.list.element", kind.value_type)
    if pa.types.is_struct(kind):
        return [leaf for field in kind for leaf in _leaves(f"{path}.{field.name}", field.type)]
    return [path]


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {
        str(each["values"]): each["counts"] for each in pc.value_counts(column.combine_chunks()).to_pylist()
    }
