"""When each row left, and for how long it was watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Times:
    """Whole days since the start of each row's horizon.

    Parameters
    ----------
    left : ndarray of shape (rows,)
        The day on which the row left, 0 for the first; NaN where it had not left when last seen.
    seen : ndarray of shape (rows,)
        For how many days what became of the row is known; infinite where it left and nobody could say
        for how long it would have been watched otherwise.
    """

    left: Floats
    seen: Floats

    def __len__(self) -> int:
        return len(self.left)

    def where(self, mask: NDArray[np.bool_]) -> Times:
        """The rows where a mask is true."""
        return Times(self.left[mask], self.seen[mask])

    def watched_for(self, days: Floats) -> Times:
        """The same as it was known after so many days, fewer than now: whoever left later had not left."""
        seen = np.minimum(self.seen, days)
        return Times(np.where(self.left < seen, self.left, np.nan), seen)

    def gone(self, day: float) -> NDArray[np.bool_]:
        """Whether the row is known to have left before the end of a number of days."""
        return np.asarray(self.left < day)

    def there(self, day: float) -> NDArray[np.bool_]:
        """Whether the row is known to have stayed for a number of days."""
        return np.asarray(~self.gone(day) & (self.end >= day))

    @property
    def end(self) -> Floats:
        """For how many days each row was followed: until it left or was last seen."""
        return np.where(np.isnan(self.left), self.seen, self.left)

    def exposure(self, start: float, end: float) -> Floats:
        """How much each row tells of the days from ``start`` to ``end``, between 0 and 1.

        All of it where the row was there at the start and was watched to the end, whatever became of it. A
        row that was lost from sight on the way tells nothing where all are lost on known dates, since
        those of them that left are left out as well; where that is not known, the part it was watched.
        """
        at_risk = ~(self.left < start) & (self.seen > start)
        part = np.where(self.seen >= end, 1.0, 0.0)
        if np.isinf(self.seen).any():
            on_the_way = np.clip((self.seen - start) / (end - start), 0.0, 1.0)
            part = np.where(np.isnan(self.left), on_the_way, 1.0)
        return np.where(at_risk, part, 0.0)
