"""The best trial against the defaults on rows that neither has seen, paired by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.fold_fits import first_seed, losses_of, with_learner
from salesml.lifecycle.tuning.material import Material
from salesml.model.bootstrap import Estimate, resampled_weights

Floats = NDArray[np.float64]

SEEDS = 5
"""Fits of either: two fits of one setting also differ, and that must not pass for a gain."""
RESAMPLES = 2_000
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The best trial against the defaults on the test rows.

    Parameters
    ----------
    gain : Estimate
        Log loss of the defaults less that of the best trial; above zero means that tuning is better. Mean
        over the seeds; the interval is of accounts and seeds, at the level that ``looks`` leaves.
    by_seed : tuple of float
        The gain under each seed.
    defaults, tuned : float
        The log losses.
    rows, accounts, positives : int
    looks : int
        How many winners of tunings have been compared on these rows, this one included.
    """

    gain: Estimate
    by_seed: tuple[float, ...]
    defaults: float
    tuned: float
    rows: int
    accounts: int
    positives: int
    fewest: int
    looks: int


def compare(
    material: Material, learner: Mapping[str, Any], *, looks: int = 1, budget: Budget, say: Say = quiet
) -> Compared:
    """Fit the defaults and a learner on all rows to learn from, and look at the test rows.

    Parameters
    ----------
    looks : int
        The interval is widened for so many looks at these rows (Bonferroni).
    budget : Budget
        Further seeds are left out when it ends; the first is always fitted.
    """
    testing, differences, lost = material.testing, [], []
    first, longest = first_seed(material.spec), 0.0
    for number in range(SEEDS):
        before = budget.spent
        if number and budget.left() < longest:
            say(f"The time is up: compared under {number} of {SEEDS} seeds")
            break
        ours = with_learner(material.spec, learner, random_state=first + number)
        theirs = with_learner(material.spec, {}, random_state=first + number)
        tuned, weight, _ = losses_of(ours, material.learning, testing)
        default, _, _ = losses_of(theirs, material.learning, testing)
        longest = budget.spent - before
        differences.append(default - tuned)
        lost.append((float(np.average(default, weights=weight)), float(np.average(tuned, weights=weight))))
    owner = np.unique(testing.entity, return_inverse=True)[1]
    by_seed = tuple(float(np.average(each, weights=weight)) for each in differences)
    gain = of_any_fit(
        paired(np.mean(differences, axis=0), weight, owner, level=LEVEL / looks), by_seed, looks
    )
    counts = [len(np.unique(owner[testing.y == outcome])) for outcome in (0, 1)]
    return Compared(
        gain=gain,
        by_seed=by_seed,
        defaults=float(np.mean([each[0] for each in lost])),
        tuned=float(np.mean([each[1] for each in lost])),
        rows=len(testing), accounts=int(owner.max()) + 1, positives=testing.positives,
        fewest=min(counts), looks=looks,
    )  # fmt: skip


def paired(
    difference: Floats, weight: Floats, owner: NDArray[np.intp], *, level: float = LEVEL, seed: int = 0
) -> Estimate:
    """The mean of a difference that is paired by row, with an interval over resamples of accounts."""
    drawn = [
        block @ difference / block.sum(axis=1) for block in resampled_weights(weight, owner, RESAMPLES, seed)
    ]
    low, high = np.quantile(np.concatenate(drawn), [level / 2, 1 - level / 2])
    return Estimate(float(np.average(difference, weights=weight)), float(low), float(high))


def of_any_fit(gain: Estimate, by_seed: Sequence[float], looks: int = 1) -> Estimate:
    """The estimate with an interval that also holds for fits under other seeds.

    The bootstrap speaks of these fits alone. How far the gain differs between seeds, by Student's t for as
    few of them, adds to its interval as independent errors do. With one seed nothing can be added.
    """
    number = len(by_seed)
    if number < 2:
        return gain
    spread = float(np.std(by_seed, ddof=1)) / np.sqrt(number)
    fits = float(student.isf(LEVEL / looks / 2, number - 1)) * spread
    low = gain.value - float(np.hypot(gain.value - gain.low, fits))
    return Estimate(gain.value, low, gain.value + float(np.hypot(gain.high - gain.value, fits)))
