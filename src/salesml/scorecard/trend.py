"""The change on the same period a year before, and which changes are more than chance explains.

Sources: Zou and Donner, *Construction of confidence limits about effect measures*, Statistics in Medicine 27
(2008), for the interval of a difference from two intervals and their correlation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from salesml.scorecard.cells import KEYS
from salesml.scorecard.estimate import Z
from salesml.scorecard.luck import real


def with_trend(table: pd.DataFrame, together: Mapping[tuple[str, str, str], float]) -> pd.DataFrame:
    """``before``, ``trend``, ``trend_low`` and ``trend_high`` beside each figure.

    NaN where either period was not recorded to its end.

    Parameters
    ----------
    table : DataFrame
        ``metric``, the keys, ``value``, ``low``, ``high``, ``complete`` and ``lasting``: how much of a
        figure's chance may stand behind that of another year, too.
    together : mapping of (str, str, str) to float
        The correlation of a metric's figures of two years, by metric, level and kind of period.
    """
    keys = ["metric", *KEYS]
    before = table.loc[table["complete"] & (table["kind"] != "all"), [*keys, "value", "low", "high"]].copy()
    before["start"] = before["start"] + pd.DateOffset(years=1)
    before = before.rename(columns={"value": "before", "low": "before_low", "high": "before_high"})
    table = table.merge(before, on=keys, how="left", validate="one_to_one")
    table.loc[~table["complete"], ["before", "before_low", "before_high"]] = np.nan
    each = zip(table["metric"], table["level"], table["kind"], strict=True)
    same = np.array([together.get(key, 0.0) for key in each]) * table["lasting"].to_numpy()
    change = table["value"] - table["before"]
    down = _joined(table["value"] - table["low"], table["before_high"] - table["before"], same)
    up = _joined(table["high"] - table["value"], table["before"] - table["before_low"], same)
    table["trend"] = change.where(down.notna() & up.notna())
    table["trend_low"], table["trend_high"] = change - down, change + up
    return table.drop(columns=["before_low", "before_high"])


def changed(table: pd.DataFrame, asked: pd.Series) -> np.ndarray:
    """1 where a figure has risen, -1 where it has fallen, 0 where chance explains it.

    Among all figures of one level and kind of period no more than one in twenty of the changes that are
    called real is expected not to be, however many are looked at; where nothing has changed, the chance
    that any is called real is one in twenty.

    Parameters
    ----------
    table : DataFrame
        Of :func:`with_trend`.
    asked : Series of bool
        Figures with too few cases are not asked.
    """
    change = table["trend"].where(asked)
    reach = np.where(change > 0, change - table["trend_low"], table["trend_high"] - change)
    error = pd.Series(reach / Z, index=table.index).where(change.notna())
    p = 2 * stats.norm.sf(change.abs() / error.clip(lower=1e-300))
    found = np.zeros(len(table), dtype=bool)
    for _, rows in table.groupby(["level", "kind"]).indices.items():
        found[rows] = real(p[rows])
    return np.where(found, np.sign(change.fillna(0.0)), 0).astype(int)


def _joined(one: pd.Series, other: pd.Series, correlation: np.ndarray) -> pd.Series:
    found: pd.Series = (one**2 + other**2 - 2 * correlation * one * other).clip(lower=0.0) ** 0.5
    return found
