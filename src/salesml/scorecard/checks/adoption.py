"""Who does what: with which share of prospects, and whether better reps do it more.

Better are reps whose win rate lies above that of all with a probability of ``SURE``, after it was drawn
towards all; where win rates differ by no more than luck, nobody is known to do better, and nothing is
compared. Reps are what is independent, so each rep's share counts once. Whether a practice works is another
question, which :mod:`salesml.scorecard.checks.practices` asks within reps: what better reps do more may be no
reason why they are better.
Source: Welch, *The generalization of 'Student's' problem*, Biometrika 34 (1947), for the interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.checks.practices import Practice
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.scorecard.welch import compare
from salesml.words import numbers

Floats = NDArray[np.float64]

SURE = 0.9
LEAST = 20
"""Prospects that a rep must have had of whom it could be asked."""

LEAST_REPS = 3
"""On either side."""

REAL = ("better", "worse", "higher", "lower", "same")
"""Verdicts of a rep where reps differ by more than luck."""

COLUMNS = (
    "practice", "key", "better_reps", "other_reps", "share_better", "share_others", "difference", "low",
    "high", "chance", "works", "verdict", "words",
)  # fmt: skip

BY_REP = """
WITH asked AS ({practice}), until AS (SELECT max("end") AS day FROM periods WHERE kind = 'month' AND complete)
SELECT p.rep, count(*)::DOUBLE AS prospects, sum(a.done)::DOUBLE AS done
FROM asked AS a JOIN prospects AS p ON p.id = a.prospect JOIN until AS u ON a.landmark <= u.day
WHERE p.rep IS NOT NULL AND (p.won_at IS NULL OR p.won_at >= a.landmark)
    AND (p.lost_at IS NULL OR p.lost_at >= a.landmark) AND p.created_at >= {first} AND p.created_at < {end}
