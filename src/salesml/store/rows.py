"""Rows of a score table as rows of the store, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.store.json_text import bracketed, json_text
from salesml.store.models import SCORED

TEXTS: Final = ("rep_id", "problem", "band", "list", "picked", "unlisted")
NUMBERS: Final = (
    "probability", "raw_score", "base_value", "other_contribution", "value", "expected_low",
    "expected_high", "expected_hours", "return_on_effort", "pick_probability",
)  # fmt: skip
EXPECTED: Final = ("expected_loss", "expected_value")
OPTIONAL: Final = (*TEXTS, *NUMBERS, *EXPECTED, "rank", "reasons")
"""Columns that are taken where the table has them."""

SCORES: Final = (
    "id", "generation_id", "entity_id", "name", "attributes", "rep_id", "status", "problem", "probability",
    "raw_score", "base_value", "other_contribution", "band", "value", "expected", "expected_low",
    "expected_high", "expected_hours", "return_on_effort", "rank", "list", "pick_probability", "picked",
    "unlisted", "strongest", "strongest_direction", "curve",
)  # fmt: skip

STAYS: Final = re.compile(r"stays_([1-9][0-9]{0,5})")
"""How likely a row is still there after so many days: columns that some score tables end with."""

_TOLD = ("place", "account_id", "similarity", "shared")


class Entities:
    """Names and further attributes of those whom scores are about.

    Parameters
    ----------
    table : pyarrow.Table, optional
        ``entity_id``, ``name``, and ``attributes``, a JSON object as text.
    """

    def __init__(self, table: pa.Table | None = None) -> None:
        self.table = table.combine_chunks() if table is not None else None
        ids = table["entity_id"].to_pylist() if table is not None else []
        self._place = {key: place for place, key in enumerate(ids)}

    def columns(self, ids: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Name and attributes of each, missing where they are not known."""
        if self.table is None:
            nothing = pa.nulls(len(ids), pa.string())
            return nothing, nothing
        places = pa.array([self._place.get(key) for key in ids.to_pylist()], pa.int64())
        return tuple(_text(pc.take(_flat(self.table[name]), places)) for name in ("name", "attributes"))


def scores(
    batch: pa.RecordBatch, ids: NDArray[np.int64], generation: int, entities: Entities
) -> pa.RecordBatch:
    """Rows for ``scores``: columns :data:`SCORES`.

    Parameters
    ----------
    batch : RecordBatch
        Rows of a score table.
    ids : ndarray of shape (rows,)
        The id of each.

    Raises
    ------
    DataError
        ``bad-id`` where a row that was scored has no usable id.
    """
    there = set(batch.schema.names)
    keys = _text(batch.column("entity_id"))
    _refuse_bad_ids(keys)
    name, attributes = entities.columns(keys)
    words, direction = _strongest(batch)
    columns = {
        "id": pa.array(ids),
        "generation_id": pa.array(np.full(len(ids), generation, dtype=np.int64)),
        "entity_id": keys,
        "name": name,
        "attributes": attributes,
        "status": _text(batch.column("status")),
        "expected": _number(next((batch.column(each) for each in EXPECTED if each in there), None), len(ids)),
        "rank": _whole(batch.column("rank")) if "rank" in there else pa.nulls(len(ids), pa.int64()),
        "strongest": words,
        "strongest_direction": direction,
        "curve": _curve(batch),
        **{each: _text(batch.column(each)) if each in there else _no_text(len(ids)) for each in TEXTS},
        **{each: _number(batch.column(each) if each in there else None, len(ids)) for each in NUMBERS},
    }
    return pa.RecordBatch.from_arrays([columns[each] for each in SCORES], names=list(SCORES))


def reasons(batch: pa.RecordBatch, ids: NDArray[np.int64]) -> pa.RecordBatch:
    """Rows for ``reasons``: those that have any."""
    if "reasons" not in batch.schema.names:
        return _nothing("score_id", "reasons")
    column = batch.column("reasons")
    some = pc.greater(pc.fill_null(pc.list_value_length(column), 0), 0)
    kept = pc.filter(column, some)
    return pa.RecordBatch.from_arrays(
        [pc.filter(pa.array(ids), some), json_text(kept)], names=["score_id", "reasons"]
    )


