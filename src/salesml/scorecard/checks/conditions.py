"""Market conditions: how much of what changed in winning goes with the market, and with which delay.

Each month, the prospects won, by how many would be at the usual rate of their age, are held against an
indicator of some months before, a straight line and the pattern of the year taken out of both. The delay is
the one that tells most, and is tested with all the others that were tried. What it explains of the change
from year to year is its slope times the change of the indicator; with a few dozen months that is little to
go by, and the interval says how little.
Sources: Newey, West, Econometrica 55 (1987), for errors of months that follow one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from salesml.crm.sources import identifier
from salesml.scorecard.checks.ahead import band
from salesml.scorecard.estimate import TAIL
from salesml.scorecard.luck import real
from salesml.scorecard.records import records
from salesml.words import numbers

Floats = NDArray[np.float64]

DELAYS = range(7)
LEAST_MONTHS, ENOUGH = 24, 36
LAGS = 3
NEEDS = ("market", "prospects.won_at")

COLUMNS = (
    "indicator", "delay", "effect", "low", "high", "chance", "explained", "change", "by_market",
    "by_market_low", "by_market_high", "months", "verdict", "words",
)  # fmt: skip

WON = """
-- Prospects of each age that were open in a month and won in it, and how many would be at the usual rate of
-- their age: a pipeline that grows older wins less, whatever the market does.
WITH counted AS (
    SELECT m.start AS month, {band} AS band, count(*)::DOUBLE AS open,
        count(*) FILTER (WHERE o.won_at >= m.start AND o.won_at < m."end")::DOUBLE AS won
    FROM periods AS m JOIN (
        SELECT start, p.*, greatest(start - p.created_at, 0) AS age FROM periods, prospects AS p
        WHERE kind = 'month' AND complete AND p.created_at < "end"
            AND (p.won_at IS NULL OR p.won_at >= start) AND (p.lost_at IS NULL OR p.lost_at >= start)
    ) AS o ON m.kind = 'month' AND m.start = o.start GROUP BY ALL
),
usual AS (SELECT band, sum(won) / sum(open) AS rate FROM counted GROUP BY band)
SELECT month, sum(won) AS won, sum(open * rate) AS due
FROM counted JOIN usual USING (band) GROUP BY month ORDER BY month
"""


def conditions(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every indicator at the delay that tells most.

    Returns
    -------
    DataFrame
        ``indicator, delay`` (months), ``effect`` (on the logarithm of wins in a month, of one
        standard deviation of the indicator) with its interval, ``chance``, ``explained`` (share of the
        variance between months, line and season apart), ``change`` (of wins, the last twelve months against
        those before), ``by_market`` (the part of it that goes with the indicator) with its interval,
        ``months``, ``verdict`` (``goes with``, ``luck``, ``too few``), ``words``.
    """
    won = con.execute(WON.format(band=band())).df().set_index("month")
    names = [name for name, *_ in con.execute("DESCRIBE market").fetchall() if name.startswith("a_")]
    rate = pd.Series(np.log((won["won"] + 0.5) / (won["due"] + 0.5)), won.index)
    tried = [
        {"indicator": name.removeprefix("a_"), "delay": delay} | _against(rate, _indicator(con, name), delay)
        for name in names
        for delay in DELAYS
    ]
    table = pd.DataFrame(tried, columns=list(COLUMNS))
    if table.empty:
        return table
    goes = real(table["chance"].to_numpy(float))
    table["verdict"] = np.select([table["chance"].isna(), goes], ["too few", "goes with"], "luck")
    table = table.sort_values("chance", kind="stable").drop_duplicates("indicator").reset_index(drop=True)
    table["words"] = [_sentence(row) for row in records(table)]
    return table


def _indicator(con: duckdb.DuckDBPyConnection, name: str) -> pd.Series:
    """The indicator of each month."""
    found = con.execute(
        f"SELECT date_trunc('month', period) AS month, avg({identifier(name)}::DOUBLE) AS value "
        "FROM market GROUP BY 1"
    ).df()
    return found.set_index("month")["value"].sort_index()


LEFT = 1e-6
"""Of an indicator's spread: less than that is a rest of rounding, where it is a line and a season."""


