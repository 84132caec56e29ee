"""Since when the logs of a model reach back far enough for what its features look at.

In the first months of a log every window reaches back to before it, so that counts rise from nothing. Beside
such months nothing would ever be unusual.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from salesml.crm import CRM
from salesml.monitoring.profile import LAGS
from salesml.monitoring.usual import FEWEST
from salesml.snapshots.feature import Feature
from salesml.windows import step_back

DATED = ("activities", "stages")
"""Tables that are logs, beside those of ``events``."""

OWN = "own."
"""Features of a query of one's own may look at every log."""

COMPARED = max(LAGS)
"""Months of a feature's own that must be left, or a shorter window has to do."""

KNOWN = FEWEST + max(LAGS)
"""Months that must be left to say what is usual of rows as a whole."""


@dataclass(frozen=True)
class Logs:
    """First days and windows of the logs that some features come from.

    Parameters
    ----------
    begins : dict of str to date
        By source.
    windows : dict of str to tuple of int
        Days, the shortest first.
    """

    begins: dict[str, dt.date]
    windows: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, features: Sequence[Feature], crm: CRM) -> Logs:
        """Those of a model's features, as the tables are now."""
        windows: dict[str, set[int]] = {}
        for each in features:
            if each.window_days and (each.source.startswith("events.") or each.source in DATED):
                windows.setdefault(each.source, set()).add(each.window_days)
        return cls(
            {source: crm.observed(source).start for source in windows},
            {source: tuple(sorted(days)) for source, days in windows.items()},
        )

    @property
    def first(self) -> dt.date | None:
        """The first date on which anything that is counted lies in the tables."""
        return min((self._after(source, days[0]) for source, days in self.windows.items()), default=None)

    def since(self, feature: Feature, as_of: dt.date) -> dt.date | None:
        """The first date that a feature can be compared with; None for one that comes from no log."""
        if feature.source.startswith(OWN):
            return max((self._longest(source, as_of, COMPARED) for source in self.windows), default=None)
        if feature.source not in self.windows:
            return None
        longest = self._longest(feature.source, as_of, COMPARED)
        if feature.window_days is None:
            return longest
        return min(longest, self._after(feature.source, feature.window_days))

    def whole(self, as_of: dt.date) -> dt.date | None:
        """The first date on which rows can be compared as a whole."""
        return max((self._longest(source, as_of, KNOWN) for source in self.windows), default=None)

    def _longest(self, source: str, as_of: dt.date, months: int) -> dt.date:
        """When the longest window is whole that leaves so many months; else the shortest."""
        last = step_back(as_of, months, "month")
        whole = [self._after(source, days) for days in self.windows[source]]
        return max((day for day in whole if day <= last), default=whole[0])

    def _after(self, source: str, days: int) -> dt.date:
        return self.begins[source] + dt.timedelta(days=days)
