"""Ranges that a rep reads easily, wide enough for two values: 50 to 200, not 62 to 180."""

from __future__ import annotations

import math

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_DAYS = (
    *range(8), 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 365,
    *(365 * years for years in (1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100)),
)  # fmt: skip
_SHARES = (0, 0.01, 0.02, 0.05, *(tenth / 10 for tenth in range(1, 11)))


def ends(form: str) -> tuple[float, ...]:
    """Where ranges of a form may begin and end, rising, from minus infinity to infinity.

    Parameters
    ----------
    form : str
        As in the feature registry. Small whole numbers stand for themselves.
    """
    if form == "days":
        ahead = tuple(float(day) for day in _DAYS)
    elif form == "share":
        ahead = (*map(float, _SHARES), *_decades(0, 16))
    else:
        ahead = (*map(float, range(11)), *_decades(-6, 16))
    both = {*ahead, *(-value for value in ahead if value), -math.inf, math.inf}
    return tuple(sorted(both))


def _decades(first: int, last: int) -> tuple[float, ...]:
    return tuple(float(f"{step}e{power}") for power in range(first, last) for step in _STEPS)
