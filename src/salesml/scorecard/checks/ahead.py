"""Holes ahead: what the open pipeline is expected to bring in the next three months, against what is needed.

Open prospects are won at the rate at which prospects of their age were won within three months over the
past year; those who are not there yet come as they came then. How far such a forecast errs is learned by
making it for past months from what was known before each, and sets the width of its interval. With scores
of prospects at hand, their calibrated probabilities stand in the place of the rate by age.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from salesml.scorecard.estimate import TAIL
from salesml.words import numbers

DAYS = 90
AGES = (30, 90, 180, 365)
"""Edges of the bands of age in days."""

LEARNED_FROM = 12
"""Months before each date that rates are learned from."""

NEEDS = ("prospects.won_at",)

COLUMNS = (
    "level", "id", "as_of", "end", "open", "expected_open", "expected_new", "expected", "low", "high",
    "needed", "verdict", "words",
)  # fmt: skip

ORIGINS = """
-- Prospects that were open on the first of each month, by age, and who of them was won within the days.
WITH origins AS (
    SELECT start AS origin FROM periods WHERE kind = 'month' AND complete
    UNION SELECT max("end") FROM periods WHERE kind = 'month' AND complete
),
until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete),
open AS (
    SELECT o.origin, p.rep, p.id, o.origin - p.created_at AS age,
        coalesce(p.won_at < o.origin + {days}, false)::INTEGER AS won
    FROM prospects AS p JOIN origins AS o ON p.created_at < o.origin
        AND (p.won_at IS NULL OR p.won_at >= o.origin) AND (p.lost_at IS NULL OR p.lost_at >= o.origin)
),
banded AS (
    SELECT o.origin, o.rep, {band} AS band, count(*) AS open, sum(o.won)::DOUBLE AS won,
        sum(s.probability) AS said, count(s.probability) AS scored
    FROM open AS o LEFT JOIN scored AS s
        ON s.task = 'conversion' AND s.entity = o.id AND s.as_of = o.origin GROUP BY ALL
),
later AS (
    SELECT o.origin, p.rep, count(*) AS won FROM prospects AS p JOIN origins AS o
        ON p.created_at >= o.origin AND p.won_at < o.origin + {days} GROUP BY ALL
)
SELECT origin, coalesce(b.rep, l.rep) AS rep, b.band, coalesce(b.open, 0) AS open, coalesce(b.won, 0) AS won,
    b.said, coalesce(b.scored, 0) AS scored,
    CASE WHEN row_number() OVER (PARTITION BY origin, coalesce(b.rep, l.rep) ORDER BY b.band) = 1
        THEN coalesce(l.won, 0) ELSE 0 END AS later,
    origin + {days} <= (SELECT day FROM until) AS ripe
FROM banded AS b FULL JOIN later AS l USING (origin, rep) ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Forecast:
    """What is expected from an origin, for each rep: ``open``, ``expected_open``, ``expected_new``."""

    origin: pd.Timestamp
    table: pd.DataFrame


