"""The meeting brief: at most twelve sentences for one page, each of them one that another table says.

Nothing is computed here. What is chosen is what a meeting can act on, and only what is more than luck; where
a part has nothing to say, one sentence says why, so that nobody takes silence for good news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from salesml.scorecard.brief_changes import Said, Tables, changes
from salesml.scorecard.records import records

MOST = 12

COLUMNS = ("order", "part", "words", "rests_on")

BY_ALL = 0.9
"""From so large a share of prospects on, a practice is done by all."""

LOOKS = 0.02
"""A difference that a practice must seem to make before it looks good."""

CHANGES = 3


@dataclass(frozen=True)
class Part:
    """A part of the brief.

    Parameters
    ----------
    name : str
        As it is headed.
    table : str
        That it needs.
    find : callable
        What the tables say of it, the most telling first.
    most : int
        Sentences of it.
    nothing : str
        Where the tables are there and say nothing of it.
    """

    name: str
    table: str
    find: Callable[[Tables], Iterator[Said]]
    nothing: str
    most: int = 1


def brief(tables: Tables, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The page for the meeting.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``figures`` (with words), ``definitions``, and the further tables of the checks; those that are not
        there are said to be missing.
    names : mapping of str to str, optional
        Of reps, by id.

    Returns
    -------
    DataFrame
        ``order`` (from 1), ``part``, ``words``, ``rests_on`` (the table, and the row of it). Empty
        ``rests_on`` where the sentence says that there is nothing.
    """
    rows: list[tuple[str, Said]] = []
    for part in _parts(names or {}):
        found = [each for _, each in zip(range(part.most), part.find(tables), strict=False)]
        lacking = part.nothing if part.table in tables else LACKS.format(needs=NEEDS[part.table])
        rows += [(part.name, each) for each in found or [Said(lacking, "")]]
    table = pd.DataFrame(
        [(part, said.words, said.rests_on) for part, said in rows[:MOST]], columns=list(COLUMNS[1:])
    )
    table.insert(0, "order", range(1, len(table) + 1))
    return table


def _parts(names: Mapping[str, str]) -> tuple[Part, ...]:
    return (
        Part(
            "What changed",
            "figures",
            changes,
            "No figure of the company changed by more than chance and visibly",
            CHANGES,
        ),
        Part("What works", "practices", working, "No practice is known to work and to be missing with many"),
        Part(
            "Who does it",
            "better_reps",
            done_by_better,
            "No practice is known to be done more by better reps",
        ),
        Part("What only looks good", "practices", looks_good, "No practice looks good and is luck"),
        Part("Where money is lost", "reasons_of_loss", lost_money, "No reason of loss has an amount"),
        Part("Where time is lost", "time_in_stages", lost_time, "No stage is known that time goes to"),
        Part("What the market explains", "conditions", market, "No indicator of the market is there"),
        Part("What was shared last time", "shared", shared, NOT_SHARED),
        Part("What is in sight", "ahead", in_sight, "Too little was recorded to look three months ahead"),
        Part(
            "Hours below their worth",
            "reallocation",
            lambda tables: hours_below(tables, names),
            "No hours of a rep are known to have had a better use",
        ),
    )


NOT_SHARED = (
    "Nobody wrote down a practice that was shared. Whoever looks after the scorecard can note one with the "
    "day it was shared on; nine months later it says here whether it helped"
)

LACKS = "Nothing can be said of it without {needs}"

ACTIVITIES = (
    "days on which prospects were won (prospects.won_at) and activities with them (activities.prospect)"
)

NEEDS = {
    "figures": "customers or prospects over two years",
    "practices": ACTIVITIES,
    "better_reps": ACTIVITIES,
    "shared": ACTIVITIES,
    "reasons_of_loss": "reasons why prospects were lost (prospects.lost_reason) and when (prospects.lost_at)",
    "time_in_stages": "the stages of prospects (stages)",
    "conditions": "indicators of the market (market) and days on which prospects were won (prospects.won_at)",
    "ahead": "days on which prospects were won (prospects.won_at)",
    "reallocation": "scores of prospects (--scores) and hours of activities with them (activities.hours)",
}
"""What each table is made of: keys of crm.yaml, or options."""


