"""Reasons for which a request is not answered; :mod:`salesml.web.refusals` says what is said instead."""

from __future__ import annotations


class NotSignedIn(Exception):  # noqa: N818  # what it says is not an error
    """Nobody is signed in."""


class BadForm(Exception):  # noqa: N818
    """Something was to be changed, but not by a form of this session."""


class NotYours(Exception):  # noqa: N818
    """There is no such thing, or it is not theirs: one answer for both."""


class SlowDown(Exception):  # noqa: N818
    """Too many tries.

    Parameters
    ----------
    seconds : int
        After which it may be tried again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = max(1, seconds)
