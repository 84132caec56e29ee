"""Reps, or teams, side by side: those that differ by more than luck first, the others folded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.cells import NOBODY
from salesml.scorecard.newest import PEERS, at, newest
from salesml.scorecard.records import records
from salesml.scorecard.report.charts import axis, interval
from salesml.scorecard.report.scale import Scale
from salesml.scorecard.report.tone import TONES, Badge, badge
from salesml.scorecard.summary import REAL
from salesml.words import numbers, texts

ALL = 14
"""So many are all shown."""

EXTREMES = 8
"""Of more, so many at each end, as far as they differ by more than luck."""

LONGEST = 80
"""Characters of a name that are shown."""

DRAWN = 60
"""More than this are listed without pictures where they are folded: the page must stay light."""


@dataclass(frozen=True)
class Peer:
    """A rep or team in one metric."""

    name: str
    team: str
    value: str
    reach: str
    counted: str
    badge: Badge
    picture: str


@dataclass(frozen=True)
class Peers:
    """Reps or teams in one metric.

    Parameters
    ----------
    who : str
        ``Reps`` or ``Teams``.
    sentence : str
        Whether they differ, and what the order means.
    differ : bool
        Whether any differs from all by more than luck.
    shown, folded : list of Peer
    """

    who: str
    period: str
    sentence: str
    differ: bool
    axis: str
    shown: list[Peer]
    folded: list[Peer]

    @property
    def drawn(self) -> bool:
        """Whether those folded have pictures."""
        return bool(self.folded) and bool(self.folded[0].picture)


def peers(
    figures: pd.DataFrame,
    level: str,
    metric: Mapping[str, Any],
    people: Mapping[str, tuple[str, str]],
    periods: Mapping[tuple[str, pd.Timestamp], str],
    currency: str,
) -> Peers | None:
    """Reps or teams of a metric in its newest whole period; None where there are not two.

    Parameters
    ----------
    figures : DataFrame
        Of the metric.
    metric : mapping
        Its row of ``definitions``.
    people : mapping
        Name and team of each rep.
    """
    group = figures[(figures["level"] == level) & (figures["id"] != NOBODY)]
    period = newest(group, PEERS)
    here = at(group, period)
    if period is None or len(here) < 2:
        return None
    company = at(figures[figures["level"] == "company"], period)["value"]
    line = float(company.iloc[0]) if len(company) else math.nan
    differ = bool(here["verdict"].isin(REAL).any())
    shown, folded = _split(_ordered(_drawn_together(here), metric["good"], people, differ), differ)
    ends = [*shown["at"], *shown["from"], *shown["to"]] if len(shown) else [*folded["at"]]
    scale = Scale.over([*ends, line])

    def made(table: pd.DataFrame, pictures: bool) -> list[Peer]:
        return [
            _peer(row, metric, people, scale if pictures else None, line, currency) for row in records(table)
        ]

    return Peers(
        who="Teams" if level == "team" else "Reps",
        period=periods[period],
        sentence=_sentence(here, level, differ, told.shown(line, metric["unit"], currency)),
        differ=differ,
        axis=axis(scale, metric["unit"], currency),
        shown=made(shown, True),
        folded=made(folded, len(folded) <= DRAWN),
    )


def _drawn_together(table: pd.DataFrame) -> pd.DataFrame:
    """With what is shown of each: the value drawn towards all where there is one, else what was counted."""
    drawn = table["shrunk"].notna()
    return table.assign(
        **{
            "at": table["shrunk"].where(drawn, table["value"]),
            "from": table["shrunk_low"].where(drawn, table["low"]),
            "to": table["shrunk_high"].where(drawn, table["high"]),
        }
    )


def _ordered(
    table: pd.DataFrame, good: str, people: Mapping[str, tuple[str, str]], differ: bool
) -> pd.DataFrame:
    """By value where the data bear an order, the best first; by name where they do not."""
    named = table.assign(name=[people.get(each, (each, ""))[0].casefold() for each in table["id"]])
    if differ:
        return named.sort_values(["at", "name"], ascending=[good == "down", True], kind="stable")
    return named.sort_values("name", kind="stable")


def _split(table: pd.DataFrame, differ: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not differ:
        return table.iloc[:0], table
    if len(table) <= ALL:
        return table, table.iloc[:0]
    really = table[table["verdict"].isin(REAL)]
    keep = (
        really.index if len(really) <= 2 * EXTREMES else [*really.index[:EXTREMES], *really.index[-EXTREMES:]]
    )
    return table.loc[keep], table


def _sentence(table: pd.DataFrame, level: str, differ: bool, line: str) -> str:
    who = "teams" if level == "team" else "reps"
    if (table["verdict"] == "not compared").any():
        return f"Nothing says how much of a difference is luck here: {who} are in the order of their names."
    if not differ:
        return f"The {who} differ by no more than luck, so they are in the order of their names: no ranking."
    really = int(table["verdict"].isin(REAL).sum())
    return (
        f"{numbers.count(really)} of {numbers.count(len(table))} {who} "
        f"{'differs' if really == 1 else 'differ'} from all ({line}) by more than luck. "
        "The others cannot be told from all, and their order means nothing."
    )


def _peer(
    row: Mapping[str, Any],
    metric: Mapping[str, Any],
    people: Mapping[str, tuple[str, str]],
    scale: Scale | None,
    line: float,
    currency: str,
) -> Peer:
    name, team = people.get(row["id"], (row["id"], ""))
    unit = metric["unit"]
    known = math.isfinite(row["from"]) and math.isfinite(row["to"])
    tone = TONES.get(row["verdict"], "mute")
    counted = f"{numbers.count(row['count'])} {metric['cases']}"
    if math.isfinite(row["shrunk"]):
        counted = f"{told.shown(row['value'], unit, currency)} counted, {counted}"
    return Peer(
        name=texts.one_line(name, LONGEST),
        team=texts.one_line(team) if team else "",
        value=told.shown(row["at"], unit, currency),
        reach=f"{told.shown(row['from'], unit, currency)} to {told.shown(row['to'], unit, currency)}"
        if known
        else "",
        counted=counted,
        badge=badge(row["verdict"]),
        picture=interval(row["from"], row["at"], row["to"], scale, line, tone) if scale else "",
    )
