"""What is asked for at every request and may be some seconds old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The result of some work, done again when it is older than so many seconds.

    Two threads may do the work at the same time; each gets what it found.
    """

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        self.work = work
        self.seconds = seconds
        self._found: tuple[float, T] | None = None

    def __call__(self) -> T:
        """What was found lately, or is found now."""
        found = self._found
        if found is None or time.monotonic() - found[0] > self.seconds:
            found = self._found = time.monotonic(), self.work()
        return found[1]
