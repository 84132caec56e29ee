"""Money instead of rows: what the losses expected and the losses that came about are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from salesml.errors import Fault
from salesml.model.faults import InputError
from salesml.model.metrics import TOP, Floats, Scored, ranked

BANDS = {"A": 0.05, "B": 0.2, "C": 0.5}
"""Cumulative shares of the list, highest probability first; the rest is D."""


@dataclass(frozen=True)
class Valued:
    """Outcomes, probabilities and values, made ready to be measured under many weightings.

    Parameters
    ----------
    by_value : Scored
        Sorted by probability times value.
    by_p : Scored
        Sorted by probability.
    worth : ndarray of shape (rows,)
        Value of each row, 0 where it is not known.
    known : ndarray of shape (rows,)
        1 where the value is known, else 0.
    sums : ndarray of shape (rows, 2 · bands)
        Value expected to be lost and value lost, in the column of the row's band.
    names : tuple of str
        The bands.
    """

    by_value: Scored
    by_p: Scored
    worth: Floats
    known: Floats
    sums: Floats
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, y: NDArray[np.int8], p: Floats, value: Floats, weight: Floats, bands: Mapping[str, float]
    ) -> Valued:
        """Sort once, and find each row's band; accounts of unknown value are in no list."""
        known = np.isfinite(value).astype(np.float64)
        worth = np.where(known > 0, np.maximum(value, 0.0), 0.0)
        by_p = Scored.of(y, p)
        names = (*sorted(bands), _last(sorted(bands)))
        band = _band_of(by_p, weight * known, [bands[name] for name in sorted(bands)])
        inside = band[:, None] == np.arange(len(names))
        sums = np.hstack([inside * (worth * p)[:, None], inside * (worth * y)[:, None]])
        return cls(Scored.of(y, p, rank_by=p * worth), by_p, worth, known, sums, names)

    def measure(self, weight: Floats) -> dict[str, Floats]:
        """Every figure, under each row of weights (weightings, rows)."""
        weight = weight * self.known
        sums = weight @ self.sums
        expected, lost = sums[:, : len(self.names)], sums[:, len(self.names) :]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = {
                "value_expected": expected.sum(axis=1),
                "value_lost": lost.sum(axis=1),
                "value_ratio": expected.sum(axis=1) / lost.sum(axis=1),
                "value_auc": ranked(self.by_p, weight * self.worth)["auc"],
                **self._tops(weight),
            }
            for place, name in enumerate(self.names):
                found[f"value_expected_{name}"] = expected[:, place]
                found[f"value_lost_{name}"] = lost[:, place]
                found[f"value_share_{name}"] = lost[:, place] / lost.sum(axis=1)
        return found

    def _tops(self, weight: Floats) -> dict[str, Floats]:
        """The lost value found in the top of the list, the list being measured in accounts."""
        scored = self.by_value
        money = Scored(scored.y * self.worth, scored.p, scored.order, scored.starts, scored.bin)
        gains = ranked(money, weight)
        found = {}
        for share in TOP:
            top = f"{100 * share:.0f}"
            found[f"value_gain_{top}"] = gains[f"gain_{top}"]
            found[f"value_lift_{top}"] = gains[f"gain_{top}"] / share
        return found


def read_value(value: ArrayLike, rows: int) -> Floats:
    """Values as floats, NaN where one is missing.

    Raises
    ------
    InputError
        ``bad-value`` for another number of them, infinite ones, or none above zero.
    """
    worth = np.asarray(value, dtype=np.float64)
    found = ""
    if worth.shape != (rows,):
        found = f"The values have shape {worth.shape} for {rows} rows"
    elif np.isinf(worth).any():
        found = f"{int(np.isinf(worth).sum())} of the values are infinite"
    elif not (worth > 0).any():
        found = "None of the values is above zero"
    if found:
        raise InputError(
            Fault(
                code="bad-value",
                found=found,
                allowed="One value for each row; one that is missing is left out of the figures in money, "
                "and one below zero counts as zero",
                do="Check how they were made",
            )
        )
    return worth


def _last(names: list[str]) -> str:
    """The band below all others: the next letter."""
    return chr(ord(names[-1][0]) + 1) if names else "A"


def _band_of(scored: Scored, weight: Floats, shares: list[float]) -> NDArray[np.intp]:
    """The band of each row, 0 for the first; equal probabilities share one."""
    reached = np.cumsum(weight[scored.order])
    band = np.zeros(len(weight), dtype=np.intp)
    for share in shares:
        place = np.searchsorted(reached, share * reached[-1] - 1e-9)
        cut = scored.p[scored.order][min(place, len(weight) - 1)]
        band += scored.p < cut
    return band
