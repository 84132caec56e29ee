"""Why somebody is left out of a snapshot, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

KEPT = ""

REASONS = {
    "not-active": "not active within the days before that the label asks for",
    "unknown-account": "not in the table of accounts",
    "already-ended": "ended before the as-of date",
    "ended-in-gap": "ended between the as-of date and the start of the horizon",
    "no-beginning": "nothing says when they became customers: no date, no event, no contract",
    "not-observed": "their horizon has not been observed to its end",
    "already-won": "won before the as-of date",
    "already-lost": "lost before the as-of date",
    "won-in-gap": "won between the as-of date and the start of the horizon",
    "too-old": "created longer ago than the label's open_days: no longer open",
    "won-before-created": "won before they were created, by their dates",
    "lost-before-created": "lost before they were created, by their dates: perhaps open again",
    "no-creation-date": "nothing says when they were created",
}
"""Why accounts and prospects are left out of a snapshot, in words."""

UNSCORABLE = {
    "lost-before-created": "lost before it was created, by its dates: perhaps open again",
    "no-creation-date": "nothing says when it was created",
}
"""Of those, what keeps somebody who may be open from being scored, and its words in a score table."""


@dataclass(frozen=True)
class Dropped:
    """Those left out at one as-of date for one reason."""

    as_of: dt.date
    reason: str
    count: int
    words: str

    def __str__(self) -> str:
        return f"{self.as_of}: {self.count:,} left out: {self.words}"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "as_of": self.as_of.isoformat()}
