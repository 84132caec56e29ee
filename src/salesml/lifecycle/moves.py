"""What moved scores, as pages show it: taken from a table of changes, and held against what is published.

The sentences of `salesml changes` are not audited as reasons are. So only what agrees with the published
scores is taken, of either date: its chances, its sums, its signs, its headlines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.lifecycle.moves_checks import Floats, floats, headlines, wrong_headlines, wrong_signs, wrong_sums
from salesml.scoring.changes.table import COMPARED
from salesml.scoring.changes.table import SCHEMA as CHANGES
from salesml.store.source import About, Parquet
from salesml.words import numbers

REASON: Final = pa.struct([("words", pa.string()), ("direction", pa.string()), ("strength", pa.string())])
MOVED: Final = pa.struct(
    [
        ("since", pa.date32()),
        ("before", pa.float64()),
        ("now", pa.float64()),
        ("headline", pa.string()),
        ("text", pa.string()),
        ("data", pa.list_(REASON)),
        ("model", pa.list_(REASON)),
        ("model_changed", pa.bool_()),
    ]
)
SCHEMA: Final = pa.schema([("entity_id", pa.string()), ("moved", MOVED)])

ROWS: Final = 20_000
SAME: Final = 1e-9
"""What a chance of the table may differ by from the published one."""

ALLOWED: Final = "What moved scores is the Parquet file that `salesml changes` wrote for these very scores"


@dataclass(frozen=True)
class Taken:
    """What was taken of a table of changes.

    Attributes
    ----------
    path : Path
        A Parquet file as :class:`salesml.store.beside.Beside` takes it.
    rows : int
    unlike : int
        Rows left out, as their chance before is not the one that was published then.
    """

    path: Path
    rows: int
    unlike: int = 0

    def note(self) -> str:
        """What a person should know of it, if anything."""
        if not self.unlike:
            return ""
        return (
            f"Of {self.unlike:,} rows it is not said what moved them: their chance before, made again from "
            "the tables, is not the one that was published then"
        )


def read_changes(path: Path, about: About) -> tuple[Parquet, dt.date]:
    """A table of changes that is about some scores, and the day that it compares with.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-parquet``, ``missing-column``.
    DataError
        ``other-scores`` when it is of another model, version or date.
    """
    table = Parquet(path, CHANGES.names, {}, ALLOWED)
    wanted = {"model": about.model, "as_of": about.as_of, "model_version": about.model_version}
    found: dict[str, set[Any]] = {name: set() for name in (*wanted, "since")}
    for batch in table.batches([*found], rows=65_536):
        for name, values in found.items():
            values.update(pc.unique(batch.column(name)).drop_null().to_pylist())
    faults = [
        _other(path, name, found[name] - {value}, value)
        for name, value in wanted.items()
        if found[name] - {value}
    ]
    if len(found["since"]) != 1:
        faults.append(_other(path, "since", found["since"], "one day"))
    if faults:
        raise DataError(faults)
    return table, next(iter(found["since"]))


def write_moves(table: Parquet, since: dt.date, now: pa.Table, before: pa.Table | None, path: Path) -> Taken:
    """Write what moved the published scores, for the store.

    Parameters
    ----------
    table, since
        As :func:`read_changes` gives them.
    now : pyarrow.Table
        ``entity_id`` and ``probability`` as they are published with it.
    before : pyarrow.Table, optional
        The same of the scores that were published of the earlier date, if any were.
    path : Path
        A new Parquet file.

    Raises
    ------
    DataError
        ``other-scores`` when a chance is not the published one; ``not-traced`` when the parts of a change do
        not come to the whole, a sign is wrong, or a headline is not that of the two chances.
    """
    rows = unlike = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for batch in _compared(table, now):
            _refuse_other_chance(table.path, batch, _of(batch, now))
            _refuse_untraced(table.path, batch)
            shown = _shown(batch, since, before)
            unlike += len(batch) - int(shown.sum())
            kept = batch.filter(pa.array(shown))
            rows += len(kept)
            writer.write_batch(_moves(kept))
    return Taken(path, rows, unlike)


def _compared(table: Parquet, now: pa.Table) -> Iterator[pa.RecordBatch]:
    """Rows that were scored both times, of those who are published."""
    for batch in table.batches(CHANGES.names, ROWS):
        mask = pc.and_(
            pc.equal(batch.column("status"), COMPARED),
            pc.is_in(batch.column("entity_id"), now["entity_id"]),
        )
        yield batch.filter(mask)


def _of(batch: pa.RecordBatch, figures: pa.Table) -> Floats:
    """The probabilities of some rows in another table; NaN where they have none."""
    place = pc.index_in(batch.column("entity_id"), figures["entity_id"])
    return floats(pc.take(figures["probability"], place))


def _refuse_other_chance(path: Path, batch: pa.RecordBatch, published: Floats) -> None:
    wrong = ~np.isclose(floats(batch.column("probability")), published, rtol=0, atol=SAME)
    if wrong.any():
        raise DataError(
            Fault(
                code="other-scores",
                found=f"{path} has other chances than the scores",
                allowed=ALLOWED,
                do="Run `salesml changes` again, with the model and the date of the scores",
                count=int(wrong.sum()),
                examples=_examples(batch, wrong),
            )
        )


def _refuse_untraced(path: Path, batch: pa.RecordBatch) -> None:
    wrong = wrong_sums(batch) | wrong_signs(batch) | wrong_headlines(batch)
    if wrong.any():
        raise DataError(
            Fault(
                code="not-traced",
                found=f"{path} has changes whose parts, signs or sentences do not come to their chances",
                allowed=ALLOWED,
                do="Run `salesml changes` again; nothing was published",
                count=int(wrong.sum()),
                examples=_examples(batch, wrong),
            )
        )


def _shown(batch: pa.RecordBatch, since: dt.date, before: pa.Table | None) -> NDArray[np.bool_]:
    """Rows whose chance before reads as the one that was published then, where any was."""
    if before is None or batch.column("as_of").drop_null().to_pylist()[:1] == [since]:
        return np.ones(len(batch), dtype=bool)
    own, theirs = floats(batch.column("probability_before")), _of(batch, before)
    pairs = zip(own.tolist(), theirs.tolist(), strict=True)
    return np.array([numbers.chance(here) == numbers.chance(there) for here, there in pairs], dtype=bool)


def _moves(batch: pa.RecordBatch) -> pa.RecordBatch:
    changed = pc.not_equal(batch.column("model_version_before"), batch.column("model_version"))
    fields = {
        "since": batch.column("since"),
        "before": batch.column("probability_before"),
        "now": batch.column("probability"),
        "headline": pa.array(headlines(batch), pa.string()),
        "text": batch.column("words"),
        "data": _reasons(batch.column("data_reasons")),
        "model": _reasons(batch.column("model_reasons")),
        "model_changed": changed,
    }
    arrays = [fields[field.name].cast(field.type) for field in MOVED]
    moved = pa.StructArray.from_arrays(arrays, fields=list(MOVED))
    return pa.RecordBatch.from_arrays([batch.column("entity_id").cast(pa.string()), moved], schema=SCHEMA)


def _reasons(lists: pa.ListArray) -> pa.ListArray:
    """Of each reason its sentence, direction and strength: nothing that names a feature."""
    flat = lists.flatten()
    arrays = [pc.struct_field(flat, field.name).cast(field.type) for field in REASON]
    lengths = pc.fill_null(pc.list_value_length(lists), 0).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, fields=list(REASON)))


def _examples(batch: pa.RecordBatch, wrong: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(str(each) for each in batch.column("entity_id").filter(pa.array(wrong)).to_pylist()[:5])


def _other(path: Path, name: str, found: set[Any], wanted: Any) -> Fault:
    there = ", ".join(sorted(map(str, found))[:5]) or "nothing"
    return Fault(
        code="other-scores",
        found=f"{path} has {there} in the column {name}",
        allowed=f"{ALLOWED}: {name} is {wanted}",
        do="Run `salesml changes` with the model and the date of the scores",
        column=name,
    )
