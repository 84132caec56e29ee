"""From values to places, with round marks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from salesml.scorecard import told
from salesml.words import english, numbers

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Steps between marks, times a power of ten."""


@dataclass(frozen=True)
class Scale:
    """A straight scale from ``low`` to ``high``."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float]) -> Scale:
        """The scale that shows all values that are there; from nothing where that is near."""
        known = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(known), max(known)
        if 0 < low < 0.6 * high:
            low = 0.0
        reach = (high - low) or abs(high) or 1.0
        return cls(low - (0.04 * reach if low else 0.0), high + 0.04 * reach)

    def share(self, value: float) -> float:
        """Where a value lies between the ends: 0 to 1, and never beyond."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def marks(self, most: int = 4) -> list[float]:
        """At most so many round values between the ends."""
        reach = self.high - self.low
        power = 10.0 ** math.floor(math.log10(reach / most))
        step = next(power * each for each in ROUND if reach / (power * each) < most)
        first = math.ceil(self.low / step)
        return [round(number * step, 12) for number in range(first, math.floor(self.high / step) + 1)]


def short(value: float, unit: str, currency: str = "") -> str:
    """A value beside a mark: as short as it can be read."""
    if unit == "share":
        return english.PERCENT.format(number=numbers.number(round(100 * value, 6)))
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{_symbol(unit, currency)}{numbers.number(value / size)}{letter}"
    if unit in ("money", "money per hour"):
        return f"{_symbol(unit, currency)}{numbers.number(value)}"
    return numbers.number(value) if unit != "times" else told.shown(value, "number")


def _symbol(unit: str, currency: str) -> str:
    return english.SYMBOLS.get(currency, "") if unit.startswith("money") else ""
