"""Sorting by small codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def places_by(codes: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
    """The places of codes of 0 or more in rising order, equal ones in theirs.

    numpy sorts numbers of two bytes digit by digit, several times as fast as longer ones.
    """
    small = int(codes.max(initial=0)) < 1 << 16
    return np.argsort(codes.astype(np.uint16) if small else codes, kind="stable")
