"""The published scorecard as far as somebody may see it: the company, and the teams and reps that they lead.

A sentence of the scorecard that may name a rep is shown to those who see all reps, and to others only where
the rep is theirs; which rep it is about, its own columns say and never its words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from salesml.store import cards
from salesml.store.card_source import NAME, REPORT
from salesml.store.generations import Current
from salesml.store.models import ScorecardRow
from salesml.web.desk.desk import Desk
from salesml.web.desk.plain import mapping

PARTS: Final = ("definitions", "summary", "brief", "periods")
"""Tables that pages are made of, besides the figures."""

TOLD: Final = "told"
"""The verdict of a check without a figure: its sentence is the first of some table."""

OF_COMPANY: Final = frozenset(
    {
        "figures",
        "practices",
        "better_reps",
        "reasons_of_loss",
        "time_in_stages",
        "conditions",
        "shared",
        "ahead",
    }
)
"""Tables whose sentences in the brief are about the whole company."""

OF_REP: Final = "reallocation"
"""The table whose sentences in the brief name a rep."""


@dataclass(frozen=True)
class Metric:
    """A figure of the scorecard."""

    name: str
    check: int
    title: str
    unit: str


@dataclass(frozen=True)
class Check:
    """One of the seven.

    Attributes
    ----------
    words : str
        What is said of the company; empty where it may be about a rep who is not theirs.
    act : str
        What to do, with names of reps; empty for whoever does not see all of them.
    """

    number: int
    title: str
    verdict: str
    words: str
    act: str
    metrics: Sequence[Metric]


@dataclass(frozen=True)
class Card:
    """A scorecard.

    Attributes
    ----------
    until : date
        The first day that it does not tell of.
    brief : sequence of mapping
        ``part`` and ``words`` of each sentence for the next meeting.
    has_report : bool
        Whether there is a whole report that the person may read.
    periods : mapping
        What a period is called, by its kind and first day.
    """

    generation: int
    until: dt.date
    checks: Sequence[Check]
    brief: Sequence[Mapping[str, str]]
    has_report: bool
    periods: Mapping[tuple[str, str], str] = field(default_factory=dict)


def card(desk: Desk) -> Card | None:
    """The current scorecard; nothing where none was published, or the person leads nobody."""
    now = desk.of_task(NAME)
    if now is None or not desk.person.leads:
        return None
    rows = _rows(desk, now)
    metrics = [_metric(row) for row in rows["definitions"]]
    checks = [_check(desk, row, metrics) for row in rows["summary"]]
    brief = [
        {"part": str(row.get("part") or ""), "words": _ended(str(row.get("words") or ""))}
        for row in rows["brief"]
        if _may_be_told(desk, str(row.get("rests_on") or ""))
    ]
    titles = {
        (str(row.get("kind")), _day(row.get("start"))): str(row.get("title"))
        for row in rows["periods"]
        if row.get("title")
    }
    return Card(now.id, now.as_of, checks, brief, _has_report(desk, now), titles)


def report(desk: Desk) -> str:
    """The whole report as a page of its own; empty where there is none, or they do not see every rep."""
    now = desk.of_task(NAME)
    return cards.report(desk.connection, now.id) if now and desk.person.led is None else ""


def _has_report(desk: Desk, now: Current) -> bool:
    if desk.person.led is not None:
        return False
    query = sa.select(ScorecardRow.id).where(
        ScorecardRow.generation_id == now.id, ScorecardRow.part == REPORT
    )
    return desk.connection.execute(query.limit(1)).first() is not None


def _rows(desk: Desk, now: Current) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of some tables, each in its order.

    One part of a query for each: of several at once SQLite thinks that they are most of the rows, and of an
    order by ids that it must read them all.
    """
    each = (
        sa.select(ScorecardRow.id, ScorecardRow.part, ScorecardRow.row).where(
            ScorecardRow.generation_id == now.id, ScorecardRow.part == part
        )
        for part in PARTS
    )
    found: dict[str, list[Mapping[str, Any]]] = {part: [] for part in PARTS}
    rows: list[Any] = sorted(tuple(row) for row in desk.connection.execute(sa.union_all(*each)))
    for _, part, row in rows:
        found[part].append(mapping(row))
    return found


def _metric(row: Mapping[str, Any]) -> Metric:
    said = {name: str(row.get(name) or "") for name in ("title", "unit")}
    return Metric(str(row.get("metric")), int(row.get("check") or 0), **said)


def _check(desk: Desk, row: Mapping[str, Any], metrics: Sequence[Metric]) -> Check:
    number, verdict = int(row.get("check") or 0), str(row.get("verdict") or "")
    all_reps = desk.person.led is None
    return Check(
        number=number,
        title=str(row.get("title") or ""),
        verdict=verdict,
        words=str(row.get("words") or "") if all_reps or verdict != TOLD else "",
        act=str(row.get("act") or "") if all_reps else "",
        metrics=[each for each in metrics if each.check == number],
    )


def _may_be_told(desk: Desk, rests_on: str) -> bool:
    """Whether a sentence of the brief is about the company, or about a rep of theirs."""
    table, _, row = rests_on.partition(": ")
    if desk.person.led is None or not table or table in OF_COMPANY:
        return True
    return table == OF_REP and row in desk.person.led


def _ended(words: str) -> str:
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def _day(value: Any) -> str:
    return str(value)[:10]
