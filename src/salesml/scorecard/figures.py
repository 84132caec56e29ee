"""The table of figures: a row for each metric, level and period, with interval, trend and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.cells import KEYS, NOBODY, cells_of, sums_of, units_of
from salesml.scorecard.estimate import estimate, unscaled
from salesml.scorecard.luck import difference, real
from salesml.scorecard.metric import Metric
from salesml.scorecard.shrink import shrink

SURE = 0.95
"""How sure one must be that a rep's true figure lies on one side of that of all."""

VERDICTS = ("better", "worse", "higher", "lower", "same", "luck", "too few", "no year before")
"""``better`` and ``worse`` where the metric has a good direction, ``higher`` and ``lower`` where it has none;
``luck`` where reps or teams differ no more than chance would have it; ``too few`` below the least cases."""


def figures(con: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Every figure of the metrics whose tables are there.

    Returns
    -------
    DataFrame
        ``metric, kind, start, level, id, value, low, high, numerator, denominator, count, shrunk, shrunk_low,
        shrunk_high, above, before, trend, trend_low, trend_high, verdict, trend_verdict``. ``count`` is the
        number of cases: the denominator of rates, the numerator of counts, otherwise the units. ``above`` is
        the probability that the true figure lies above that of all reps, or teams.
    """
    parts, chances = [], {}
    for _, group in groupby(metrics, key=lambda each: each.base.name):
        same = tuple(group)
        cells = cells_of(con, same[0].base, same)
        for metric in same:
            found = _estimated(cells[cells["metric"] == metric.name], metric)
            parts.append(_shrunk(found, metric))
            units = units_of(con, metric)
            chances[metric.name, "rep"] = difference(units.rep, units.n, units.d)
            chances[metric.name, "team"] = difference(*_by_team(con, metric))
    if not parts:
        return pd.DataFrame()
    table = _with_trend(pd.concat(parts, ignore_index=True))
    return _judged(table, {each.name: each for each in metrics}, _differ(chances))


def _estimated(cells: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    sums = sums_of(cells)
    found = estimate(metric.kind, sums)
    table = cells[["metric", *KEYS]].copy()
    table["value"], table["low"], table["high"] = found.value, found.low, found.high
    table["numerator"], table["denominator"] = sums.n, sums.d if metric.denominator else np.nan
    table["count"] = {"rate": sums.d, "count": sums.n}.get(metric.kind, sums.units)
    table["point"], table["variance"] = found.point, found.variance
    return table.reset_index(drop=True)


def _shrunk(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    names = ["shrunk", "shrunk_low", "shrunk_high", "above"]
    table[names] = np.nan
    peers = table[(table["level"] != "company") & (table["id"] != NOBODY)]
    for _, group in peers.groupby(["kind", "start", "level"], sort=False):
        # An amount depends on how long a book is: amounts of different reps are not drawn together.
        if metric.kind == "sum" or len(group) < 2:
            continue
        found = shrink(group["point"].to_numpy(), group["variance"].to_numpy())
        values = [unscaled(metric.kind, each) for each in (found.value, found.low, found.high)]
        table.loc[group.index, names] = np.column_stack([*values, found.above])
    return table.drop(columns=["point", "variance"])


def _with_trend(table: pd.DataFrame) -> pd.DataFrame:
    """The change on the same period a year before.

    Its interval is made of those of the two values (Zou, Donner, Statistics in Medicine 27 (2008)).
    """
    keys = ["metric", *KEYS]
    before = table[[*keys, "value", "low", "high"]].copy()
    before["start"] = before["start"] + pd.DateOffset(years=1)
    before = before[before["kind"] != "all"].rename(
        columns={"value": "before", "low": "before_low", "high": "before_high"}
    )
    table = table.merge(before, on=keys, how="left", validate="one_to_one")
    change = table["value"] - table["before"]
    down = np.hypot(table["value"] - table["low"], table["before_high"] - table["before"])
    up = np.hypot(table["high"] - table["value"], table["before"] - table["before_low"])
    table["trend"], table["trend_low"], table["trend_high"] = change, change - down, change + up
    return table.drop(columns=["before_low", "before_high"])


def _by_team(con: duckdb.DuckDBPyConnection, metric: Metric) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = f'"{metric.numerator}"'
    d = f'"{metric.denominator}"' if metric.denominator else "1.0"
    found = con.execute(
        f"SELECT team, {n}::DOUBLE AS n, {d}::DOUBLE AS d FROM units WHERE kind = 'all' "
        f"AND team <> '{NOBODY}' AND {n} IS NOT NULL AND {d} IS NOT NULL ORDER BY team, unit, rep"
    ).df()
    codes, _ = pd.factorize(found["team"], sort=True)
    return codes, found["n"].to_numpy(float), found["d"].to_numpy(float)


def _differ(chances: dict[tuple[str, str], float]) -> set[tuple[str, str]]:
    """Metrics in which reps, or teams, differ by more than luck, of all metrics that were asked."""
    names = list(chances)
    found = real(np.array([chances[name] for name in names]))
    return {name for name, differs in zip(names, found, strict=True) if differs}


def _judged(table: pd.DataFrame, metrics: dict[str, Metric], differ: set[tuple[str, str]]) -> pd.DataFrame:
    good = table["metric"].map(lambda name: metrics[name].good)
    least = table["metric"].map(lambda name: metrics[name].least)
    few = (table["count"] < least) | table["value"].isna()
    differs = pd.Series([key in differ for key in zip(table["metric"], table["level"], strict=True)])
    higher = np.where(table["above"] > SURE, 1, np.where(table["above"] < 1 - SURE, -1, 0))
    risen = np.where(table["trend_low"] > 0, 1, np.where(table["trend_high"] < 0, -1, 0))
    trend = _words(risen, good)
    trend = np.where(table["trend_low"].isna(), "no year before", trend)
    peers = np.where(differs, _words(higher, good), "luck")
    table["trend_verdict"] = np.where(few, "too few", trend)
    table["verdict"] = np.where(few, "too few", np.where(table["level"] == "company", trend, peers))
    return table


def _words(direction: np.ndarray, good: pd.Series) -> np.ndarray:
    up = good.map({"up": "better", "down": "worse", "": "higher"})
    down = good.map({"up": "worse", "down": "better", "": "lower"})
    return np.where(direction > 0, up, np.where(direction < 0, down, "same"))
