"""The reps of a block: their kind, their taste, how busy they are and how they answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Habits:
    """How reps may differ: the shares of kinds and of industries liked, the chances of workloads."""

    kind_shares: Floats
    taste_share: float
    busy_prior: Floats
    prompt_share: float


USUAL = Habits(laws.KIND_SHARES, laws.TASTE_SHARE, laws.BUSY_PRIOR, laws.PROMPT_SHARE)
ALIKE = Habits(np.array([1.0, 0.0, 0.0]), 0.0, np.array([0.0, 1.0, 0.0]), 0.0)
"""Of reps who do not differ in anything."""


@dataclass(frozen=True)
class Reps:
    """Reps as arrays.

    ``kind`` numbers ``laws.KINDS``; ``taste`` is reps by industries, true where a rep likes to call
    them; ``busy`` is reps by months, a number into ``laws.BUSY``.
    """

    kind: Ints
    taste: Bools
    busy: Ints
    habits: Habits = USUAL

    def __len__(self) -> int:
        return len(self.kind)


def draw_reps(rows: int, months: int, rng: np.random.Generator, habits: Habits = USUAL) -> Reps:
    """Reps whose kinds and tastes stand in the shares of their habits, as nearly as whole reps can."""
    kinds = np.repeat(np.arange(3), _shared_out(rows, habits.kind_shares))
    likes = np.arange(rows) < round(rows * habits.taste_share)
    return Reps(
        kind=rng.permutation(kinds),
        taste=np.stack([rng.permutation(likes) for _ in laws.INDUSTRIES], axis=1),
        busy=rng.choice(3, (rows, months), p=habits.busy_prior),
        habits=habits,
    )


def prompt_from(reps: Reps, months: int, together: int, rng: np.random.Generator) -> Ints:
    """The month from which each rep answers promptly, ``months`` where it never does.

    Some always did; so many of the first take it up together.
    """
    always = rng.permutation(np.arange(len(reps)) < round(len(reps) * reps.habits.prompt_share))
    later = max(months - laws.TAKEN_UP, 0) if reps.habits.prompt_share else months
    taken_up = np.where(np.arange(len(reps)) < together, later, months)
    return np.where(always, 0, taken_up)


def _shared_out(rows: int, shares: Floats) -> Ints:
    """Whole numbers that add up to ``rows``, in these shares as nearly as may be."""
    edges = np.round(np.cumsum(shares) * rows).astype(np.int64)
    return np.diff(edges, prepend=0)
