"""The table of similar accounts: for each prospect the ideal accounts it is nearest to, and why.

Ideal accounts are read from the company's tables when prospects are scored, as they were when still
prospects; none of them is in a bundle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from salesml.errors import DataError, Fault
from salesml.explain.shared import Sharing
from salesml.explain.similar import MOST, Crowd, Neighbours
from salesml.model.bundle import Bundle
from salesml.scoring.frame import Rows, as_frame, check_columns, names_of, note_repeated, prepare
from salesml.scoring.shared_words import SHARED, SharedWords

BLOCK = 4_096
"""Prospects that are compared at once: bounds the memory that any number of them takes."""

ACCOUNT = "account_id"

SCHEMA = pa.schema(
    [
        ("entity_id", pa.string()),
        ("as_of", pa.date32()),
        ("place", pa.int32()),
        (ACCOUNT, pa.string()),
        ("similarity", pa.float64()),
        ("shared", pa.list_(SHARED)),
    ]
)
"""Columns of ``similar.parquet``: a row for each prospect and each of its nearest accounts."""

Table: TypeAlias = "pd.DataFrame | pa.Table | pa.RecordBatch"


class SimilarAccounts:
    """Finds the ideal accounts that prospects resemble in a model's eyes.

    Parameters
    ----------
    bundle : Bundle
        The model whose trees compare; see :mod:`salesml.explain.similar` for what similarity is.
    ideal : DataFrame, pyarrow.Table or RecordBatch
        One row for each ideal account, as it was as a prospect: the model's columns, ``as_of``, and its id
        as ``account_id``, or ``entity_id`` where that is missing. There may be none.
    withheld : collection of str
        Features, columns or groups that are never told, such as protected attributes that a model uses.
        They still count in the similarity.
    most : int
        Accounts for each prospect at most.
    threads : int
        Threads to use, 0 for all. The result does not depend on it.

    Attributes
    ----------
    left_out : dict of str to str
        Ideal accounts that cannot be compared, and why.

    Raises
    ------
    DataError
        ``missing-column``; ``repeated-account`` where an account stands in several rows.
    """

    def __init__(
        self,
        bundle: Bundle,
        ideal: Table,
        *,
        withheld: Collection[str] = (),
        most: int = MOST,
        threads: int = 0,
    ) -> None:
        self.bundle, self.most = bundle, most
        rows = _ideal_rows(bundle, ideal)
        self.left_out = {
            str(rows.entity_id[row]): str(rows.problem[row]) for row in np.flatnonzero(rows.problem != "")
        }
        order = _by_account(rows)
        self.accounts = np.array([rows.entity_id[row] for row in order], dtype=object)
        features = rows.features.iloc[order]
        coded = bundle.coding.of_ages.encode(features)
        self._words = SharedWords(bundle.features, bundle.coding, withheld)
        self._values = self._words.values(features, coded)
        self._crowd = Crowd(bundle.booster, coded, threads=threads)
        self._sharing = Sharing(self._crowd, self._values, self._words.telling)

    def blocks(self, prospects: Table | Iterable[Table], *, rows: int = BLOCK) -> Iterator[pa.RecordBatch]:
        """The table's rows, block by block.

        Parameters
        ----------
        prospects : DataFrame, pyarrow.Table, RecordBatch, or an iterable of them
            As for scoring. An iterable is read as it is needed.
        rows : int
            Prospects that are compared at once.

        Yields
        ------
        RecordBatch
            See :data:`SCHEMA`; in the prospects' order, the nearest account first. A prospect that cannot
            be scored, or has nothing in common with any account, has no rows.
        """
        seen: set[Any] = set()
        first = 0
        for part in _parts(prospects, rows):
            check_columns(names_of(part), self.bundle.columns)
            block = prepare(as_frame(part), self.bundle.coding, first)
            note_repeated(block, seen)
            first += len(block)
            yield self._block(block)

    def table(self, prospects: Table | Iterable[Table]) -> pa.Table:
        """All blocks as one table."""
        return pa.Table.from_batches(self.blocks(prospects), schema=SCHEMA)

    def _block(self, rows: Rows) -> pa.RecordBatch:
        good = np.flatnonzero(rows.problem == "")
        features = rows.features.iloc[good]
        coded = self.bundle.coding.of_ages.encode(features)
        near = self._crowd.nearest(coded, self.most)
        values = self._words.values(features, coded)
        found = self._sharing.shared(near, values)
        return self._assemble(rows, good, near, self._shared_column(near, found, values))

    def _shared_column(self, near: Neighbours, found: Any, values: Any) -> pa.ListArray:
        row, place = np.nonzero(near.index >= 0)
        return self._words.column(found[row, place], values[row], self._values[near.index[row, place]])

    def _assemble(self, rows: Rows, good: Any, near: Neighbours, shared: pa.ListArray) -> pa.RecordBatch:
        row, place = np.nonzero(near.index >= 0)
        here = pa.array(good[row])
        columns = {
            "entity_id": pa.array(rows.entity_id, type=pa.string()).take(here),
            "as_of": pa.array(rows.as_of, type=pa.date32()).take(here),
            "place": pa.array(place + 1, type=pa.int32()),
            ACCOUNT: pa.array(self.accounts, type=pa.string()).take(pa.array(near.index[row, place])),
            "similarity": pa.array(near.similarity[row, place]),
            "shared": shared,
        }
        return pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def similar_accounts(
    bundle: Bundle,
    ideal: Table,
    prospects: Table | Iterable[Table],
    *,
    withheld: Collection[str] = (),
    threads: int = 0,
) -> Iterator[pa.RecordBatch]:
    """The table of similar accounts in blocks; see :class:`SimilarAccounts` and its ``blocks``."""
    yield from SimilarAccounts(bundle, ideal, withheld=withheld, threads=threads).blocks(prospects)


def _ideal_rows(bundle: Bundle, ideal: Table) -> Rows:
    check_columns(names_of(ideal), bundle.columns)
    frame = as_frame(ideal)
    if ACCOUNT in frame:
        frame = frame.drop(columns="entity_id", errors="ignore").rename(columns={ACCOUNT: "entity_id"})
    rows = prepare(frame, bundle.coding)
    ids = pd.Series(rows.entity_id, dtype=object).dropna()
    repeated = ids[ids.duplicated()].unique().tolist()
    if repeated:
        raise DataError(
            Fault(
                code="repeated-account",
                found=f"{len(repeated)} ideal accounts stand in several rows",
                allowed="One row for each, as it was as a prospect",
                do="Keep the row of one date for each account",
                count=len(repeated),
                examples=tuple(repeated[:5]),
            )
        )
    return rows


def _by_account(rows: Rows) -> list[int]:
    """The rows that can be compared, by the account's id as text: that settles who of equals comes first."""
    good = np.flatnonzero(rows.problem == "").tolist()
    return sorted(good, key=lambda row: str(rows.entity_id[row]))


def _parts(prospects: Table | Iterable[Table], rows: int) -> Iterator[Table]:
    one = isinstance(prospects, pd.DataFrame | pa.Table | pa.RecordBatch)
    tables: Iterable[Table] = [prospects] if one else prospects
    for table in tables:
        for start in range(0, max(len(table), 1), rows):
            yield (
                table.iloc[start : start + rows]
                if isinstance(table, pd.DataFrame)
                else table.slice(start, rows)
            )