def similar(
    batch: pa.RecordBatch, first: int, generation: int, accounts: Entities | None = None
) -> pa.RecordBatch:
    """Rows for ``similar_accounts``: consecutive rows of one prospect become one.

    Parameters
    ----------
    batch : RecordBatch
        All rows of some prospects.
    first : int
        The id of the first.
    accounts : Entities, optional
        Names of the accounts that they resemble.
    """
    keys = _text(batch.column("entity_id"))
    starts = _starts(keys)
    lengths = pa.array(np.diff(np.append(starts, len(keys))))
    name, _ = (accounts or Entities()).columns(_text(batch.column("account_id")))
    told = pa.StructArray.from_arrays([*(batch.column(each) for each in _TOLD), name], names=[*_TOLD, "name"])
    count = len(starts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(first, first + count, dtype=np.int64)),
            pa.array(np.full(count, generation, dtype=np.int64)),
            keys.take(pa.array(starts)),
            bracketed(lengths, json_text(told)),
        ],
        names=["id", "generation_id", "entity_id", "accounts"],
    )


def whole_prospects(batches: Sequence[pa.RecordBatch]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Rows up to the last prospect, and that one's, of which more may come."""
    batch = pa.Table.from_batches(batches).combine_chunks().to_batches(max_chunksize=None)[0]
    starts = _starts(_text(batch.column("entity_id")))
    return batch.slice(0, int(starts[-1])), batch.slice(int(starts[-1]))


def _starts(keys: pa.StringArray) -> NDArray[np.int64]:
    if not len(keys):
        return np.empty(0, dtype=np.int64)
    differs = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)).to_numpy(zero_copy_only=False)
    return np.append(0, np.flatnonzero(differs) + 1).astype(np.int64)


def scored(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Which rows could be scored."""
    return _mask(pc.equal(batch.column("status"), SCORED))


def has_id(batch: pa.RecordBatch) -> NDArray[np.bool_]:
    """Which rows say whom they are about."""
    mask: NDArray[np.bool_] = pc.fill_null(
        pc.not_equal(_text(batch.column("entity_id")), ""), False
    ).to_numpy(zero_copy_only=False)
    return mask


def _mask(column: pa.BooleanArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
    return mask


def _strongest(batch: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
    """Words and direction of each row's first reason."""
    if "reasons" not in batch.schema.names:
        return _no_text(len(batch)), _no_text(len(batch))
    column = batch.column("reasons")
    some = pc.greater(pc.fill_null(pc.list_value_length(column), 0), 0)
    first = pc.list_element(pc.if_else(some, column, pa.scalar([None], column.type)), 0)
    return tuple(_text(pc.struct_field(first, name)) for name in ("words", "direction"))


def horizons_of(names: Iterable[str]) -> list[int]:
    """The days of the curves that a score table with these columns holds."""
    found = (STAYS.fullmatch(name) for name in names)
    return sorted(int(each[1]) for each in found if each)


def _curve(batch: pa.RecordBatch) -> pa.StringArray:
    """Each row's curve as a JSON object; missing where a row has none."""
    days = horizons_of(batch.schema.names)
    if not days:
        return _no_text(len(batch))
    stays = [_number(batch.column(f"stays_{each}"), len(batch)) for each in days]
    known = pc.is_valid(stays[0])
    for each in stays[1:]:
        known = pc.and_(known, pc.is_valid(each))
    texts = json_text(pa.StructArray.from_arrays(stays, names=[*map(str, days)]))
    return pc.if_else(known, texts, pa.scalar(None, pa.string()))


def _text(column: pa.Array) -> pa.StringArray:
    """A column as text without the letter NUL, which PostgreSQL refuses."""
    texts = column.cast(pa.string())
    if pc.any(pc.match_substring(texts, "\x00")).as_py():
        return pc.replace_substring(texts, "\x00", "\ufffd")
    return texts


def _number(column: pa.Array | None, rows: int) -> pa.DoubleArray:
    """A column of numbers; missing where they are not finite."""
    if column is None:
        return pa.nulls(rows, pa.float64())
    numbers = column.cast(pa.float64())
    return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))


def _whole(column: pa.Array) -> pa.Int64Array:
    if pa.types.is_floating(column.type):
        column = _number(column, len(column))
    return pc.cast(column, pa.int64())


def _no_text(rows: int) -> pa.StringArray:
    return pa.nulls(rows, pa.string())


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _nothing(number: str, text: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, pa.int64()), _no_text(0)], names=[number, text])


def _refuse_bad_ids(keys: pa.StringArray) -> None:
    bad = pc.fill_null(pc.equal(keys, ""), True)
    if pc.any(bad).as_py():
        raise DataError(
            Fault(
                code="bad-id",
                found="Rows that were scored have no entity_id",
                allowed="Each row that was scored names an account or prospect",
                do="Score again; nothing was published",
                count=int(pc.sum(bad).as_py()),
            )
        )
