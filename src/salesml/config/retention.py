"""What stays of past runs: the newest of each kind, and what is younger than so many days."""

from __future__ import annotations

from dataclasses import dataclass

from salesml.config.section import Section

KEYS = ("keep", "days")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """A rule for runs of one model.

    Parameters
    ----------
    keep : int
        Of each kind (trainings, backtests, looks of monitoring, payoffs, tunings, scorings) so many of the
        newest stay.
    days : int
        What is younger stays.
    """

    keep: int = 20
    days: int = 180


def read_retention(top: Section) -> dict[str, int]:
    """What stands under ``retention:``; a key that is none, and a number below zero, are faults."""
    section = top.section("retention")
    stated = {key: section.integer(key, None, least=0) for key in KEYS}
    section.done()
    return {key: value for key, value in stated.items() if value is not None}
