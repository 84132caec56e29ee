"""How evenly new accounts come: spread against what chance alone would give, gaps, and mean attainment.

Wins of a month are counts; where they come at an even pace they vary as a Poisson variable does. How far
they vary more is measured after the company's own pattern over the year is taken out, so that a summer lull
is not held against a rep. Sources: Fisher, *The significance of deviations from expectation in a Poisson
series*, Biometrics 6 (1950), for the dispersion test; attainments multiply over periods, hence their
geometric mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesml.scorecard.checks.steady import TARGETED, WON
from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.words import numbers

Floats = NDArray[np.float64]

LEAST_MONTHS = 12
SEASON_PRIOR = 30.0
"""Wins of a usual month that stand beside a month's own: with few wins there is no season to be seen."""

COLUMNS = (
    "level", "id", "months", "wins", "mean", "spread", "dispersion", "dispersion_low", "dispersion_high",
    "longest_gap_days", "months_without", "attainment", "quarters_without", "verdict", "words",
)  # fmt: skip

GAPS = """
WITH days AS (
    SELECT DISTINCT {id} AS id, day FROM wins AS w
    ASOF LEFT JOIN teams AS t ON w.rep = t.rep AND w.month >= t.start
    WHERE day >= (SELECT min(start) FROM periods WHERE complete) AND {id} IS NOT NULL
),
gaps AS (SELECT id, day - lag(day) OVER (PARTITION BY id ORDER BY day) AS gap FROM days)
SELECT id, max(gap) AS gap FROM gaps GROUP BY id
"""

IDS = {"company": "'company'", "team": "t.team", "rep": "w.rep"}


def steadiness(con: duckdb.DuckDBPyConnection, have: frozenset[str]) -> pd.DataFrame:
    """For the company, each team and each rep over all full months.

    Returns
    -------
    DataFrame
        ``level, id, months, wins, mean`` (wins a month), ``spread`` (standard deviation over months, seasons
        apart), ``dispersion`` (its square over what an even pace would give) with its interval,
        ``longest_gap_days`` between two days with wins, ``months_without``, ``attainment`` (geometric mean
        over quarters with any), ``quarters_without`` (left out of it), ``verdict`` (``uneven``, ``even``,
        ``too few``), ``words``.
    """
    monthly = con.execute(
        f"SELECT x.*, t.team FROM ({WON.sql}) AS x "
        "ASOF LEFT JOIN teams AS t ON x.rep = t.rep AND x.month >= t.start"
    ).df()
    if monthly.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    season = _season(monthly.groupby("month")["won"].sum())
    attained = (
        _attained(con) if set(TARGETED.needs) <= have else pd.DataFrame(columns=["level", "id", "ratio"])
    )
    rows = []
    for level, column in (("company", None), ("team", "team"), ("rep", "rep")):
        gaps = dict(con.execute(GAPS.format(id=IDS[level])).fetchall())
        ids = pd.Series("company", monthly.index) if column is None else monthly[column]
        for name, group in monthly[ids.notna()].groupby(ids[ids.notna()], sort=True):
            mine = attained[(attained["level"] == level) & (attained["id"] == name)]["ratio"].to_numpy(float)
            counts = group.groupby("month")["won"].sum()
            rows.append(_row(level, str(name), counts, season, gaps.get(name), mine))
    chances = np.array([row.pop("chance") for row in rows], dtype=float)
    uneven = real(chances)
    return pd.DataFrame(
        [_judged(row, bool(more)) for row, more in zip(rows, uneven, strict=True)], columns=list(COLUMNS)
    )


@dataclass(frozen=True)
class Season:
    """How many times the usual each month of the year brings, and how many numbers were learned for that
    of how many wins."""

    times: dict[int, float]
    learned: float
    wins: float


def _season(counts: pd.Series) -> Season:
    """The pattern over the year, drawn towards none; none at all below two years."""
    if len(counts) < 24:
        return Season(dict.fromkeys(range(1, 13), 1.0), 0.0, float(counts.sum()))
    months = pd.DatetimeIndex(counts.index).month
    # A pace that rises over the years is no season: each month is held against the year around it.
    usual = counts.rolling(12, center=True, min_periods=6).mean().to_numpy()
    seen = pd.Series(counts.to_numpy(float)).groupby(months).sum()
    due = pd.Series(usual).groupby(months).sum()
    found = (seen + SEASON_PRIOR) / (due + SEASON_PRIOR)
    learned = 11 * float((due / (due + SEASON_PRIOR)).mean())
    times = {int(str(month)): float(each) for month, each in found.items()}
    return Season(times, learned, float(counts.sum()))


