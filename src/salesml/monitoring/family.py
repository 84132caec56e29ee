"""How often a year may raise an alarm though nothing changed, and what that leaves for each test.

The year's five in a hundred are dealt out to the checks, evenly over the looks of a year and, within a look,
over all that is tested by Holm's method. Nothing is assumed of how tests depend on one another.

References
----------
Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

from collections.abc import Sequence

A_YEAR = 0.05
"""Chance that a year without change raises an alarm, at most."""

SHARES = {
    "features": 0.35, "apart": 0.1, "attributions": 0.1, "scores": 0.15, "expected": 0.1, "realised": 0.2,
}  # fmt: skip
"""What each check may take of it."""

LOOKS = {"month": 12, "week": 52}
"""Looks in a year, by how far as-of dates stand apart."""


def of_a_look(check: str, looks: int) -> float:
    """The chance of a false alarm that one look leaves to a check."""
    return A_YEAR * SHARES[check] / looks


def holm(p_values: Sequence[float | None], alpha: float) -> list[bool]:
    """Which of several tests are beyond chance together; one without a p-value is not."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    beyond = [False] * len(p_values)
    for rank, (p, place) in enumerate(known):
        if p > alpha / (len(known) - rank):
            break
        beyond[place] = True
    return beyond
