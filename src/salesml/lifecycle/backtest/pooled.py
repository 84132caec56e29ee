"""All dates of a backtest together: pooled figures, and whether they change over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from salesml.lifecycle.backtest.replay import PREVIOUS, Played
from salesml.model import Estimate
from salesml.model.bootstrap import estimates
from salesml.model.metrics import Floats, Scored, measure, slope_and_intercept
from salesml.model.target import read_owner

POOLED = ("auc", "average_precision", "log_loss", "brier", "calibration_error", "drift", "lift_10")
"""Figures that are averaged over the dates, each date counting alike."""
RIVALS = ("best single column", "recency", "base rate", PREVIOUS)
TRENDS = ("auc", "lift_10", "drift")
"""Figures whose change over time is tested, all at once."""
LEVEL = 0.05
FEWEST = 4
"""With fewer dates no change over time is tested."""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How a figure changes from the first date to the last.

    Parameters
    ----------
    change : Estimate
        The change along a straight line; its interval holds for all trends together.
    dates : int
    overlap : float
        How many of the dates' horizons cover a day on average: dates that overlap share outcomes.
    """

    change: Estimate
    dates: int
    overlap: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """Figures over all tested dates.

    Parameters
    ----------
    dates, rows, accounts, positives : int
    metrics : dict of str to Estimate
        Means over the dates, resampled by account over all dates at once.
    gains : dict of str to dict of str to Estimate
        Over each rival, ``auc`` and ``log_loss``; above zero means that the model is better. Over the
        previous model only from the second date on.
    trends : dict of str to Trend
        Empty with fewer than four dates.
    season : float or None
        Probability of misses that differ as much between calendar months if no month were special;
        None with less than two years of dates.
    """

    dates: int
    rows: int
    accounts: int
    positives: int
    metrics: dict[str, Estimate]
    gains: dict[str, dict[str, Estimate]]
    trends: dict[str, Trend]
    season: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def pool(played: Sequence[Played], *, reach_days: int, resamples: int = 500) -> Pooled | None:
    """Pool the dates that were tested; None where none was."""
    tested = [each for each in played if each.evaluation]
    if not tested:
        return None
    owner = read_owner(np.concatenate([each.rows.entity for each in tested]), sum(len(e.p) for e in tested))
    y = np.concatenate([each.rows.y for each in tested])
    p = np.concatenate([each.p for each in tested])
    days = np.array([each.as_of.toordinal() for each in tested], dtype=np.float64)
    parts = _parts(tested)

    def figures(weight: Floats) -> dict[str, Floats]:
        return _figures(parts, weight, days)

    found = estimates(figures, np.ones(len(y)), owner, resamples=resamples, seed=0)
    slope, intercept = slope_and_intercept(y, p, np.ones(len(y)), owner)
    metrics = {name: found[name] for name in POOLED}
    metrics["calibration_slope"] = Estimate(*map(float, slope))
    metrics["calibration_intercept"] = Estimate(*map(float, intercept))
    gains: dict[str, dict[str, Estimate]] = {}
    for key, estimate in found.items():
        if key.startswith("over "):
            rival, _, name = key.removeprefix("over ").rpartition("|")
            gains.setdefault(rival, {})[name] = estimate
    drift = np.array([each.evaluation.metrics["drift"].value for each in tested if each.evaluation])
    return Pooled(
        dates=len(tested), rows=len(y), accounts=int(owner.max()) + 1, positives=int(y.sum()),
        metrics=metrics, gains=gains, trends=_trends(tested, found, days, reach_days),
        season=season([each.as_of for each in tested], drift),
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """A date's rows within the pooled ones, sorted once for the model and each rival."""

    rows: slice
    model: Scored
    rivals: dict[str, Scored]


def _parts(tested: Sequence[Played]) -> list[_Part]:
    parts, start = [], 0
    for each in tested:
        rows = slice(start, start := start + len(each.p))
        rivals = {
            name: Scored.of(each.rows.y, each.baselines[name]) for name in RIVALS if name in each.baselines
        }
        parts.append(_Part(rows, Scored.of(each.rows.y, each.p), rivals))
    return parts


def _figures(parts: Sequence[_Part], weight: Floats, days: Floats) -> dict[str, Floats]:
    """Means over the dates, and changes from the first date to the last, under each row of weights."""
    series: dict[str, list[Floats]] = {}
    for part in parts:
        mine = measure(part.model, weight[:, part.rows])
        for name in POOLED:
            series.setdefault(name, []).append(mine[name])
        for rival, scored in part.rivals.items():
            theirs = measure(scored, weight[:, part.rows])
            series.setdefault(f"over {rival}|auc", []).append(mine["auc"] - theirs["auc"])
            series.setdefault(f"over {rival}|log_loss", []).append(theirs["log_loss"] - mine["log_loss"])
    found = {name: np.mean(values, axis=0) for name, values in series.items()}
    if len(parts) >= FEWEST:
        found |= {f"change|{name}": change(days, np.array(series[name]).T) for name in TRENDS}
    return found


def change(days: Floats, values: Floats) -> Floats:
    """The change from the first day to the last along the line of least squares.

    Parameters
    ----------
    days : ndarray of shape (dates,)
    values : ndarray of shape (..., dates)
    """
    moved = days - days.mean()
    result: Floats = values @ moved / (moved @ moved) * np.ptp(days)
    return result


def _trends(
    tested: Sequence[Played], found: dict[str, Estimate], days: Floats, reach_days: int
) -> dict[str, Trend]:
    if len(tested) < FEWEST:
        return {}
    trends = {}
    for name in TRENDS:
        values = np.array([each.evaluation.metrics[name].value for each in tested if each.evaluation])
        drawn = found[f"change|{name}"]
        sampled = (drawn.high - drawn.low) / (2 * 1.96)
        trends[name] = trend(days, values, sampled=sampled, reach_days=reach_days, tests=len(TRENDS))
    return trends


def trend(days: Floats, values: Floats, *, sampled: float, reach_days: int, tests: int = 1) -> Trend:
    """The change of a figure over time, with an interval that is wide enough for dates that overlap.

    Two things blur it: which accounts there happen to be, and that every date has circumstances of its
    own. The wider of the two decides. Dates whose horizons overlap share outcomes: the variance of
    what is left around the line is multiplied by how many horizons cover a day on average, and the
    degrees of freedom are divided by the root of it, which keeps the level in simulations of four to
    24 dates. The level is divided by the number of tests (Bonferroni).

    Parameters
    ----------
    days, values : ndarray of shape (dates,)
    sampled : float
        Standard error of the change over resamples of accounts.
    reach_days : int
        Days from a date to the end of its horizon.

    References
    ----------
    Hansen and Hodrick, "Forward exchange rates as optimal predictors of future spot rates", Journal of
    Political Economy 88 (1980), for errors of forecasts that overlap.
    """
    dates, span = len(days), float(np.ptp(days))
    overlap = max(1.0, reach_days / (span / (dates - 1)))
    moved = days - days.mean()
    value = float(change(days, values))
    left = values - values.mean() - value / span * moved
    scatter = np.sqrt(left @ left / (dates - 2) / (moved @ moved) * overlap) * span
    freedom = max(1.0, (dates - 2) / np.sqrt(overlap))
    half = float(t_distribution.ppf(1 - LEVEL / tests / 2, freedom)) * max(float(scatter), sampled)
    return Trend(change=Estimate(value, value - half, value + half), dates=dates, overlap=overlap)


def season(days: Sequence[dt.date], values: Floats) -> float | None:
    """Probability of so much difference between calendar months by chance (F test of their means).

    None with dates of less than two years, or no month seen twice: then a season cannot be told from
    a trend.
    """
    months = np.array([day.month for day in days])
    groups, codes = np.unique(months, return_inverse=True)
    freedom = len(days) - len(groups)
    if (max(days) - min(days)).days < 2 * 365 - 31 or len(groups) < 2 or freedom < 2:
        return None
    means = np.bincount(codes, values) / np.bincount(codes)
    within = float(((values - means[codes]) ** 2).sum()) / freedom
    between = float(((means[codes] - values.mean()) ** 2).sum()) / (len(groups) - 1)
    return float(f_distribution.sf(between / within, len(groups) - 1, freedom)) if within > 0 else 0.0
