"""What people answered to scores, as a table that training, the scorecard and others read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from salesml.crm import CRM
from salesml.lifecycle.feedback_outcomes import Outcome, outcomes_of
from salesml.lifecycle.progress import Say, quiet
from salesml.scoring import check_target, write
from salesml.store.answers import Answer, every
from salesml.store.engine import Store
from salesml.store.erased import ACCOUNT, kind_of
from salesml.store.migrate import existing
from salesml.store.outcomes import Known, keep

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
        ("band", pa.string()),
        ("rank", pa.int64()),
        ("list", pa.string()),
        ("pick_probability", pa.float64()),
        ("picked", pa.string()),
        ("reason", pa.string()),
        ("reason_words", pa.string()),
        ("note", pa.string()),
        ("expires_on", pa.date32()),
        ("withdrawn_at", _MOMENT),
        ("withdrawn_by", pa.string()),
        ("label", pa.int8()),
        ("ripe", pa.bool_()),
        ("horizon_start", pa.date32()),
        ("horizon_end", pa.date32()),
        ("no_label", pa.string()),
    ]
)
"""The columns of the table; docs/feedback.md says what they mean."""

Outcomes = Mapping[int, Outcome]
"""By the number of an answer."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    states : dict of str to int
        Answers by their state: ``active``, ``expired`` or ``withdrawn``.
    known : int
        Answers of whose score the outcome is known.
    unknown : dict of str to int
        With crm.yaml, those without a label by the reason, a key of
        :data:`salesml.lifecycle.feedback_outcomes.WHY`.
    shown : int or None
        Outcomes that pages show from now on; none where they were left as they were.
    """

    out: str
    rows: int
    states: dict[str, int]
    known: int
    unknown: dict[str, int] = field(default_factory=dict)
    shown: int | None = None

    def text(self) -> str:
        told = ", ".join(f"{count:,} {state}" for state, count in self.states.items())
        looked = self.known or self.unknown
        known = f"; the outcome is known of {self.known:,}" if looked else ""
        shown = "" if self.shown is None else f"; pages show {self.shown:,}"
        return f"Wrote {self.rows:,} answers to {self.out}{f' ({told})' if told else ''}{known}{shown}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def export(
    store: Store,
    out: Path,
    *,
    crm: CRM | None = None,
    models: Path | None = None,
    today: dt.date | None = None,
    overwrite: bool = False,
    show: bool = False,
    say: Say = quiet,
) -> Exported:
    """Write a row for each answer, oldest first, with its state on a day.

    Parameters
    ----------
    store : Store
    out : Path
        Ends in ``.parquet`` or ``.csv``; it takes its name when it is whole.
    crm : CRM, optional
        The company's tables, for what came of the scores that were answered; without them its columns stay
        empty.
    models : Path, optional
        Where the specs of the models lie; ``models/`` beside crm.yaml by default.
    today : date, optional
        The day on which answers hold or have expired; this one, in UTC.
    overwrite : bool
        Whether a file that is there may be replaced.
    show : bool
        With ``crm``, whether pages are to show what came of answers.
    say : callable
        Gets a line for each model whose outcomes cannot be told.

    Raises
    ------
    UsageError
        As :func:`salesml.scoring.write.write`.
        With ``crm`` also as :func:`salesml.lifecycle.feedback_outcomes.outcomes_of`.
    DataError
        ``no-store``, ``store-older`` or ``store-newer``; with ``crm`` what keeps its tables from being read.
    OutsideError
        ``store-away`` or ``not-written``.
    """
    check_target(out, overwrite=overwrite)
    existing(store)
    day = today or dt.datetime.now(dt.UTC).date()
    found = store.read(every, store.feedback)
    outcomes: Outcomes = outcomes_of(store, crm, found, models=models, say=say) if crm else {}
    rows = write(_batches(found, day, outcomes), SCHEMA, out, overwrite=overwrite)
    shown = None
    if crm and show:
        shown = store.write(lambda con: keep(con, _known(outcomes)), store.feedback)
    return Exported(
        out=str(out), rows=rows, states=dict(sorted(Counter(each.state(day) for each in found).items())),
        known=sum(each.label is not None for each in outcomes.values()),
        unknown=dict(sorted(Counter(each.why for each in outcomes.values() if each.why).items())),
        shown=shown,
    )  # fmt: skip


def _known(outcomes: Outcomes) -> Known:
    return {
        number: (each.label, each.start, each.end)
        for number, each in outcomes.items()
        if each.label is not None and each.start and each.end
    }


def _batches(found: Sequence[Answer], day: dt.date, outcomes: Outcomes) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(found), ROWS):
        some = found[start : start + ROWS]
        yield pa.RecordBatch.from_pylist([_row(each, day, outcomes) for each in some], schema=SCHEMA)


def _row(answer: Answer, day: dt.date, outcomes: Outcomes) -> dict[str, Any]:
    of_account = kind_of(answer.task) == ACCOUNT
    outcome = outcomes.get(answer.id, Outcome())
    return asdict(answer) | {
        "state": answer.state(day),
        "model": answer.name,
        "account_id": answer.entity_id if of_account else None,
        "prospect_id": None if of_account else answer.entity_id,
        "label": outcome.label,
        "ripe": outcome.ripe,
        "horizon_start": outcome.start,
        "horizon_end": outcome.end,
        "no_label": outcome.why,
    }
