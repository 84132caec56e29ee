"""Compiled loops that are kept between processes. Import only where it is used: it brings numba.

They release Python's lock, so that a thread pool can run them side by side. What numba compiled goes where
Python's own compiled files go, beside the module, or else to the user's cache folder; where neither can be
written, each process compiles anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function``, compiled when first called and kept where that is possible."""
    try:
        made: F = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder that it may write to.
        made = numba.njit(nogil=True, error_model="numpy")(function)
    return made