GROUP BY p.rep ORDER BY p.rep
"""

START, END = "(SELECT min(start) FROM periods WHERE complete)", "(SELECT day FROM until)"


def adoption(con: duckdb.DuckDBPyConnection, practices: tuple[Practice, ...]) -> pd.DataFrame:
    """With how many prospects each rep did each practice.

    Returns
    -------
    DataFrame
        ``key, practice, rep, prospects`` (still open at the landmark), ``done, share``.
    """
    parts = [
        done_by_rep(con, practice, START, END).assign(key=practice.key, practice=practice.name)
        for practice in practices
    ]
    columns = ["key", "practice", "rep", "prospects", "done", "share"]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found[columns]


def done_by_rep(con: duckdb.DuckDBPyConnection, practice: Practice, first: str, end: str) -> pd.DataFrame:
    """Of prospects created in the days of two SQL expressions: ``rep, prospects, done, share``."""
    found = con.execute(BY_REP.format(practice=practice.sql, first=first, end=end)).df()
    found["share"] = found["done"] / found["prospects"]
    return found


def better_reps(figures: pd.DataFrame, by_rep: pd.DataFrame, practices: pd.DataFrame) -> pd.DataFrame:
    """Each practice: how much of it better reps do, and others.

    Parameters
    ----------
    figures : DataFrame
        Of :func:`salesml.scorecard.figures.figures`; of it ``win_rate`` of reps over all of the time.
    by_rep : DataFrame
        Of :func:`adoption`.
    practices : DataFrame
        Of :func:`salesml.scorecard.checks.practices.practices`.

    Returns
    -------
    DataFrame
        ``practice, key, better_reps, other_reps`` (how many), ``share_better, share_others`` (of prospects,
        on average over reps), ``difference, low, high, chance, works`` (the verdict on matched prospects),
        ``verdict`` (``more``, ``less``, ``luck``, ``too few``, ``nobody better``, ``missing``), ``words``.
        The last row names what no table tells of.
    """
    rates = figures[
        (figures["metric"] == "win_rate") & (figures["kind"] == "all") & (figures["level"] == "rep")
    ]
    differ = bool(rates["verdict"].isin(REAL).any())
    # Who cannot be told is neither better nor another.
    rates = rates[rates["above"].notna() & (rates["verdict"] != "too few")]
    better = set(rates.loc[rates["above"] > SURE, "id"]) if differ else set()
    works = dict(zip(practices["practice"], practices["verdict"], strict=True))
    rows = list(_rows(by_rep[by_rep["rep"].isin(rates["id"])], better))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["works"] = table["practice"].map(works)
    more = real(table["chance"].to_numpy(float))
    few = table["chance"].isna()
    table["verdict"] = np.select(
        [few & (not better), few, ~more, table["difference"] > 0],
        ["nobody better", "too few", "luck", "more"],
        default="less",
    )
    table["words"] = [_sentence(row) for row in records(table)]
    table = table.sort_values("chance", kind="stable")
    missing = pd.DataFrame([STAKEHOLDERS], columns=list(COLUMNS))
    return (pd.concat([table, missing], ignore_index=True) if len(table) else missing).astype(
        dict.fromkeys(("better_reps", "other_reps", *NUMBERS), float)
    )


NUMBERS = ("share_better", "share_others", "difference", "low", "high", "chance")

STAKEHOLDERS = {
    "practice": "several people spoken to",
    "key": "stakeholders",
    "works": "",
    "verdict": "missing",
    "words": "Number of people spoken to at a prospect: no table of the company's contract names the person "
    "of an activity; with it, reps who speak to several could be compared with those who speak to one",
}


def _rows(by_rep: pd.DataFrame, better: set[str]) -> Iterator[dict[str, object]]:
    for (key, practice), group in by_rep.groupby(["key", "practice"], sort=False):
        enough = group[group["prospects"] >= LEAST]
        among = enough["rep"].isin(better).to_numpy()
        share = enough["share"].to_numpy(float)
        found = compare(share[among], share[~among], least=LEAST_REPS)
        yield {
            "practice": practice, "key": key, "better_reps": int(among.sum()),
            "other_reps": int((~among).sum()), "share_better": found.first, "share_others": found.second,
            "difference": found.difference, "low": found.low, "high": found.high, "chance": found.chance,
        }  # fmt: skip


def _some(reps: float) -> str:
    return "1 rep who wins" if reps == 1 else f"{numbers.count(reps)} reps who win"


def _sentence(row: Mapping[str, Any]) -> str:
    who = f"Prospects with {row['practice']}"
    if row["verdict"] == "nobody better":
        return f"{who}: no rep is known to win more than others by more than luck, so nobody to learn it from"
    if row["verdict"] == "too few":
        others = f"{numbers.count(row['other_reps'])} others"
        found = f"{_some(row['better_reps'])} more than expected and {others}"
        return f"{who}: {found} can be compared, too few to say anything"
    shares = (
        f"{numbers.percent(row['share_better'])} of those of reps who win more than expected, "
        f"{numbers.percent(row['share_others'])} of those of others"
    )
    if row["verdict"] == "luck":
        return f"{who}: {shares}, which may be luck"
    way = "more" if row["verdict"] == "more" else "less"
    low, high = sorted(abs(float(row[name])) for name in ("low", "high"))
    return (
        f"{who}: {shares}; {way} by between {_points(low)} and {_points(high)} in 100, not by luck; "
        f"{WORKS.get(str(row['works']), WORKS['too few'])}"
    )


def _points(share: float) -> str:
    return numbers.number(share * 100, 2)


WORKS = {
    "helps": "on matched prospects it goes with more wins, too",
    "hinders": "yet on matched prospects it goes with fewer wins",
    "luck": "yet on matched prospects nothing shows that it works, so it may not be why they win more",
    "too few": "whether it works cannot be told from matched prospects",
}
"""By the verdict of the matched comparison."""
