"""How true curves are on rows that were not learned from: Brier scores, and what was said against what came.

A row that was lost from sight before a horizon says nothing of it; the others count for it as well, by the
inverse probability of having been watched for so long (Kaplan and Meier's curve of being lost from sight).

References
----------
Graf, Schmoor, Sauerbrei and Schumacher, "Assessment and comparison of prognostic classification schemes for
survival data", Statistics in Medicine 18 (1999).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.model.bootstrap import Estimate, estimates
from salesml.model.survival.kaplan_meier import KaplanMeier
from salesml.model.survival.times import Times

Floats = NDArray[np.float64]

BINS = 10
RESAMPLES = 400


@dataclass(frozen=True)
class CurveEvaluation:
    """Figures of curves with 95 % intervals, resampled by account.

    Parameters
    ----------
    rows, accounts : int
    horizons : tuple of int
    figures : dict of str to Estimate
        ``ibs``, the integrated Brier score up to the last horizon; ``ibs_of_all``, that of one curve for
        all; ``ibs_gain``, by how much the model is better. By horizon: ``brier_90``; ``said_90`` and
        ``came_90``, mean probability of having left and share that had; ``drift_90``, the one less the
        other; ``calibration_error_90``, over ten bins of equal mass, and ``calibration_chance_90``, what
        it would be on average if every probability were true: so few rows miss by as much by chance.
    """

    rows: int
    accounts: int
    horizons: tuple[int, ...]
    figures: dict[str, Estimate]

    def as_dict(self) -> dict[str, Any]:
        """The evaluation as plain data."""
        return {**asdict(self), "horizons": list(self.horizons)}

    def metrics(self) -> dict[str, float]:
        """Every figure under one name, for a run's metrics."""
        found: dict[str, float] = {}
        for name, figure in self.figures.items():
            ends = {"": figure.value, "_low": figure.low, "_high": figure.high}
            found |= {f"curve_{name}{end}": float(value) for end, value in ends.items()}
        return found


def evaluate_curves(
    stays: Floats,
    times: Times,
    horizons: Sequence[int],
    owner: NDArray[np.intp],
    *,
    of_all: Floats,
    weight: Floats | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> CurveEvaluation:
    """Hold curves against what became of their rows.

    Parameters
    ----------
    stays : ndarray of shape (rows, horizons)
    times : Times
    horizons : sequence of int
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    of_all : ndarray of shape (horizons,)
        One curve for all rows, of the rows learned from.
    weight : ndarray of shape (rows,), optional
    """
    weight = np.ones(len(times)) if weight is None else weight
    measured = _Measured(stays, times, horizons, of_all, weight)
    figures = estimates(measured.of, weight, owner, resamples=resamples, seed=seed)
    return CurveEvaluation(len(times), int(owner.max()) + 1, tuple(horizons), figures)


def inverse_weights(times: Times, horizons: Sequence[int], weight: Floats | None = None) -> Floats:
    """How much each row counts at each horizon, shape (rows, horizons): 0 where it was lost before."""
    watched = KaplanMeier.fit(times.end, np.isnan(times.left), weight)
    found = np.zeros((len(times), len(horizons)))
    for place, day in enumerate(horizons):
        gone, there = times.gone(day), times.there(day)
        found[gone, place] = 1.0 / watched.through(times.left[gone])
        found[there, place] = 1.0 / float(watched.before(float(day)))
    return found


def integrated(brier: Floats, horizons: Sequence[int]) -> Floats:
    """The mean of Brier scores over the days up to the last horizon, straight lines between horizons.

    Parameters
    ----------
    brier : ndarray of shape (..., horizons)
    """
    days = np.array([0, *horizons], dtype=np.float64)
    points = np.concatenate([np.zeros((*brier.shape[:-1], 1)), brier], axis=-1)
    found: Floats = np.trapezoid(points, days, axis=-1) / days[-1]
    return found


class _Measured:
    """What every weighting of the rows is measured by."""

    def __init__(
        self, stays: Floats, times: Times, horizons: Sequence[int], of_all: Floats, weight: Floats
    ) -> None:
        self._horizons, self._p = horizons, 1.0 - stays
        self._gone = np.column_stack([times.gone(day) for day in horizons]).astype(np.float64)
        self._counts = inverse_weights(times, horizons, weight)
        self._miss = (self._p - self._gone) ** 2 * self._counts
        self._plain = (1.0 - of_all - self._gone) ** 2 * self._counts
        self._bins = [_bins(self._p[:, place], self._counts[:, place]) for place in range(len(horizons))]

    def of(self, weight: Floats) -> Mapping[str, Floats]:
        total = weight @ self._counts
        brier, plain = weight @ self._miss / total, weight @ self._plain / total
        ibs, of_all = integrated(brier, self._horizons), integrated(plain, self._horizons)
        found = {"ibs": ibs, "ibs_of_all": of_all, "ibs_gain": of_all - ibs}
        said = weight @ (self._p * self._counts) / total
        came = weight @ (self._gone * self._counts) / total
        for place, day in enumerate(self._horizons):
            found |= {
                f"brier_{day}": brier[:, place], f"said_{day}": said[:, place], f"came_{day}": came[:, place],
                f"drift_{day}": said[:, place] - came[:, place],
                f"calibration_error_{day}": self._error(weight, place),
                f"calibration_chance_{day}": self._chance(weight, place),
            }  # fmt: skip
        return found

    def _error(self, weight: Floats, place: int) -> Floats:
        """Mean distance between what was said and what came, over bins of rows of like chances."""
        counted = weight * self._counts[:, place]
        away = counted * (self._p[:, place] - self._gone[:, place])
        total: Floats = np.zeros(len(weight))
        for number in range(BINS):
            total += np.abs(away[:, self._bins[place] == number].sum(axis=1))
        error: Floats = total / counted.sum(axis=1)
        return error

    def _chance(self, weight: Floats, place: int) -> Floats:
        """The mean error of probabilities that are true: in each bin that of a normal variable's distance."""
        counted, p = weight * self._counts[:, place], self._p[:, place]
        variance = counted**2 * (p * (1.0 - p))
        total: Floats = np.zeros(len(weight))
        for number in range(BINS):
            total += np.sqrt(variance[:, self._bins[place] == number].sum(axis=1))
        chance: Floats = np.sqrt(2 / np.pi) * total / counted.sum(axis=1)
        return chance


def _bins(p: Floats, counts: Floats) -> NDArray[np.intp]:
    """Ten bins of equal mass, equal chances in one."""
    order = np.argsort(p, kind="stable")
    reached = np.cumsum(counts[order]) / counts.sum()
    edges = p[order][np.searchsorted(reached, np.arange(1, BINS) / BINS - 1e-12)]
    return np.searchsorted(np.unique(edges), p, side="left")
