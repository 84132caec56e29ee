"""The table of figures: a row for each metric, level and period, with interval, trend and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import duckdb
import numpy as np
import pandas as pd

from salesml.scorecard.apart import apart
from salesml.scorecard.cells import KEYS, NOBODY, cells_of, sums_of
from salesml.scorecard.effect import effects, expected_cases, moving
from salesml.scorecard.estimate import estimate
from salesml.scorecard.likelihood import seen_of
from salesml.scorecard.luck import real
from salesml.scorecard.metric import Metric
from salesml.scorecard.overlap import correlations
from salesml.scorecard.shrink import shrink
from salesml.scorecard.trend import changed, with_trend

SHRUNK_FROM = ("numerator", "denominator", "effect", "value", "variance", "units")

SURE = 0.95
"""How sure one must be that a rep's true figure lies on one side of that of all."""

EXPECTED = 1.0
"""Cases to be expected of a cell at the rate of all below which nothing is said of it."""

VERDICTS = (
    "better", "worse", "higher", "lower", "same", "luck", "not compared", "too few", "no year before",
    "incomplete",
)  # fmt: skip
"""``better`` and ``worse`` where the metric has a good direction, ``higher`` and ``lower`` where it has none;
``luck`` where reps or teams differ no more than chance would have it; ``not compared`` where nothing says how
far chance goes: amounts, and months of the same reps; ``too few`` below the least cases; ``incomplete``
where a period is not whole, by :mod:`salesml.scorecard.marks`."""


def figures(con: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Every figure of the metrics whose tables are there.

    Returns
    -------
    DataFrame
        ``metric, kind, start, level, id, value, low, high, numerator, denominator, count, complete, shrunk,
        shrunk_low, shrunk_high, above, before, trend, trend_low, trend_high, verdict, trend_verdict``.
        ``count`` is the number of cases: the denominator of rates, the numerator of counts, otherwise the
        units. ``complete`` says whether all of the period was recorded. ``above`` is the probability that the
        true figure lies above that of all reps, or teams.
    """
    parts = []
    chances: dict[tuple[str, str], float] = {}
    together: dict[tuple[str, str, str], float] = {}
    for _, group in groupby(metrics, key=lambda each: each.base.name):
        same = tuple(group)
        cells = cells_of(con, same[0].base, same)
        together |= correlations(con, same)
        for metric in same:
            found = _estimated(cells[cells["metric"] == metric.name], metric)
            parts.append(_shrunk(found, metric))
            effect = float(found.loc[found["kind"] == "quarter", "effect"].max())
            for level in ("rep", "team"):
                chances[metric.name, level] = apart(con, metric, level, effect)
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True).drop(columns=["effect", "variance"])
    periods = con.execute("SELECT kind, start, complete FROM periods").df()
    table = table.merge(periods, on=["kind", "start"], how="left", validate="many_to_one")
    known = {each.name: each for each in metrics}
    return _judged(with_trend(table, together), known, chances).drop(columns=["few", "lasting"])


def _estimated(cells: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    cells = cells.reset_index(drop=True)
    table = cells[["metric", *KEYS]].copy()
    table["effect"] = effects(metric.kind, cells)
    # What the costs of one month happen to be says nothing of a year later.
    table["lasting"] = 1 - moving(cells) / table["effect"] if metric.kind == "price" else 1.0
    sums = sums_of(cells)
    found = estimate(metric.kind, sums, table["effect"].to_numpy())
    table["value"], table["low"], table["high"] = found.value, found.low, found.high
    table["numerator"], table["denominator"] = sums.n, sums.d if metric.denominator else np.nan
    table["count"] = sums.d if metric.kind in ("rate", "price") else sums.units
    table["units"], table["variance"] = sums.units, found.variance
    table["few"] = _few(table, expected_cases(metric.kind, cells, table["effect"].to_numpy()), metric)
    return table


def _few(table: pd.DataFrame, expected: np.ndarray, metric: Metric) -> np.ndarray:
    """Where there are too few cases to say anything.

    Not only in a cell: where a rep usually has too few in a month, the months in which there happened to be
    more are those of luck.
    """
    who = table.groupby(["kind", "level", "id"])
    usual = who["count"].transform("sum") / table.groupby("kind")["start"].transform("nunique")
    here = table["count"] if metric.kind != "sum" else usual
    return np.asarray((np.minimum(here, usual) < metric.least) | (expected < EXPECTED))


def _shrunk(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    found = np.full((len(table), 4), np.nan)
    # An amount depends on how long a book is: amounts of different reps are not drawn together.
    if metric.denominator:
        peers = (table["level"] != "company") & (table["id"] != NOBODY) & table["value"].notna()
        groups = table[peers].groupby(["kind", "start", "level"], sort=False).indices
        places = np.flatnonzero(peers)
        cells = {name: table[name].to_numpy(float) for name in SHRUNK_FROM}
        for rows in (places[each] for each in groups.values() if len(each) > 1):
            seen = seen_of(metric.kind, {name: each[rows] for name, each in cells.items()})
            if seen is not None:
                believed = shrink(seen)
                found[rows] = np.column_stack([believed.value, believed.low, believed.high, believed.above])
    table[["shrunk", "shrunk_low", "shrunk_high", "above"]] = found
    return table.drop(columns="units")


def _differ(chances: Mapping[tuple[str, str], float]) -> set[tuple[str, str]]:
    """Metrics in which reps, or teams, differ by more than luck, of all metrics that were asked."""
    names = list(chances)
    found = real(np.array([chances[name] for name in names]))
    return {name for name, differs in zip(names, found, strict=True) if differs}


def _judged(
    table: pd.DataFrame, metrics: dict[str, Metric], chances: Mapping[tuple[str, str], float]
) -> pd.DataFrame:
    good = table["metric"].map(lambda name: metrics[name].good)
    few = table["few"] | table["value"].isna()
    differ = _differ(chances)
    keys = list(zip(table["metric"], table["level"], strict=True))
    asked = np.array([not np.isnan(chances.get(key, np.nan)) for key in keys])
    differs = np.array([key in differ for key in keys])
    trend = np.where(table["trend"].isna(), "no year before", _words(changed(table, ~few), good))
    peers = np.where(asked, np.where(differs, _words(_sides(table), good), "luck"), "not compared")
    table["trend_verdict"] = np.where(few, "too few", trend)
    table["verdict"] = np.where(few, "too few", np.where(table["level"] == "company", trend, peers))
    return table


def _sides(table: pd.DataFrame) -> np.ndarray:
    """1 above all reps, -1 below, 0 where neither is sure, or large reps make it look otherwise."""
    company = table.loc[table["level"] == "company", ["metric", "kind", "start", "value"]]
    everyone = table[["metric", "kind", "start"]].merge(company, how="left", validate="many_to_one")["value"]
    over = table["shrunk"].to_numpy() > everyone.to_numpy()
    above = table["above"].to_numpy()
    return np.where((above > SURE) & over, 1, np.where((above < 1 - SURE) & ~over, -1, 0))


def _words(direction: np.ndarray, good: pd.Series) -> np.ndarray:
    up = good.map({"up": "better", "down": "worse", "": "higher"})
    down = good.map({"up": "worse", "down": "better", "": "lower"})
    return np.where(direction > 0, up, np.where(direction < 0, down, "same"))
