"""What people answered to scores, as a table that training, the scorecard and others read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from salesml.scoring import check_target, write
from salesml.store.answers import Answer, every
from salesml.store.engine import Store
from salesml.store.erased import ACCOUNT, kind_of
from salesml.store.migrate import existing

ROWS: Final = 10_000
"""Of a batch."""

_MOMENT: Final = pa.timestamp("us", "UTC")

SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("what", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("at", _MOMENT, nullable=False),
        ("by", pa.string()),
        ("account_id", pa.string()),
        ("prospect_id", pa.string()),
        ("rep_id", pa.string()),
        ("model", pa.string()),
        ("task", pa.string()),
        ("model_version", pa.string()),
        ("as_of", pa.date32()),
        ("probability", pa.float64()),
        ("reason", pa.string()),
        ("reason_words", pa.string()),
        ("note", pa.string()),
        ("expires_on", pa.date32()),
        ("withdrawn_at", _MOMENT),
        ("withdrawn_by", pa.string()),
        ("label", pa.int8()),
        ("horizon_start", pa.date32()),
        ("horizon_end", pa.date32()),
    ]
)
"""The columns of the table; docs/feedback.md says what they mean."""

Outcomes = Mapping[int, tuple[int | None, dt.date, dt.date]]
"""By the number of an answer: the label of its score, and the days that it looks at."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    states : dict of str to int
        Answers by their state: ``active``, ``expired`` or ``withdrawn``.
    known : int
        Answers of whose score the outcome is known.
    """

    out: str
    rows: int
    states: dict[str, int]
    known: int

    def text(self) -> str:
        told = ", ".join(f"{count:,} {state}" for state, count in self.states.items())
        known = f"; the outcome is known of {self.known:,}" if self.known else ""
        return f"Wrote {self.rows:,} answers to {self.out}{f' ({told})' if told else ''}{known}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def export(store: Store, out: Path, *, today: dt.date | None = None, overwrite: bool = False) -> Exported:
    """Write a row for each answer, oldest first, with its state on a day.

    Parameters
    ----------
    store : Store
    out : Path
        Ends in ``.parquet`` or ``.csv``; it takes its name when it is whole.
    today : date, optional
        The day on which answers hold or have expired; this one, in UTC.
    overwrite : bool
        Whether a file that is there may be replaced.

    Raises
    ------
    UsageError
        As :func:`salesml.scoring.write.write`.
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away`` or ``not-written``.
    """
    check_target(out, overwrite=overwrite)
    existing(store)
    day = today or dt.datetime.now(dt.UTC).date()
    found = store.read(every, store.feedback)
    outcomes: Outcomes = {}
    rows = write(_batches(found, day, outcomes), SCHEMA, out, overwrite=overwrite)
    return Exported(
        out=str(out), rows=rows, states=dict(sorted(Counter(each.state(day) for each in found).items())),
        known=sum(label is not None for label, _, _ in outcomes.values()),
    )  # fmt: skip


def _batches(found: Sequence[Answer], day: dt.date, outcomes: Outcomes) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(found), ROWS):
        some = found[start : start + ROWS]
        yield pa.RecordBatch.from_pylist([_row(each, day, outcomes) for each in some], schema=SCHEMA)


def _row(answer: Answer, day: dt.date, outcomes: Outcomes) -> dict[str, Any]:
    of_account = kind_of(answer.task) == ACCOUNT
    label, start, end = outcomes.get(answer.id, (None, None, None))
    return asdict(answer) | {
        "state": answer.state(day),
        "model": answer.name,
        "account_id": answer.entity_id if of_account else None,
        "prospect_id": None if of_account else answer.entity_id,
        "label": label,
        "horizon_start": start,
        "horizon_end": end,
    }
