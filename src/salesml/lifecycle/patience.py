"""Trying again what is outside, a few times and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from salesml.errors import OutsideError

PAUSES = (1.0, 4.0)
"""Seconds before each further try."""

T = TypeVar("T")


def patiently(work: Callable[[], T], told: Callable[[str], None]) -> T:
    """What some work gives; when something outside is away it is tried again after a pause.

    Parameters
    ----------
    told : callable
        Gets a line before each pause.

    Raises
    ------
    OutsideError
        That of the last try.
    """
    for pause in PAUSES:
        try:
            return work()
        except OutsideError as error:
            told(f"{error.faults[0].found.rstrip('.')}; trying again in {pause:.0f} s")
            time.sleep(pause)
    return work()
