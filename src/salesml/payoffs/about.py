"""What a payoff says of itself: lists, dates, what was left out, where contacts were read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class About:
    """What a payoff says of itself.

    Parameters
    ----------
    task : str
    dates : tuple of str
        Of lists with a known outcome.
    rows, listed, lots, drawn : int
        Rows with a known outcome; of these on lists; that lots could choose; and of the last those listed.
    sure, never : int
        Rows that were certain to be listed, and certain not to be.
    unripe : dict of str to int
        Rows without an outcome, by the reason.
    chances : bool
        Whether the lists say with which chance each row was listed.
    ranked : bool
        Whether they are lists at all, and not score tables.
    sources : tuple of str
        Where contacts were read.
    within_days : int
    recurring, clusters : int
    joined, again : bool
        Whether lists of a rep are one cluster over all dates; whether lots were drawn again.
    """

    name: str
    task: str
    currency: str = ""
    horizon_days: int = 0
    gap_days: int = 0
    dates: tuple[str, ...] = ()
    rows: int = 0
    listed: int = 0
    lots: int = 0
    drawn: int = 0
    sure: int = 0
    never: int = 0
    unripe: dict[str, int]
    chances: bool = True
    ranked: bool = True
    sources: tuple[str, ...] = ()
    within_days: int = 0
    recurring: int = 0
    clusters: int = 0
    joined: bool = False
    again: bool = False
    notes: tuple[str, ...] = ()

    @property
    def churn(self) -> bool:
        return self.task == "churn"

    @property
    def did(self) -> str:
        """What the outcome is called: of a share ``were …``."""
        return "lost" if self.churn else "won"
