"""What reps said of accounts and prospects, held against the labels that a training learns from.

Answers never become labels: they are what people thought. Where they and the tables say the opposite, one of
them is wrong, and somebody should look before a model learns from it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from salesml.config import Spec
from salesml.crm import CRM
from salesml.crm.tables import ANSWERS
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows
from salesml.model.screening import Finding
from salesml.snapshots.entity import Entity, entity_of
from salesml.store.answers import LOST, SAVED
from salesml.windows import horizon

FEW: Final = 20
"""Answers below which no share of them is called out."""

WORDS: Final = {
    ("accounts", LOST, 0): ("was called lost", "stayed"),
    ("accounts", SAVED, 1): ("was called saved", "left"),
    ("prospects", LOST, 1): ("was called lost", "was won"),
    ("prospects", SAVED, 0): ("was called won", "was not won"),
}
"""An answer and the label that says the opposite, in words."""

Said = Mapping[str, list[tuple[dt.date, str]]]
"""By account or prospect, the days and answers, in order."""


def compare_answers(
    spec: Spec, crm: CRM, training: Rows, testing: Rows | None, say: Say
) -> tuple[Finding, ...]:
    """Findings about labels that answers contradict.

    Of each row the last answer, saved or lost, counts that was given on one of the days from its as-of date
    to the end of its horizon, and was not withdrawn.

    Parameters
    ----------
    training, testing : Rows
        With their labels; examples are positions in the rows that are named.
    say : callable
        Gets each finding.
    """
    if ANSWERS not in crm.contract.tables or spec.label.kind == "ideal":
        return ()
    entity = entity_of(spec)
    said = _said(crm, entity)
    parts = {"to learn from": training, "to test on": testing}
    found = tuple(
        finding
        for where, rows in parts.items()
        if rows is not None
        for finding in _of_rows(spec, rows, said, entity, where)
    )
    for finding in found:
        say(f"{finding.severity} [{finding.code}, {finding.sure_words}] {finding}")
    return found


def _said(crm: CRM, entity: Entity) -> Said:
    with crm.connect() as con:
        rows = con.execute(
            f'SELECT {entity.key}, "day", what FROM {ANSWERS} WHERE what IN (?, ?) AND withdrawn_at IS NULL '
            f'AND {entity.key} IS NOT NULL AND "day" IS NOT NULL ORDER BY 1, 2, 3',
            [SAVED, LOST],
        ).fetchall()
    found: dict[str, list[tuple[dt.date, str]]] = defaultdict(list)
    for name, day, what in rows:
        found[str(name)].append((day, str(what)))
    return found


def _of_rows(spec: Spec, rows: Rows, said: Said, entity: Entity, where: str) -> Iterator[Finding]:
    if rows.dates is None:
        return
    last = _last_answers(spec, rows, said)
    against: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, what in last.items():
        if (entity.table, what, int(rows.y[place])) in WORDS:
            against[what, int(rows.y[place])].append(place)
    count = sum(map(len, against.values()))
    if not last:
        return
    told = [
        f"{len(places):,} {_was(entity, what, label, len(places))}"
        for (what, label), places in against.items()
    ]
    yield Finding(
        code="answers-against-labels" if count else "answers-agree",
        severity="warn" if len(last) >= FEW and 2 * count > len(last) else "note",
        what=f"Of the rows {where}, reps answered {len(last):,} with lost or {_kept(entity)} between the "
        f"as-of date and the end of the horizon; {count:,} of these answers say the opposite of the label"
        + (f": {'; '.join(told)}." if told else "."),
        do="Look at some of them: a table may be late or incomplete, or the label may not be what reps mean. "
        "Answers change no label." if count else "Nothing.",
        rows=count,
        examples=tuple(sorted(place for places in against.values() for place in places)[:5]),
    )  # fmt: skip


def _last_answers(spec: Spec, rows: Rows, said: Said) -> dict[int, str]:
    """By position of the row, what was answered last within its days."""
    found = {}
    for place in np.flatnonzero(np.isin(rows.entity.astype(str), list(said))) if said else ():
        as_of = rows.as_of[place].astype("datetime64[D]").item()
        end = horizon(as_of, spec.horizon_days, spec.gap_days).end
        within = [what for day, what in said[str(rows.entity[place])] if as_of <= day < end]
        if within:
            found[int(place)] = within[-1]
    return found


def _kept(entity: Entity) -> str:
    return "saved" if entity.table == "accounts" else "won"


def _was(entity: Entity, what: str, label: int, count: int) -> str:
    said, did = WORDS[entity.table, what, label]
    if count != 1:
        said = said.replace("was ", "were ")
        did = did.replace("was ", "were ")
    return f"{said} and {did}"
