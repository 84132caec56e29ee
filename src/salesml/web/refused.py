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


class TooNarrow(Exception):  # noqa: N818
    """A token without the scope that is needed, or of somebody who may not do it.

    Parameters
    ----------
    scope : str
        The scope that is needed; empty where none would do.
    """

    def __init__(self, scope: str = "") -> None:
        super().__init__(scope)
        self.scope = scope


class Gone(Exception):  # noqa: N818
    """The scores that a list began with are kept no longer."""


class Unfit(Exception):  # noqa: N818
    """What was sent can be understood, and cannot be taken.

    Parameters
    ----------
    sentence : str
        Why.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