def _against(rate: pd.Series, indicator: pd.Series, delay: int) -> dict[str, float]:
    """The regression of one delay."""
    shifted = indicator.copy()
    shifted.index = shifted.index + pd.DateOffset(months=delay)
    both = pd.DataFrame({"y": rate, "x": shifted}).dropna()
    size = len(both)
    nothing = dict.fromkeys(("effect", "low", "high", "chance", "explained", "change", "by_market"), np.nan)
    spread = float(both["x"].std()) if size else 0.0
    if size < LEAST_MONTHS or not spread:
        return nothing | {"by_market_low": np.nan, "by_market_high": np.nan, "months": size}
    place = np.arange(size) - (size - 1) / 2
    other = np.column_stack([place, *_season(pd.DatetimeIndex(both.index).month.to_numpy(int), size)])
    x, y = (_rest(both[name].to_numpy(float), other) for name in ("x", "y"))
    if float(np.abs(x).max()) < LEFT * spread or not float(y @ y):
        return nothing | {"by_market_low": np.nan, "by_market_high": np.nan, "months": size}
    slope = float(x @ y) / float(x @ x)
    freedom = size - other.shape[1] - 1
    error = _error(x, y - slope * x, freedom)
    reach = float(stats.t.ppf(1 - TAIL, freedom)) * error
    last, earlier = both.tail(12), both.iloc[-24:-12]
    moved = float(last["x"].mean() - earlier["x"].mean())
    part = sorted(((slope - reach) * moved, (slope + reach) * moved))
    return {
        "effect": slope * spread, "low": (slope - reach) * spread, "high": (slope + reach) * spread,
        "chance": float(2 * stats.t.sf(abs(slope) / error, freedom)),
        "explained": float(slope**2 * (x @ x) / (y @ y)),
        "change": float(np.expm1(last["y"].mean() - earlier["y"].mean())),
        "by_market": float(np.expm1(slope * moved)), "by_market_low": float(np.expm1(part[0])),
        "by_market_high": float(np.expm1(part[1])), "months": size,
    }  # fmt: skip


def _season(month: NDArray[np.int64], size: int) -> list[Floats]:
    """A level for each month of the year from three years on, two waves below."""
    if size >= ENOUGH:
        return [(month == number).astype(float) for number in range(1, 13)]
    turn = 2 * np.pi * month / 12
    return [np.ones(size), *(wave(times * turn) for times in (1, 2) for wave in (np.sin, np.cos))]


def _rest(values: Floats, other: Floats) -> Floats:
    found, *_ = np.linalg.lstsq(other, values, rcond=None)
    left: Floats = values - other @ found
    return left


def _error(x: Floats, left: Floats, freedom: int) -> float:
    """The standard error of a slope: Newey and West's, or the usual one where that is larger.

    Theirs is too small in short series, the usual one where months that follow one another are alike.
    """
    scores = x * left
    total = float(scores @ scores)
    for lag in range(1, LAGS + 1):
        total += 2 * (1 - lag / (LAGS + 1)) * float(scores[lag:] @ scores[:-lag])
    robust = total * len(x) / freedom / float(x @ x) ** 2
    usual = float(left @ left) / freedom / float(x @ x)
    return float(np.sqrt(max(robust, usual)))


def _sentence(row: Mapping[str, Any]) -> str:
    name = str(row["indicator"]).replace("_", " ")
    if row["verdict"] == "too few":
        why = f"fewer than {LEAST_MONTHS} months of it stand beside months of winning"
        rest = "nothing is left of it once line and season are taken out"
        return f"{name}: nothing can be said of it, since {why}, or {rest}"
    if row["verdict"] == "luck":
        return (
            f"{name}: winning does not go with it by more than luck, neither in the same month nor up to "
            f"{max(DELAYS)} months later"
        )
    later = "in the same month" if row["delay"] == 0 else f"{row['delay']} months before"
    low, high = (_signed(row[each]) for each in ("by_market_low", "by_market_high"))
    return (
        f"{name} {later} goes with {numbers.percent(row['explained'])} of how winning varies between months; "
        f"of the {_signed(row['change'])} of the last twelve months, {_signed(row['by_market'])} goes with "
        f"it (between {low} and {high})"
    )


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "-") + numbers.percent(abs(value))
