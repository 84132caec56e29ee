"""How much work a list may hold, in hours or in places, and which rows fill it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, UsageError
from salesml.scoring.rank.rows import EVERYONE, NOBODY

MICRO = 1_000_000
"""Hours are counted in whole millionths, so that sums do not depend on their order."""

MOST = 1e6
"""The most hours or places that one rep may have."""


@dataclass(frozen=True)
class Capacity:
    """What each list may hold.

    Parameters
    ----------
    unit : str
        ``hours``, ``places``, or nothing where lists have no limit.
    each : float or mapping of str to float
        The same for every rep, or each rep's own. A rep who is not in the mapping has nothing.
    reps : collection of str, optional
        Who is a rep, where that is known.
    """

    unit: str = ""
    each: float | Mapping[str, float] = 0.0
    reps: Collection[str] | None = None

    def of(self, name: str) -> float | None:
        """What the list may hold; None where it has no limit."""
        if not self.unit:
            return None
        own = isinstance(self.each, Mapping)
        if name == NOBODY:
            return self._own(name) if own and name in self.each else None  # type: ignore[operator]
        if name == EVERYONE:
            return self.whole
        return self._own(name) if own else self._same

    @property
    def whole(self) -> float:
        """What all reps together may hold; where the reps are not known, one rep."""
        if isinstance(self.each, Mapping):
            return float(sum(self._own(rep) for rep in self.each if rep != NOBODY))
        return self._same * max(1, len(self.reps or ()))

    @property
    def step(self) -> int:
        """The parts into which hours or places are counted."""
        return MICRO if self.unit == "hours" else 1

    @property
    def _same(self) -> float:
        return 0.0 if isinstance(self.each, Mapping) else float(self.each)

    def _own(self, name: str) -> float:
        value = self.each.get(name) if isinstance(self.each, Mapping) else self.each
        return float(value) if value is not None and 0 < value <= MOST else 0.0


def capacity_of(
    hours_per_rep: float | Mapping[str, float] | None,
    places_per_rep: int | None,
    reps: Collection[str] | None,
    explore: float,
    seed: int = 0,
) -> Capacity:
    """The capacity that was asked for.

    Raises
    ------
    UsageError
        ``two-limits``, ``bad-hours``, ``no-hours``, ``bad-places``, ``bad-share``, ``bad-seed`` or
        ``explore-without-limit``.
    """
    faults = [*_limit_faults(hours_per_rep, places_per_rep), *_share_faults(explore)]
    if not -(2**63) <= seed < 2**63:
        faults.append(
            Fault(
                code="bad-seed",
                found=f"The seed is {seed}",
                allowed="It must be a whole number of at most 18 digits",
                do="Give --seed such a number",
            )
        )
    limited = hours_per_rep is not None or places_per_rep is not None
    if explore and not limited:
        faults.append(
            Fault(
                code="explore-without-limit",
                found="A share of the lists is to be explored, but the lists have no limit",
                allowed="Without a limit every row is listed, and nothing is left to be drawn",
                do="Give --hours-per-rep or --places-per-rep as well",
            )
        )
    if faults:
        raise UsageError(faults)
    reps = None if reps is None else {str(rep) for rep in reps}
    if isinstance(hours_per_rep, Mapping):
        hours_per_rep = {str(rep): hours for rep, hours in hours_per_rep.items()}
    if hours_per_rep is not None:
        return Capacity("hours", hours_per_rep, reps)
    return Capacity("places", places_per_rep, reps) if places_per_rep is not None else Capacity()


def fill(costs: NDArray[np.int64], free: NDArray[np.bool_], limit: int) -> NDArray[np.bool_]:
    """Take rows in their order as long as they fit; what does not fit is passed over.

    Filling a knapsack by value per weight [1]_: it falls short of the best there could be by less than the
    value of the first row that was passed over, so by little where rows are small beside the limit.

    Parameters
    ----------
    costs : ndarray of int, shape (rows,)
        What each row takes.
    free : ndarray of bool, shape (rows,)
        Which may be taken.
    limit : int
        What all may take together.

    Returns
    -------
    ndarray of bool, shape (rows,)

    References
    ----------
    .. [1] G. B. Dantzig, "Discrete-variable extremum problems", Operations Research 5 (1957).
    """
    taken = np.zeros(len(costs), dtype=bool)
    waiting = np.flatnonzero(free & (costs <= limit))
    while len(waiting):
        used = np.cumsum(costs[waiting])
        number = int(np.searchsorted(used, limit, side="right"))
        taken[waiting[:number]] = True
        limit -= int(used[number - 1])
        waiting = waiting[number:]
        waiting = waiting[costs[waiting] <= limit]
    return taken


def upper_bound(
    costs: NDArray[np.int64], values: NDArray[np.float64], free: NDArray[np.bool_], limit: int
) -> float:
    """What no list within the limit can be expected to exceed: rows in order, the last one in part."""
    costs, values = costs[free], np.maximum(values[free], 0.0)
    used = np.cumsum(costs)
    number = int(np.searchsorted(used, limit, side="right"))
    whole = float(values[:number].sum())
    if number == len(costs):
        return whole
    left = limit - (int(used[number - 1]) if number else 0)
    return whole + float(values[number]) * left / int(costs[number])


def _limit_faults(hours: float | Mapping[str, float] | None, places: int | None) -> list[Fault]:
    faults = []
    if hours is not None and places is not None:
        faults.append(
            Fault(
                code="two-limits",
                found="Lists are to be limited by hours and by places",
                allowed="One of the two",
                do="Leave out --hours-per-rep or --places-per-rep",
            )
        )
    if isinstance(hours, Mapping):
        if not any(value is not None and 0 < value <= MOST for value in hours.values()):
            faults.append(_no_hours())
    elif hours is not None and not _above_zero(hours):
        faults.append(_bad("hours", hours, "a number of hours above 0, such as 20"))
    if places is not None and not (_above_zero(places) and float(places).is_integer()):
        faults.append(_bad("places", places, "a whole number from 1 on"))
    return faults


def _share_faults(explore: float) -> list[Fault]:
    if 0 <= explore < 1:
        return []
    return [
        Fault(
            code="bad-share",
            found=f"The share to explore is {explore!r}",
            allowed="It must be 0 or more and below 1, such as 0.05",
            do="Give --explore such a share",
        )
    ]


def _above_zero(value: float) -> bool:
    return math.isfinite(value) and 0 < value <= MOST


def _bad(unit: str, value: float, allowed: str) -> Fault:
    return Fault(
        code=f"bad-{unit}",
        found=f"Each rep is to have {value!r} {unit}",
        allowed=f"It must be {allowed}, and at most {MOST:,.0f}",
        do=f"Give --{unit}-per-rep such a number",
    )


def _no_hours() -> Fault:
    return Fault(
        code="no-hours",
        found="No rep has hours above 0",
        allowed="At least one rep needs some",
        do="Fill in `hours_per_week` of the table `reps` in crm.yaml, or give --hours-per-rep",
    )
