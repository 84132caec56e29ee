"""How good the means of an amount are, on rows that had no part in them: total, tenths, order, deviance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.model.amount_input import read_amount
from salesml.model.bootstrap import Estimate, estimates
from salesml.model.tweedie import deviance
from salesml.model.uncertainty import tenths

Floats = NDArray[np.float64]

RESAMPLES = 500
DRAWN = 10.0
"""Rows by which the means of a single column are drawn to that of all."""


@dataclass(frozen=True)
class Tenth:
    """Rows given similar means: how many, the mean said, and the mean observed with its 95 % interval."""

    rows: int
    said: float
    observed: Estimate


@dataclass(frozen=True)
class AmountEvaluation:
    """Every figure of the means of an amount, with its 95 % interval over resamples of accounts.

    Parameters
    ----------
    rows, positive : int
        Rows, and those with an amount above zero.
    figures : dict of str to Estimate
        ``ratio``: total said over total observed. ``deviance_explained``: share of the Tweedie deviance
        of one mean for all that is gone. ``gini``: 0 for a chance order, up to 1. ``calibration_error``:
        mean absolute difference of said and observed over tenths, over the mean.
        ``gain_over_best_column``: deviance explained less that of the best single column, if one was given.
    tenths : tuple of Tenth
        From the least means said to the greatest; fewer where means are equal.
    best_column : str
    """

    rows: int
    positive: int
    figures: Mapping[str, Estimate]
    tenths: tuple[Tenth, ...]
    best_column: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "rows": self.rows,
            "positive": self.positive,
            "best_column": self.best_column,
            "figures": {name: figure.as_dict() for name, figure in self.figures.items()},
            "tenths": [
                {"rows": each.rows, "said": each.said, "observed": each.observed.as_dict()}
                for each in self.tenths
            ],
        }

    def table(self) -> str:
        """Calibration by tenth, as a table of text."""
        lines = [f"{'tenth':<6} {'rows':>8} {'said':>12} {'came true':>12}  95 % interval"]
        for number, each in enumerate(self.tenths, start=1):
            seen = each.observed
            mark = "" if seen.low <= each.said <= seen.high else "  outside"
            lines.append(
                f"{number:<6} {each.rows:>8,} {each.said:>12,.2f} {seen.value:>12,.2f}  "
                f"{seen.low:,.2f} to {seen.high:,.2f}{mark}"
            )
        return "\n".join(lines)

    def __str__(self) -> str:
        ratio, gone, gini = (self.figures[name] for name in ("ratio", "deviance_explained", "gini"))
        lines = [
            f"Tested on {self.rows:,} rows, {self.positive:,} of them with an amount above zero.",
            f"In total it says {_told(ratio)} times what came true.",
            f"It takes away {_percent(gone)} of the deviance of one mean for all.",
            f"Its order has a Gini index of {_told(gini)}.",
        ]
        gain = self.figures.get("gain_over_best_column")
        if gain:
            lines.append(
                f"Against the best single column ({self.best_column}) that is {gain.value * 100:+.1f} points "
                f"({gain.low * 100:+.1f} to {gain.high * 100:+.1f})."
            )
        return "\n".join([*lines, "", self.table()])


def evaluate_amount(
    amount: ArrayLike,
    said: ArrayLike,
    one_mean: float,
    *,
    groups: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    best: tuple[str, ArrayLike] | None = None,
    seed: int = 0,
) -> AmountEvaluation:
    """Compare the means said with the amounts that came about.

    Parameters
    ----------
    amount : array of shape (rows,)
    said : array of shape (rows,)
        Above zero.
    one_mean : float
        What one would say of every row without a model: the mean of the rows learned from.
    groups, weight : array of shape (rows,), optional
        The account of each row, and its weight.
    best : (str, array of shape (rows,)), optional
        The best single column, and the means by it alone.

    Raises
    ------
    InputError
        As :func:`salesml.model.amount_input.read_amount`.
    """
    mean = np.asarray(said, dtype=np.float64)
    found, weights, owner = read_amount(amount, len(mean), weight, groups)
    unit = float(np.average(found, weights=weights))
    y, p = found / unit, np.maximum(mean / unit, 1e-9)
    base = deviance(y, np.full(len(y), max(one_mean / unit, 1e-9)))
    other = None if best is None else deviance(y, np.maximum(np.asarray(best[1]) / unit, 1e-9))
    own = deviance(y, p)
    cell = np.unique(tenths(p), return_inverse=True)[1]
    inside = np.eye(int(cell.max()) + 1)[cell]
    order = np.argsort(p, kind="stable")
    starts = np.flatnonzero(np.r_[True, p[order][1:] != p[order][:-1]])

    def measure(w: Floats) -> dict[str, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            total = w @ y
            mass, money, means = w @ inside, w @ (inside * y[:, None]), w @ (inside * p[:, None])
            result = {
                "ratio": (w @ p) / total,
                "deviance_explained": 1 - (w @ own) / (w @ base),
                "gini": _gini(w[:, order], y[order], starts),
                "calibration_error": np.abs(means - money).sum(axis=1) / total,
            }
            if other is not None:
                result["gain_over_best_column"] = (w @ (other - own)) / (w @ base)
            result |= {f"tenth_{n}": unit * money[:, n] / mass[:, n] for n in range(inside.shape[1])}
        return result

    figures = estimates(measure, weights, owner, resamples=RESAMPLES, seed=seed)
    seen = tuple(
        Tenth(
            int((cell == n).sum()),
            float(np.average(mean[cell == n], weights=weights[cell == n])),
            figures.pop(f"tenth_{n}"),
        )
        for n in range(inside.shape[1])
    )
    return AmountEvaluation(len(y), int((y > 0).sum()), figures, seen, best[0] if best else "")


def _told(figure: Estimate) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def _percent(figure: Estimate) -> str:
    return f"{100 * figure.value:.1f} % ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def _gini(weight: Floats, y: Floats, starts: NDArray[np.intp]) -> Floats:
    """Gini index of the amounts in the order of the means; equal means share a block.

    Twice the area between the diagonal and the concentration curve (Frees, Meyers and Cummings,
    "Summarizing insurance scores using a Gini index", JASA 106, 2011).
    """
    everyone = np.add.reduceat(weight, starts, axis=1)
    money = np.add.reduceat(weight * y, starts, axis=1)
    reached = np.cumsum(money, axis=1)
    area = (everyone * (reached - money / 2)).sum(axis=1)
    found: Floats = 1 - 2 * area / (everyone.sum(axis=1) * reached[:, -1])
    return found


def one_column(
    coded: Floats, amount: Floats, fold: NDArray[np.intp], names: tuple[str, ...], levels: NDArray[np.bool_]
) -> tuple[str, Floats]:
    """The column that tells most alone, and the means by it, each from the other folds.

    Numbers are cut into tenths, categories into their levels; means are drawn to that of all by as much as
    ten rows.

    Parameters
    ----------
    coded : ndarray of shape (rows, columns)
    fold : ndarray of shape (rows,)
    names : tuple of str
    levels : ndarray of bool of shape (columns,)
        Which columns are categories.
    """
    best, loss, found = "", np.inf, np.full(len(amount), amount.mean())
    unit = max(float(amount.mean()), 1e-12)
    for place, name in enumerate(names):
        cell = _cells(coded[:, place], bool(levels[place]))
        said = np.empty(len(amount))
        for number in np.unique(fold):
            out = fold == number
            mean = float(amount[~out].mean())
            size = np.bincount(cell[~out], minlength=int(cell.max()) + 1)
            money = np.bincount(cell[~out], amount[~out], minlength=int(cell.max()) + 1)
            said[out] = ((money + DRAWN * mean) / (size + DRAWN))[cell[out]]
        this = float(deviance(amount / unit, np.maximum(said / unit, 1e-9)).sum())
        if this < loss:
            best, loss, found = name, this, said
    return best, found


def _cells(values: Floats, category: bool) -> NDArray[np.intp]:
    known = np.isfinite(values)
    cell = np.zeros(len(values), dtype=np.intp)
    if known.any():
        cell[known] = 1 + (values[known].astype(np.intp) if category else tenths(values[known]))
    return cell