def working(tables: Tables) -> Iterator[Said]:
    """The practice of the largest effect among those that help and are not yet done with all."""
    table = _of(tables, "practices", verdict="helps")
    if len(table):
        share = table["with_it"] / (table["with_it"] + table["without_it"])
        yield from _told(
            table[share < BY_ALL].sort_values("effect", ascending=False), "practices", "practice"
        )


def done_by_better(tables: Tables) -> Iterator[Said]:
    """A practice that those do more who win more; one that works first."""
    table = _of(tables, "better_reps", verdict="more")
    if len(table):
        order = table.assign(first=table["works"] != "helps").sort_values(["first", "chance"])
        yield from _told(order, "better_reps", "practice")


def looks_good(tables: Tables) -> Iterator[Said]:
    """The practice that seems to do most, of those of which nothing is left when matched."""
    table = _of(tables, "practices", verdict="luck")
    if len(table):
        seems = table[
            (table["raw_difference"] >= LOOKS) & (table["raw_difference"] > 2 * table["effect"].abs())
        ]
        yield from _told(seems.sort_values("raw_difference", ascending=False), "practices", "practice")


def lost_money(tables: Tables) -> Iterator[Said]:
    """The reason with the most money that was hoped for; no reason at all is none that one can remove."""
    table = _of(tables, "reasons_of_loss")
    if len(table):
        known = table[(table["reason"] != "no reason given") & (table["amount"] > 0)]
        yield from _told(known.sort_values("amount", ascending=False), "reasons_of_loss", "reason")


def lost_time(tables: Tables) -> Iterator[Said]:
    """The stage that most days go to."""
    table = _of(tables, "time_in_stages")
    if len(table):
        yield from _told(table.sort_values("share", ascending=False), "time_in_stages", "stage")


def market(tables: Tables) -> Iterator[Said]:
    """The indicator that explains most, or that one of them explains nothing by more than luck."""
    table = _of(tables, "conditions")
    if len(table):
        order = table.assign(last=table["verdict"] != "goes with").sort_values(
            ["last", "explained"], ascending=[True, False]
        )
        yield from _told(order, "conditions", "indicator")


def shared(tables: Tables) -> Iterator[Said]:
    """The practice that was shared last; of one that is too young, the one before has more to say."""
    table = _of(tables, "shared")
    if len(table):
        order = table.assign(young=table["verdict"] == "too early").sort_values(
            ["young", "shared_on"], ascending=[True, False]
        )
        yield from _told(order, "shared", "practice")


def in_sight(tables: Tables) -> Iterator[Said]:
    """New accounts of the company in the next three months against what is needed."""
    table = _of(tables, "ahead")
    if len(table):
        yield from _told(table[table["level"] == "company"], "ahead", "id")


def hours_below(tables: Tables, names: Mapping[str, str]) -> Iterator[Said]:
    """The rep whose hours had the best alternatives, where that is more than luck."""
    table = _of(tables, "reallocation")
    if len(table):
        sure = table[table["low"] > 0].sort_values("opportunity_cost", ascending=False)
        for row in records(sure):
            yield Said(f"{names.get(row['rep'], row['rep'])}: {row['words']}", f"reallocation: {row['rep']}")


def _of(tables: Tables, name: str, verdict: str = "") -> pd.DataFrame:
    """A table, or its rows of a verdict; none where it is not there."""
    table = tables.get(name)
    if table is None or table.empty:
        return pd.DataFrame()
    return table[table["verdict"] == verdict] if verdict else table


def _told(table: pd.DataFrame, name: str, key: str) -> Iterator[Said]:
    for row in records(table):
        yield Said(str(row["words"]), f"{name}: {row[key]}")
