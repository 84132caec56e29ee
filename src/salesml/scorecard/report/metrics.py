"""What the page shows of one metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.newest import FIRST, at, newest
from salesml.scorecard.records import records
from salesml.scorecard.report.charts import Step, steps
from salesml.scorecard.report.peers import Peers, peers
from salesml.scorecard.report.tone import Badge, badge
from salesml.words import numbers

FEWEST, MOST = 4, 16
"""Periods of a picture: with fewer quarters it shows months, with fewer months none."""

WHOLE = "The whole time"

KINDS = ("month", "quarter", "year", "all")


@dataclass(frozen=True)
class When:
    """The company's figure in the newest period of one kind."""

    period: str
    value: str
    reach: str
    change: str
    badge: Badge
    counted: str


@dataclass(frozen=True)
class Shown:
    """A metric on the page."""

    name: str
    title: str
    how: str
    value: str
    change: str
    period: str
    words: str
    badge: Badge
    picture: str
    lately: list[When]
    groups: list[Peers]

    @property
    def reps(self) -> str:
        """Whether reps differ: empty where there are not two."""
        found = [each for each in self.groups if each.who == "Reps"]
        return "" if not found else "by more than luck" if found[0].differ else "no more than luck"


def shown(
    figures: pd.DataFrame,
    metric: Mapping[str, Any],
    people: Mapping[str, tuple[str, str]],
    periods: Mapping[tuple[str, pd.Timestamp], str],
    currency: str,
) -> Shown | None:
    """A metric from its figures and its row of ``definitions``; None where there is no whole period."""
    company = figures[figures["level"] == "company"]
    period = newest(company, FIRST)
    if period is None:
        return None
    head = next(records(at(company, period)))
    unit = metric["unit"]
    groups = [peers(figures, level, metric, people, periods, currency) for level in ("team", "rep")]
    return Shown(
        name=metric["metric"],
        title=metric["title"],
        how=metric["how"],
        value=told.shown(head["value"], unit, currency),
        change=_change(head, unit, currency),
        period=periods[period],
        words=head["words"],
        badge=badge(head["verdict"]),
        picture=_picture(company, metric, periods, currency),
        lately=[each for kind in KINDS for each in _lately(company, kind, metric, periods, currency)],
        groups=[each for each in groups if each],
    )


def _change(row: Mapping[str, Any], unit: str, currency: str) -> str:
    return "" if pd.isna(row["trend"]) else told.changed(row["trend"], unit, currency)


def _picture(
    company: pd.DataFrame, metric: Mapping[str, Any], periods: Mapping[Any, str], currency: str
) -> str:
    for kind, name in (("quarter", "quarter"), ("month", "month"), ("year", "year")):
        table = _drawn(company[company["kind"] == kind])
        if len(table) >= FEWEST or (kind == "year" and len(table) > 1):
            points = [_step(row, metric, periods, currency) for row in records(table)]
            return steps(
                points, f"{metric['title']} by {name}, with 90 % intervals", metric["unit"], currency
            )
    return ""


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The newest periods with enough cases: an interval over everything would hide all others."""
    return table[table["value"].notna() & (table["verdict"] != "too few")].sort_values("start").tail(MOST)


def _step(
    row: Mapping[str, Any], metric: Mapping[str, Any], periods: Mapping[Any, str], currency: str
) -> Step:
    period = periods[row["kind"], row["start"]]
    label = f"{period}: {told.shown(row['value'], metric['unit'], currency)}"
    whole = bool(row["complete"]) and not row["lacks"]
    return Step(label, row["value"], row["low"], row["high"], whole)


def _lately(
    company: pd.DataFrame, kind: str, metric: Mapping[str, Any], periods: Mapping[Any, str], currency: str
) -> list[When]:
    of_kind = company[(company["kind"] == kind) & company["complete"] & company["value"].notna()]
    if of_kind.empty:
        return []
    # Of a period whose cases are too young only those are known that went fast.
    whole = of_kind[of_kind["lacks"] == ""]
    of_kind = whole if len(whole) else of_kind
    row = next(records(of_kind[of_kind["start"] == of_kind["start"].max()]))
    unit = metric["unit"]
    known = not (pd.isna(row["low"]) or pd.isna(row["high"]))
    ends = [told.shown(row[name], unit, currency) for name in ("low", "high")]
    return [
        When(
            period=WHOLE if kind == "all" else periods[kind, row["start"]],
            value=told.shown(row["value"], unit, currency),
            reach=" to ".join(ends) if known else "",
            change=_change(row, unit, currency),
            badge=badge(row["verdict"]),
            counted=f"{numbers.count(row['count'])} {metric['cases']}",
        )
    ]