def ahead(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """New accounts expected in the three months from the end of the last full month.

    Returns
    -------
    DataFrame
        ``level, id, as_of, end, open`` (prospects), ``expected_open`` (of them), ``expected_new`` (of those
        to come), ``expected``, ``low``, ``high`` (90 % of outcomes), ``needed`` (as many as in three months
        of the past year on average), ``verdict`` (``hole``, ``enough``, ``unclear``), ``words``. Empty
        where less than a year was recorded.
    """
    seen = con.execute(ORIGINS.format(days=DAYS, band=band())).df()
    origins = sorted(seen["origin"].unique())
    past = [
        forecast(seen, origin) for origin in origins if bool(seen[seen["origin"] == origin]["ripe"].all())
    ]
    now = forecast(seen, origins[-1]) if origins else None
    if now is None:
        return pd.DataFrame(columns=list(COLUMNS))
    errors = [(each, came(seen, each.origin)) for each in past if each]
    teams = dict(con.execute("SELECT rep, arg_max(team, start) FROM teams GROUP BY rep").fetchall())
    needed = _needed(con, now.origin)
    rows = []
    for level in ("company", "team", "rep"):
        mine = _at(level, now.table, teams)
        wider = spread(level, errors, teams)
        due = _at(level, needed, teams)["won"]
        for name, row in mine.iterrows():
            rows.append(_row(level, str(name), now.origin, row, wider, float(due.get(name, 0.0))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def band() -> str:
    """SQL of the band of an age."""
    cases = " ".join(f"WHEN o.age < {edge} THEN {place}" for place, edge in enumerate(AGES))
    return f"CASE {cases} ELSE {len(AGES)} END"


def forecast(seen: pd.DataFrame, origin: pd.Timestamp) -> Forecast | None:
    """From what was known before a date: rates of origins whose three months had passed by then."""
    ends = pd.Timestamp(origin) - pd.Timedelta(days=DAYS)
    known = seen[(seen["origin"] <= ends) & (seen["origin"] > ends - pd.DateOffset(months=LEARNED_FROM))]
    if known["origin"].nunique() < LEARNED_FROM:
        return None
    by_band = known.groupby("band")[["won", "open"]].sum()
    rate = by_band["won"] / by_band["open"]
    months = known["origin"].nunique()
    coming = known.groupby("rep", dropna=False)["later"].sum() / months
    here = seen[seen["origin"] == origin].copy()
    by_age = here["open"] * here["band"].map(rate).fillna(float(by_band["won"].sum() / by_band["open"].sum()))
    here["expected_open"] = np.where(here["scored"] == here["open"], here["said"].astype(float), by_age)
    table = here.groupby("rep", dropna=False)[["open", "expected_open"]].sum()
    table = table.join(coming.rename("expected_new"), how="outer").fillna(0.0)
    return Forecast(origin, table)


def came(seen: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """What came in the three months after a date, for each rep."""
    here = seen[seen["origin"] == origin]
    return (here["won"] + here["later"]).groupby(here["rep"], dropna=False).sum().rename("came").to_frame()


def _needed(con: duckdb.DuckDBPyConnection, origin: pd.Timestamp) -> pd.DataFrame:
    """Wins in three months, on average over the year before."""
    found = con.execute(
        "SELECT rep, count(*) * ? / 365.0 AS won FROM wins WHERE day >= ? AND day < ? GROUP BY rep",
        [DAYS, (origin - pd.DateOffset(years=1)).date(), origin.date()],
    ).df()
    return found.set_index("rep")


def _at(level: str, table: pd.DataFrame, teams: dict[str, str]) -> pd.DataFrame:
    """Sums of a level; what belongs to nobody counts for the company alone."""
    if level == "company":
        return table.sum().to_frame("company").T
    known = table[table.index.notna()]
    return known if level == "rep" else known.groupby(known.index.map(lambda rep: teams.get(rep))).sum()


def spread(level: str, errors: list[tuple[Forecast, pd.DataFrame]], teams: dict[str, str]) -> float:
    """How many times the variance of a count a forecast's is; at least once."""
    squares = []
    for foretold, seen in errors:
        both = _at(level, foretold.table, teams).join(_at(level, seen, teams), how="left").fillna(0.0)
        due = (both["expected_open"] + both["expected_new"]).to_numpy(float)
        off = both["came"].to_numpy(float) - due
        squares += [each**2 / max(expected, 0.5) for each, expected in zip(off, due, strict=True)]
    return max(1.0, float(np.mean(squares))) if squares else 1.0


def _row(
    level: str, name: str, origin: pd.Timestamp, row: pd.Series, wider: float, needed: float
) -> dict[str, object]:
    expected = float(row["expected_open"] + row["expected_new"])
    low, high = interval(expected, wider)
    verdict = "hole" if high < needed else "enough" if low >= needed else "unclear"
    start = origin.date()
    text = TOLD.format(
        expected=numbers.number(expected, 2),
        low=numbers.count(low),
        high=numbers.count(high),
        of_open=numbers.number(float(row["expected_open"]), 2),
        open=numbers.count(int(row["open"])),
        of_new=numbers.number(float(row["expected_new"]), 2),
        needed=numbers.number(needed, 2),
        verdict=SAID[verdict],
    )
    return {
        "level": level, "id": name, "as_of": start, "end": start + dt.timedelta(days=DAYS),
        "open": int(row["open"]),
        "expected_open": float(row["expected_open"]), "expected_new": float(row["expected_new"]),
        "expected": expected, "low": low, "high": high, "needed": needed, "verdict": verdict,
        "words": text,
    }  # fmt: skip


TOLD = (
    "{expected} new accounts expected in the next three months (between {low} and {high}): {of_open} of "
    "{open} open prospects and {of_new} of those to come; the past year brought {needed} in three months: "
    "{verdict}"
)

SAID = {
    "hole": "a hole is ahead",
    "enough": "as many as before are in sight",
    "unclear": "more or fewer may come",
}


def interval(expected: float, wider: float) -> tuple[float, float]:
    """Of a count with the given mean whose variance is so many times the mean."""
    if expected <= 0:
        return 0.0, 0.0
    plain = wider <= 1.0001
    law = stats.poisson(expected) if plain else stats.nbinom(expected / (wider - 1), 1 / wider)
    return float(law.ppf(TAIL)), float(law.ppf(1 - TAIL))
