"""How much the best of many trials flatters itself on the folds it was chosen by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ACCOUNTS = 20_000
"""Accounts of which losses are kept, drawn once; more would say hardly more."""
RESAMPLES = 1_000
BLOCK = 100
"""Resamples held in memory at once."""


class Losses:
    """Losses of trials, summed by account over all folds.

    Parameters
    ----------
    owner : sequence of ndarray
        For each fold the account of each row compared on, numbered from 0 over all folds.
    weights : sequence of ndarray
        What each of these rows counts.
    """

    def __init__(self, owner: list[NDArray[np.intp]], seed: int = 0) -> None:
        number = 1 + max(int(each.max()) for each in owner)
        drawn = np.random.default_rng(seed).permutation(number)[:ACCOUNTS]
        self.place = np.full(number, -1)
        self.place[np.sort(drawn)] = np.arange(len(drawn))
        self.accounts, self.owner = len(drawn), owner
        self.counts = np.zeros(self.accounts)
        self.sums: dict[int, Floats] = {}

    def add(self, trial: int, fold: int, loss: Floats, weight: Floats) -> None:
        """Add what a trial lost on a fold; the first trial also says what each account counts."""
        place = self.place[self.owner[fold]]
        known = place >= 0
        if fold == 0:
            self.sums[trial] = np.zeros(self.accounts)
        if trial == 0:
            self.counts += np.bincount(place[known], weight[known], minlength=self.accounts)
        self.sums[trial] += np.bincount(
            place[known], (loss * weight)[known], minlength=self.accounts
        )  # fmt: skip


@dataclass(frozen=True)
class Luck:
    """The gain of the best trial on the folds, held against what the best of as many gains by chance.

    Parameters
    ----------
    gain : float
        Log loss of the defaults less that of the best trial, over all folds.
    chance : float
        How often the best of as many trials, none of them truly better, would gain so much.
    usual : float
        What the best of them gains in one of twenty such cases.
    trials : int
        Different trials that were compared.
    """

    gain: float
    chance: float
    usual: float
    trials: int


def best_by_chance(sums: Mapping[int, Floats], counts: Floats, *, seed: int = 0) -> Luck | None:
    """White's reality check: resample accounts, and take the best of all trials each time.

    Parameters
    ----------
    sums : mapping of int to ndarray of shape (accounts,)
        By trial, the summed loss of each account; trial 0 is what is compared with.
    counts : ndarray of shape (accounts,)
        What each account counts.

    Returns
    -------
    Luck or None
        None without a trial beside the defaults.

    References
    ----------
    White, "A reality check for data snooping", Econometrica 68 (2000).
    """
    others = [number for number in sums if number]
    if 0 not in sums or not others:
        return None
    gains = np.array([sums[0] - sums[trial] for trial in others])
    mean = gains.sum(axis=1) / counts.sum()
    centred = gains - mean[:, None] * counts
    rng, number = np.random.default_rng(seed), len(counts)
    best: list[Floats] = []
    for _ in range(RESAMPLES // BLOCK):
        drawn = np.array(
            [np.bincount(rng.integers(0, number, number), minlength=number) for _ in range(BLOCK)],
            dtype=np.float64,
        )
        # In draws that hold none of the rows that count there is nothing to compare.
        best.append(((drawn @ centred.T) / np.maximum(drawn @ counts, 1e-12)[:, None]).max(axis=1))
    by_chance = np.concatenate(best)
    return Luck(
        gain=float(mean.max()),
        chance=float((1 + (by_chance >= mean.max()).sum()) / (1 + len(by_chance))),
        usual=float(np.quantile(by_chance, 0.95)),
        trials=len(others),
    )
