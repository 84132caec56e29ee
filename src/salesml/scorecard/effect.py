"""How much says as much as one case by itself: the design effect of each cell.

Divided by it, what was seen are cases that are independent of one another: trials of one customer in many
months count as fewer, and money counts as the number of equal payments that would vary as much.
Sources: Kish, *Survey Sampling*, 1965, for the design effect and for weights; Beard, Pentikäinen, Pesonen,
*Risk Theory*, 1984, for sums of a chance number of amounts; McCullagh and Nelder, *Generalized Linear
Models*, 1989, for the dispersion of counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scorecard.cells import sums_of
from salesml.scorecard.estimate import Sums, design_effect, residual_squares
from salesml.scorecard.likelihood import BORROWED
from salesml.scorecard.metric import Kind

Floats = NDArray[np.float64]


def effects(kind: Kind, cells: pd.DataFrame) -> Floats:
    """The design effect of each cell of a metric: shape (cells,).

    Parameters
    ----------
    kind : str
        Of the metric.
    cells : DataFrame
        Of :func:`salesml.scorecard.cells.cells_of`, the rows of one metric.

    Returns
    -------
    ndarray
        Of rates what all of the company say, since the trials of a customer in a year may go together where
        those of a month are one. Of shares that, by how unequal the units of the cell are. Of counts how far
        the months of a rep lie apart. Of sums and prices the cell's own amounts, with those of ten usual
        units beside them; of prices also how far what is given moves from month to month. Ones of ratios.
    """
    found = np.ones(len(cells))
    if kind == "ratio":
        return found
    if kind == "count":
        return found * _dispersion(cells)
    for each in cells.groupby("kind").indices.values():
        rows = np.asarray(each, dtype=np.intp)
        these = cells.iloc[rows]
        sums, everyone = sums_of(these), sums_of(these[these["level"] == "company"])
        if kind == "rate":
            found[rows] = design_effect("rate", everyone)
        elif kind == "share":
            found[rows] = _weights(sums, everyone)
        else:
            found[rows] = _amounts(sums, everyone, kind)
    return found + moving(cells) if kind == "price" else found


def moving(cells: pd.DataFrame) -> Floats:
    """The part of a price's design effect that comes of what is given, which is not quite the same each
    month: of a rep's costs, the part that its hours put down to winning or to keeping."""
    months = cells[(cells["level"] == "rep") & (cells["kind"] == "month") & (cells["n"] > 0)]
    quarter = pd.to_datetime(months["start"]).dt.to_period("Q")
    each = months.groupby([months["id"], quarter])["n"].agg(["var", "mean"]).dropna()
    square = float((each["mean"] ** 2).sum())
    apart = float(each["var"].sum()) / square if square > 0 else 0.0
    sums = sums_of(cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(apart * sums.d * sums.nn / sums.n**2, posinf=0.0)


def expected_cases(kind: Kind, cells: pd.DataFrame, effect: Floats) -> Floats:
    """Cases that each cell would have at the rate of all, those that are rarer: shape (cells,).

    It does not depend on what became of the cell's own cases, so that cells with few are left out whether
    they had luck or not. Infinite of the company, and of sums and ratios.
    """
    sums = sums_of(cells)
    company = (cells["level"] == "company").to_numpy()
    totals = cells[company].groupby("kind")[["n", "d"]].sum()
    rate = cells["kind"].map(totals["n"] / totals["d"]).to_numpy(float)
    found = np.full(len(cells), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind in ("rate", "share"):
            found = sums.d * np.minimum(rate, 1 - rate) / effect
        elif kind == "count":
            found = sums.d * rate / effect
        elif kind == "price":
            found = sums.n / rate / effect
    return np.where(company, np.inf, found)


def _weights(cells: Sums, everyone: Sums) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = everyone.n / everyone.d
        whole = float(np.nansum(everyone.n * (1 - rate)))
        common = float(np.nansum(residual_squares(everyone))) / whole if whole > 0 else 1.0
        usual = float(np.nansum(everyone.dd) / np.nansum(everyone.d))
        found = common * cells.dd / cells.d / usual
    return np.where(np.isfinite(found) & (found > 0), found, common)


def _amounts(cells: Sums, everyone: Sums, kind: Kind) -> Floats:
    square, amount = (cells.nn, cells.n) if kind == "sum" else (cells.dd, cells.d)
    squares, amounts = (everyone.nn, everyone.n) if kind == "sum" else (everyone.dd, everyone.d)
    units = max(float(everyone.units.sum()), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (square + BORROWED * squares.sum() / units) / (amount + BORROWED * amounts.sum() / units)
    return np.where(np.isfinite(found) & (found > 0), found, 1.0)


def _dispersion(cells: pd.DataFrame) -> float:
    """The variance over the months of a rep within quarters, over what an even pace would have."""
    reps = cells[(cells["level"] == "rep") & (cells["kind"] == "quarter") & (cells["units"] > 1)]
    if reps.empty:
        return 1.0
    sums = sums_of(reps)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = residual_squares(sums) * sums.units / (sums.units - 1)
    whole = float(sums.n.sum())
    return max(float(np.nansum(square)) / whole, 1.0) if whole > 0 else 1.0
