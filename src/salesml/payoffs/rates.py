"""What came about, by band and by how rows came to stand where they stand: description, no effect."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from salesml.payoffs.contrast import Floats
from salesml.payoffs.figure import (
    ALL,
    AN_HOUR,
    CONTACTED,
    DRAWN,
    HOURS,
    MONEY,
    OFF,
    OUTCOME,
    RANKED,
    RATE,
    SAID,
    TOUCHED,
    UNTOUCHED,
    Figure,
)
from salesml.payoffs.listed import BY_LOT, BY_RANK, Clusters, Listed

LEVEL = 0.95
SHARES = (OUTCOME, CONTACTED)


def rates(rows: Listed, clusters: Clusters) -> Iterator[Figure]:
    """The rates of all groups, of all rows and of each band."""
    for band in ("", *sorted({str(each) for each in rows.band if each})):
        here = np.ones(len(rows), dtype=bool) if not band else rows.band == band
        for who, chosen in groups(rows).items():
            if (here & chosen).any():
                yield from _of(rows, here & chosen, clusters, who, band)


def groups(rows: Listed) -> dict[str, NDArray[np.bool_]]:
    """The rows of each group."""
    found = {
        ALL: np.ones(len(rows), dtype=bool),
        RANKED: rows.listed & (rows.picked == BY_RANK),
        DRAWN: rows.listed & (rows.picked == BY_LOT),
        OFF: ~rows.listed,
    }
    if rows.contacted is not None:
        found |= {TOUCHED: rows.contacted, UNTOUCHED: ~rows.contacted}
    return found


def _of(rows: Listed, chosen: NDArray[np.bool_], clusters: Clusters, who: str, band: str) -> Iterator[Figure]:
    columns = {OUTCOME: rows.label, MONEY: rows.money, HOURS: rows.hours}
    if rows.contacted is not None and who not in (TOUCHED, UNTOUCHED):
        columns[CONTACTED] = rows.contacted.astype(float)
    for name, values in columns.items():
        if values is not None:
            known = chosen & np.isfinite(values)
            if known.any():
                yield _mean(values[known], clusters.codes[known], name, who, band)
    yield Figure(
        estimand=RATE, outcome=SAID, who=who, band=band, rows=int(chosen.sum()),
        clusters=len(np.unique(clusters.codes[chosen])), value=float(rows.probability[chosen].mean()),
        total=float(rows.probability[chosen].sum()),
    )  # fmt: skip
    if rows.hours is not None and rows.hours[chosen].sum() > 0:
        yield _ratio(rows.label[chosen], rows.hours[chosen], clusters.codes[chosen], who, band)


def _mean(values: Floats, codes: NDArray[np.int64], outcome: str, who: str, band: str) -> Figure:
    value, spread, number = ratio(values, np.ones(len(values)), codes)
    low, high, method = math.nan, math.nan, "none"
    if number > 1:
        t = float(stats.t.ppf((1 + LEVEL) / 2, number - 1))
        if outcome in SHARES:
            low, high = wilson(value, spread, len(values), t)
            method = "wilson"
        else:
            low, high, method = value - t * spread, value + t * spread, "student-t"
    return Figure(
        estimand=RATE, outcome=outcome, who=who, band=band, rows=len(values), clusters=number, value=value,
        low=low, high=high, total=float(values.sum()), method=method,
    )  # fmt: skip


def _ratio(label: Floats, hours: Floats, codes: NDArray[np.int64], who: str, band: str) -> Figure:
    value, spread, number = ratio(label, hours, codes)
    t = float(stats.t.ppf((1 + LEVEL) / 2, number - 1)) if number > 1 else math.nan
    return Figure(
        estimand=RATE, outcome=AN_HOUR, who=who, band=band, rows=len(label), clusters=number, value=value,
        low=value - t * spread, high=value + t * spread, total=float(hours.sum()),
        method="student-t" if number > 1 else "none",
    )  # fmt: skip


def ratio(above: Floats, below: Floats, codes: NDArray[np.int64]) -> tuple[float, float, int]:
    """A ratio of sums, its standard error by cluster, and the number of clusters."""
    _, own = np.unique(codes, return_inverse=True)
    number = int(own.max()) + 1
    value = float(above.sum() / below.sum())
    shares = np.bincount(own, above - value * below) / below.sum()
    if number < 2:
        return value, math.nan, number
    return value, math.sqrt(number / (number - 1) * float((shares**2).sum())), number


def wilson(share: float, spread: float, rows: int, t: float) -> tuple[float, float]:
    """Wilson's interval of a share, of as many independent rows as its standard error by cluster says."""
    number = min(float(rows), share * (1 - share) / spread**2) if spread > 0 else float(rows)
    middle = (share + t * t / (2 * number)) / (1 + t * t / number)
    reach = t / (1 + t * t / number) * math.sqrt(share * (1 - share) / number + t * t / (4 * number**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
