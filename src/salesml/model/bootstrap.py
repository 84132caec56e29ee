"""Resampling by account: an account's rows come together, so that intervals are not too narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

CELLS = 2_000_000
"""Weights held in memory at once."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, which holds the figure: where all resamples lie to one side of
    it, as with a binned calibration error, which resampling makes larger, it is widened to reach it."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def resampled_weights(
    weight: NDArray[np.float64], owner: NDArray[np.intp], resamples: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Blocks of rows of weights, one row per resample: each account as often as it was drawn.

    Parameters
    ----------
    weight : ndarray of shape (rows,)
    owner : ndarray of shape (rows,)
        The account of each row, numbered from 0.
    """
    rng = np.random.default_rng(seed)
    accounts = int(owner.max()) + 1
    block = max(1, CELLS // len(weight))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = [np.bincount(rng.integers(0, accounts, accounts), minlength=accounts) for _ in range(size)]
        yield np.array(drawn, dtype=np.float64)[:, owner] * weight


def estimates(
    measure: Callable[[NDArray[np.float64]], Mapping[str, NDArray[np.float64]]],
    weight: NDArray[np.float64],
    owner: NDArray[np.intp],
    *,
    resamples: int,
    seed: int,
) -> dict[str, Estimate]:
    """Every figure that ``measure`` gives, with percentile intervals over resamples of accounts.

    Differences between scores are figures like any other: measured on the same resample, they are
    paired.
    """
    point = measure(weight[None, :])
    drawn = [measure(block) for block in resampled_weights(weight, owner, resamples, seed)]
    return {
        name: _estimate(float(value[0]), np.concatenate([block[name] for block in drawn]))
        for name, value in point.items()
    }


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    finite = drawn[np.isfinite(drawn)]
    if not len(finite):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(finite, [0.025, 0.975])
    # Resampling biases some figures, binned calibration error above all: the figure itself is as
    # credible as any of its resamples, so the interval reaches to it.
    return Estimate(value, float(np.fmin(low, value)), float(np.fmax(high, value)))
