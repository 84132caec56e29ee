"""Figures of the published scorecard: those of the company, and of the teams and reps that somebody leads.

Each figure is read of one period, the same for the company, teams and reps, so that they can be compared: the
newest whole one, a year where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from salesml.store.models import ScorecardRow
from salesml.web.desk.desk import Desk
from salesml.web.desk.plain import mapping
from salesml.web.desk.scorecard import Card

COMPANY: Final = "company"
TEAM: Final = "team"
REP: Final = "rep"

KINDS: Final = ("year", "all", "quarter")
"""Periods in which teams and reps have cases enough, the best first; months are not among them."""

MOST_KEPT: Final = 5_000
"""Subjects whose figures are kept; a generation never changes."""

MOST_REPS: Final = 100
"""Reps that are looked through for those who stand out."""

STANDS_OUT: Final = ("better", "worse", "higher", "lower")


@dataclass(frozen=True)
class Figure:
    """A figure of the company, a team or a rep in one period.

    Attributes
    ----------
    period : (str, str)
        Kind and first day.
    low, high : float or None
        Between which the true figure lies nine times in ten.
    verdict : str
        Whether it differs by more than luck, from the year before or from all others.
    words : str
        The figure and the verdict as a sentence.
    """

    metric: str
    period: tuple[str, str]
    value: float | None
    low: float | None
    high: float | None
    verdict: str
    words: str


Figures = Mapping[str, Figure]
"""By metric."""

_Key = tuple[int, str, str]
_kept: WeakKeyDictionary[sa.Engine, dict[_Key, Figures]] = WeakKeyDictionary()


def of_company(desk: Desk, card: Card) -> Figures:
    """The company's figures."""
    return _of(desk, card, COMPANY, (COMPANY,)).get(COMPANY, {})


def of_teams(desk: Desk, card: Card, teams: Iterable[str]) -> Mapping[str, Figures]:
    """Figures of teams by team; those that the person does not lead are left out."""
    mine = desk.person.teams
    return _of(desk, card, TEAM, [each for each in teams if mine is None or each in mine])


def of_reps(desk: Desk, card: Card, reps: Iterable[str]) -> Mapping[str, Figures]:
    """Figures of reps by rep; those whom the person does not lead are left out."""
    mine = desk.person.led
    return _of(desk, card, REP, [each for each in reps if mine is None or each in mine])


def standing_out(desk: Desk, card: Card, reps: Sequence[str]) -> Mapping[str, list[Figure]]:
    """What sets reps apart from all others by more than luck, of at most so many reps as can be looked at."""
    if len(reps) > MOST_REPS:
        return {}
    found = of_reps(desk, card, reps)
    order = [metric.name for check in card.checks for metric in check.metrics]
    apart = {
        rep: [figures[name] for name in order if name in figures and figures[name].verdict in STANDS_OUT]
        for rep, figures in found.items()
    }
    return {rep: figures for rep, figures in apart.items() if figures}


def _of(desk: Desk, card: Card, level: str, subjects: Iterable[str]) -> dict[str, Figures]:
    kept = _kept.setdefault(desk.connection.engine, {})
    wanted = sorted(set(subjects))
    found = {each: kept[card.generation, level, each] for each in wanted if _is_kept(kept, card, level, each)}
    rest = [each for each in wanted if each not in found]
    if rest:
        if len(kept) + len(rest) > MOST_KEPT:
            kept.clear()
        asked = _read(desk, card, level, rest)
        for each in rest:
            found[each] = kept[card.generation, level, each] = asked.get(each, {})
    return found


def _is_kept(kept: Mapping[_Key, Figures], card: Card, level: str, subject: str) -> bool:
    return (card.generation, level, subject) in kept


def _read(desk: Desk, card: Card, level: str, subjects: Sequence[str]) -> dict[str, dict[str, Figure]]:
    """Figures of the periods that are compared; which these are, the company's figures say."""
    query = sa.select(ScorecardRow.subject, ScorecardRow.row).where(
        ScorecardRow.generation_id == card.generation, ScorecardRow.part == "figures",
        ScorecardRow.level == level, ScorecardRow.subject.in_(subjects),
    )  # fmt: skip
    if level == COMPANY:
        rows = [mapping(row[1]) for row in desk.connection.execute(query)]
        return {COMPANY: _newest(rows)}
    periods = {name: figure.period for name, figure in of_company(desk, card).items()}
    if not periods:
        return {}
    # Of hundreds of rows of a subject few are wanted: the others are not even read as JSON.
    starts = sorted({start for _, start in periods.values()})
    query = query.where(
        sa.or_(*(ScorecardRow.row.contains(f'"{start}"', autoescape=True) for start in starts))
    )
    found: dict[str, dict[str, Figure]] = {each: {} for each in subjects}
    for subject, row in desk.connection.execute(query):
        figure = _figure(mapping(row))
        if figure and periods.get(figure.metric) == figure.period:
            found[str(subject)][figure.metric] = figure
    return found


def _newest(rows: Iterable[Mapping[str, Any]]) -> dict[str, Figure]:
    """Of each metric the figure of the newest whole period, of the first kind that has one.

    One that lacks something is taken only where there is no other.
    """
    best: dict[str, tuple[tuple[bool, int, str], Figure]] = {}
    for row in rows:
        figure = _figure(row)
        if figure is None or figure.value is None or row.get("complete") is False:
            continue
        if figure.period[0] not in KINDS:
            continue
        poor = bool(row.get("lacks")) or figure.verdict == "too few"
        key = (not poor, -KINDS.index(figure.period[0]), figure.period[1])
        if figure.metric not in best or key > best[figure.metric][0]:
            best[figure.metric] = key, figure
    return {name: figure for name, (_, figure) in best.items()}


def _figure(row: Mapping[str, Any]) -> Figure | None:
    if not row.get("metric") or not row.get("words"):
        return None
    return Figure(
        metric=str(row["metric"]),
        period=(str(row.get("kind")), str(row.get("start"))[:10]),
        value=_number(row.get("value")),
        low=_number(row.get("low")),
        high=_number(row.get("high")),
        verdict=str(row.get("verdict") or ""),
        words=str(row["words"]),
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
