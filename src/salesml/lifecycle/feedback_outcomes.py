"""What came of the scores that were answered, by the label of the model that they are of."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from salesml.config import Spec, read_spec
from salesml.crm import CRM
from salesml.lifecycle.progress import Say, quiet
from salesml.snapshots.labels import NO_LABEL, labels_of
from salesml.store.answers import Answer
from salesml.store.engine import Store
from salesml.store.models import Generation

NO_SPEC: Final = "no-spec"
NOT_DATED: Final = "not-of-a-date"
OTHER_HORIZON: Final = "other-horizon"
NO_DATE: Final = "no-score"

WHY: Final[Mapping[str, str]] = {
    **NO_LABEL,
    NO_SPEC: "the model has no spec in models/",
    NOT_DATED: "of ideal customers the outcome is learned in training, and of no date",
    OTHER_HORIZON: "the model looked at other days then than its spec does now",
    NO_DATE: "the answer names no score",
}
"""Why an answer has no label, in words."""


@dataclass(frozen=True)
class Outcome:
    """What came of whom an answer is about, seen from the date of the score that was answered.

    Attributes
    ----------
    label : int or None
        1 where what the score spoke of came about; none before the horizon is over, and for who was not in
        the cohort.
    ripe : bool or None
        Whether the horizon is over and its days were observed; none where nothing says which days.
    start, end : date or None
        The days that the label looks at, the end not included.
    why : str or None
        Why there is no label, a key of :data:`WHY`.
    """

    label: int | None = None
    ripe: bool | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    why: str | None = None


Horizons = Mapping[tuple[str, dt.date, str], tuple[int, int]]
"""Horizon and gap in days of scores, by model, date and version, where they were published with them."""


def outcomes_of(
    store: Store, crm: CRM, answers: Sequence[Answer], *, models: Path | None = None, say: Say = quiet
) -> dict[int, Outcome]:
    """The outcome of each answer, by its number.

    Parameters
    ----------
    models : Path, optional
        Where specs lie; ``models/`` beside crm.yaml by default.
    say : callable
        Gets a line for each model of which nothing can be told, and why.

    Raises
    ------
    UsageError, DataError
        As :func:`salesml.config.read_spec` and :func:`salesml.snapshots.labels.labels_of`.
    """
    horizons = store.read(_horizons)
    by_model: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_model[answer.name].append(answer)
    found: dict[int, Outcome] = {}
    for name, some in sorted(by_model.items()):
        path = (models or crm.folder / "models") / f"{name}.yaml"
        spec = read_spec(path) if path.is_file() else None
        why = NO_SPEC if spec is None else NOT_DATED if spec.label.kind == "ideal" else ""
        if spec is None or why:
            many = "1 answer" if len(some) == 1 else f"{len(some):,} answers"
            say(f"Without an outcome: {many} to scores of {name}, since {WHY[why]}")
            found |= {each.id: Outcome(why=why) for each in some}
        else:
            found |= _of_model(spec, crm, some, horizons)
    return found


def _of_model(spec: Spec, crm: CRM, answers: Sequence[Answer], horizons: Horizons) -> dict[int, Outcome]:
    found: dict[int, Outcome] = {}
    asked: dict[int, tuple[str, dt.date]] = {}
    for each in answers:
        if each.as_of is None:
            found[each.id] = Outcome(why=NO_DATE)
        elif horizons.get((each.name, each.as_of, each.model_version or ""), _days(spec)) != _days(spec):
            found[each.id] = Outcome(why=OTHER_HORIZON)
        else:
            asked[each.id] = (each.entity_id, each.as_of)
    rows = labels_of(spec, crm, asked.values()).to_pylist()
    told = {
        (row["entity_id"], row["as_of"]): Outcome(
            row["label"], row["ripe"], row["horizon_start"], row["horizon_end"], row["no_label"]
        )
        for row in rows
    }
    return found | {number: told[pair] for number, pair in asked.items()}


def _days(spec: Spec) -> tuple[int, int]:
    return spec.horizon_days, spec.gap_days


def _horizons(connection: sa.Connection) -> Horizons:
    """Of every load that said so, with lines of generations whose rows are long gone."""
    columns = (Generation.name, Generation.as_of, Generation.model_version, Generation.display)
    found: dict[tuple[str, dt.date, str], tuple[int, int]] = {}
    for name, as_of, version, display in connection.execute(sa.select(*columns).order_by(Generation.id)):
        said = json.loads(display or "{}")
        days = said.get("horizon_days"), said.get("gap_days", 0)
        if isinstance(days[0], int) and isinstance(days[1], int):
            found[name, as_of, version] = (days[0], days[1])
    return found
