"""How far a load has come, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

EVERY: Final = 5.0
"""Seconds between two lines."""


class Progress:
    """Says how many rows of how many are done, how fast, and how long the rest may take.

    Parameters
    ----------
    say : callable
        Takes a line of text.
    total : int
        Rows that there are.
    start : int
        Rows that were done before.
    clock : callable
        Seconds, from any moment.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        total: int,
        start: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.say, self.total, self.start, self.clock = say, total, start, clock
        self.begun = self.said = clock()

    def at(self, done: int) -> None:
        """So many are done; says so if it has been silent for a while."""
        moment = self.clock()
        if moment - self.said < EVERY or done >= self.total:
            return
        self.said = moment
        rate = max(done - self.start, 1) / (moment - self.begun)
        left = (self.total - done) / rate
        self.say(f"{done:,} of {self.total:,} rows, {rate:,.0f} a second, {_span(left)} left")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
