"""Where long work says what it is doing: a callable that takes a line of text."""

from __future__ import annotations

import logging
from collections.abc import Callable

Say = Callable[[str], None]

_log = logging.getLogger("salesml")


def quiet(text: str) -> None:
    """Lines go to the logger ``salesml``: what a library does when nobody listens."""
    _log.info(text)
