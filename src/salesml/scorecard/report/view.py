"""Everything that the page shows, found in the tables: the template only sets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.metric import CHECKS
from salesml.scorecard.newest import PEERS, at, newest
from salesml.scorecard.records import records
from salesml.scorecard.report.metrics import Shown, shown
from salesml.scorecard.report.parts import Part, part
from salesml.scorecard.report.peers import LONGEST
from salesml.scorecard.report.tone import Badge, badge
from salesml.scorecard.schema import Table
from salesml.scorecard.tables import COMMON
from salesml.words import numbers, texts


@dataclass(frozen=True)
class Check:
    """One of the seven on the page."""

    number: int
    title: str
    words: str
    act: str
    value: str
    change: str
    about: str
    badge: Badge
    metrics: list[Shown]
    parts: list[Part]
    missing: list[str]


@dataclass(frozen=True)
class Person:
    """A rep who differs from all by more than luck."""

    name: str
    team: str
    better: list[str]
    worse: list[str]
    other: list[str]


@dataclass(frozen=True)
class View:
    """The page."""

    first: str
    until: str
    reps: int
    checks: list[Check]
    alarms: list[str]
    persons: list[Person]
    notes: list[Mapping[str, Any]]
    further: list[Part]

    @property
    def others(self) -> bool:
        """Whether any rep differs in what is neither good nor bad."""
        return any(each.other for each in self.persons)


def view(tables: Mapping[str, pd.DataFrame], declared: Iterable[Table], currency: str) -> View:
    """The page from the tables of a scorecard."""
    known = {each.name: each for each in declared}
    people = {row["id"]: (row["name"], row["team"]) for row in records(tables["people"])}
    periods = {(row["kind"], row["start"]): row["title"] for row in records(tables["periods"])}
    parts = {
        name: found
        for name, table in tables.items()
        if name not in {each.name for each in COMMON}
        and (found := part(name, table, known.get(name), people, currency))
    }
    of_check = {name: known[name].check if name in known else 0 for name in parts}
    checks = [
        _check(
            row,
            tables,
            people,
            periods,
            [parts[name] for name in _ordered(parts, known) if of_check[name] == row["check"]],
            [each["words"] for each in records(tables["missing"]) if each["check"] == row["check"]],
            currency,
        )
        for row in records(tables["summary"])
    ]
    days = tables["periods"]
    return View(
        first=numbers.date(days["start"].min()) if len(days) else "",
        until=numbers.date(days["end"].max() - pd.Timedelta(days=1)) if len(days) else "",
        reps=len(people),
        checks=checks,
        alarms=list(tables["alarms"]["words"]),
        persons=_persons(tables["figures"], tables["definitions"], people),
        notes=[_note(row) for row in records(tables["data_notes"])],
        further=[parts[name] for name in parts if of_check[name] not in CHECKS],
    )


def _check(
    row: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    people: Mapping[str, tuple[str, str]],
    periods: Mapping[tuple[str, pd.Timestamp], str],
    parts: list[Part],
    missing: list[str],
    currency: str,
) -> Check:
    defined = tables["definitions"]
    of_check = defined[defined["check"] == row["check"]]
    units = dict(zip(defined["metric"], defined["unit"], strict=True))
    titles = dict(zip(defined["metric"], defined["title"], strict=True))
    figures = tables["figures"]
    metrics = [
        found
        for metric in records(of_check)
        if len(figures)
        and (
            found := shown(figures[figures["metric"] == metric["metric"]], metric, people, periods, currency)
        )
    ]
    unit = units.get(row["metric"], "number")
    return Check(
        number=int(row["check"]),
        title=row["title"],
        words=row["words"],
        act=row["act"],
        value="" if pd.isna(row["value"]) else told.shown(row["value"], unit, currency),
        change="" if pd.isna(row["trend"]) else told.changed(row["trend"], unit, currency),
        about=titles.get(row["metric"], ""),
        badge=badge(row["verdict"]),
        metrics=metrics,
        parts=parts,
        missing=missing,
    )


def _ordered(parts: Iterable[str], known: Mapping[str, Table]) -> list[str]:
    """In the order in which tables are declared, those that are not last."""
    order = {name: place for place, name in enumerate(known)}
    return sorted(parts, key=lambda name: order.get(name, len(order)))


def _persons(
    figures: pd.DataFrame, definitions: pd.DataFrame, people: Mapping[str, tuple[str, str]]
) -> list[Person]:
    """Reps with a figure that is not luck, those with most of them first."""
    titles = dict(zip(definitions["metric"], definitions["title"], strict=True))
    said: dict[str, dict[str, list[str]]] = {}
    reps = figures[figures["level"] == "rep"] if len(figures) else figures
    for metric, title in titles.items():
        group = reps[reps["metric"] == metric] if len(reps) else reps
        for row in records(at(group, newest(group, PEERS))) if len(group) else ():
            if row["verdict"] in ("better", "worse", "higher", "lower"):
                said.setdefault(row["id"], {}).setdefault(row["verdict"], []).append(title)
    found = [
        Person(
            name=texts.one_line(people.get(each, (each, ""))[0], LONGEST),
            team=texts.one_line(people[each][1]) if each in people and people[each][1] else "",
            better=of.get("better", []),
            worse=of.get("worse", []),
            other=[
                f"{title} ({verdict})" for verdict in ("higher", "lower") for title in of.get(verdict, [])
            ],
        )
        for each, of in said.items()
    ]
    return sorted(found, key=lambda each: (-len(each.better) - len(each.worse), each.name.casefold()))


def _note(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "examples": [each for each in row["examples"].split("; ") if each]}
