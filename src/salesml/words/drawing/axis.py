"""A log-odds axis whose marks are chances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from salesml.words import english as words

LEAST_SPAN = 1.0
"""Log-odds that an axis shows at least: what hardly moves a score must look like it."""

APART = 52.0
"""Pixels between two marks."""

_TENTHS = tuple(tenth / 10 for tenth in range(1, 10))
_STEPS = ((0.5,), (0.1, 0.9), (0.01, 0.99), (0.001, 0.999), (0.2, 0.8), (0.05, 0.95), (0.02, 0.98),
          (0.005, 0.995), (0.002, 0.998), _TENTHS, (0.0001, 0.9999), (0.00001, 0.99999),
          (0.15, 0.25, 0.35, 0.65, 0.75, 0.85), (0.03, 0.97, 0.07, 0.93), (0.003, 0.997))  # fmt: skip
"""Chances that may be marked, the roundest first."""


@dataclass(frozen=True)
class Axis:
    """From log-odds to pixels.

    Parameters
    ----------
    low, high : float
        Ends in log-odds.
    left, right : float
        Ends in pixels.
    """

    low: float
    high: float
    left: float
    right: float

    @classmethod
    def over(cls, points: Sequence[float], left: float, right: float) -> Axis:
        """The axis that shows all points, and :data:`LEAST_SPAN` at least."""
        low, high = min(points), max(points)
        lacks = max(0.0, LEAST_SPAN - (high - low)) / 2
        return cls(low - lacks, high + lacks, left, right)

    def at(self, log_odds: float) -> float:
        """Pixels from the left of the picture."""
        return self.left + (log_odds - self.low) / (self.high - self.low) * (self.right - self.left)

    def marks(self) -> list[tuple[float, str]]:
        """Where chances are marked, from left to right, and how they are written."""
        found: dict[float, float] = {}
        for chance in (chance for step in _STEPS for chance in step):
            place = self.at(math.log(chance / (1 - chance)))
            inside = self.left - 1 <= place <= self.right + 1
            if inside and all(abs(place - other) >= APART for other in found.values()):
                found[chance] = place
        return [(place, _written(chance)) for chance, place in sorted(found.items())]


def chance_of(log_odds: float) -> float:
    """The chance that log-odds stand for, without overflow."""
    if log_odds < 0:
        small = math.exp(log_odds)
        return small / (1 + small)
    return 1 / (1 + math.exp(-log_odds))


def _written(chance: float) -> str:
    text = f"{100 * chance:.3f}".rstrip("0").rstrip(".").replace(".", words.POINT)
    return words.PERCENT.format(number=text)
