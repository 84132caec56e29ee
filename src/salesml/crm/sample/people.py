"""The reps of a block: their kind, their taste and how busy they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reps:
    """Reps as arrays.

    ``kind`` numbers ``laws.KINDS``; ``taste`` is reps by industries, true where a rep likes to call
    them; ``busy`` is reps by months, a number into ``laws.BUSY``.
    """

    kind: Ints
    taste: npt.NDArray[np.bool_]
    busy: Ints

    def __len__(self) -> int:
        return len(self.kind)


def draw_reps(rows: int, months: int, rng: np.random.Generator) -> Reps:
    """Reps whose kinds and tastes stand in the shares of ``laws``, as nearly as whole reps can."""
    kinds = np.repeat(np.arange(3), _shared_out(rows, laws.KIND_SHARES))
    likes = np.arange(rows) < round(rows * laws.TASTE_SHARE)
    return Reps(
        kind=rng.permutation(kinds),
        taste=np.stack([rng.permutation(likes) for _ in laws.INDUSTRIES], axis=1),
        busy=rng.choice(3, (rows, months), p=laws.BUSY_PRIOR),
    )


def _shared_out(rows: int, shares: npt.NDArray[np.float64]) -> Ints:
    """Whole numbers that add up to ``rows``, in these shares as nearly as may be."""
    edges = np.round(np.cumsum(shares) * rows).astype(np.int64)
    return np.diff(edges, prepend=0)