def _row(
    level: str, name: str, counts: pd.Series, season: Season, gap: object, attained: Floats
) -> dict[str, object]:
    size, seen = len(counts), counts.to_numpy(float)
    times = np.array([season.times[month] for month in pd.DatetimeIndex(counts.index).month])
    # A pace that grows or falls evenly is steady, too.
    due = _pace(seen, times)
    # What the season was learned from explains itself, the more the more of it is this one's own.
    freedom = max(size - 2 - season.learned * float(seen.sum()) / max(season.wins, 1.0), 1.0)
    judged = size >= LEAST_MONTHS and seen.sum() >= size
    squares = float(((seen - due) ** 2 / np.maximum(due, 1e-9)).sum())
    reached = attained[attained > 0]
    return {
        "level": level, "id": name, "months": size, "wins": int(seen.sum()), "mean": float(seen.mean()),
        "spread": float(np.sqrt(((seen - due) ** 2).sum() / freedom)), "dispersion": squares / freedom,
        "dispersion_low": squares / stats.chi2.ppf(1 - TAIL, freedom),
        "dispersion_high": squares / stats.chi2.ppf(TAIL, freedom),
        "longest_gap_days": gap, "months_without": int((seen == 0).sum()),
        "attainment": float(np.exp(np.log(reached).mean())) if len(reached) else np.nan,
        "quarters_without": int((attained <= 0).sum()),
        "chance": float(stats.chi2.sf(squares, freedom)) if judged else np.nan,
    }  # fmt: skip


def _pace(seen: Floats, times: Floats) -> Floats:
    """Wins due in each month at a pace that changes in a straight line."""
    place = np.arange(len(seen), dtype=float)
    design = np.column_stack([times, times * (place - place.mean())])
    found, *_ = np.linalg.lstsq(design, seen, rcond=None)
    due: Floats = np.maximum(design @ found, 0.05 * max(float(seen.mean()), 1e-9))
    return due


def _attained(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Attainment of each complete quarter."""
    found = con.execute(
        "SELECT date_trunc('quarter', x.month) AS quarter, x.rep, t.team, sum(x.amount) AS n, "
        f"sum(x.target) AS d, count(DISTINCT x.month) AS months FROM ({TARGETED.sql}) AS x "
        "ASOF LEFT JOIN teams AS t ON x.rep = t.rep AND x.month >= t.start GROUP BY ALL HAVING months = 3"
    ).df()
    parts = []
    for level, column in (("company", None), ("team", "team"), ("rep", "rep")):
        ids = pd.Series("company", found.index) if column is None else found[column]
        sums = (
            found.assign(id=ids)
            .dropna(subset=["id"])
            .groupby(["id", "quarter"])[["n", "d"]]
            .sum()
            .reset_index()
        )
        sums = sums[sums["d"] > 0]
        parts.append(pd.DataFrame({"level": level, "id": sums["id"], "ratio": sums["n"] / sums["d"]}))
    return pd.concat(parts, ignore_index=True)


def _judged(row: dict[str, object], uneven: bool) -> dict[str, object]:
    months, mean = int(str(row["months"])), float(str(row["mean"]))
    pace = f"{numbers.number(mean)} new accounts a month"
    if months < LEAST_MONTHS or int(str(row["wins"])) < months:
        return row | {
            "verdict": "too few",
            "words": f"{pace}: too few to tell an even pace from an uneven one",
        }
    text = f"{pace}; a month usually lies {numbers.number(float(str(row['spread'])), 2)} above or below"
    if uneven:
        more = numbers.ratio(float(np.sqrt(float(str(row["dispersion"])))))
        return row | {
            "verdict": "uneven",
            "words": f"{text}, {more} what an even pace would give, the season apart",
        }
    return row | {
        "verdict": "even",
        "words": f"{text}, no more than an even pace would give, the season apart",
    }
