"""What has no counterpart in a dialect."""

from __future__ import annotations


class UntranslatableError(Exception):
    """A part of an expression that means something else, or nothing, in a dialect.

    Parameters
    ----------
    found : str
        What it is, for an error that a person reads.
    """

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found
