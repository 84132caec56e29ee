"""The rules of a ranked list as plain data, which is kept beside it."""

from __future__ import annotations

from typing import Any

from salesml.errors import Fault
from salesml.scoring.rank.capacity import Capacity
from salesml.scoring.rank.pick import Listed
from salesml.scoring.rank.rows import EVERYONE, NOBODY


def rules(
    expected: str,
    seed: int,
    capacity: Capacity | None = None,
    explore: float = 0.0,
    lists: list[Listed] | None = None,
    warnings: list[Fault] | None = None,
    *,
    known: bool = True,
) -> dict[str, Any]:
    """The rules of a ranked list.

    Parameters
    ----------
    expected : str
        The column of what is expected of a row.
    seed : int
        What lots were drawn from.
    capacity : Capacity, optional
        What each list may hold; nothing limits them when left out.
    explore : float
        Share of that for rows drawn by lot.
    lists : list of Listed, optional
        What each list came to.
    warnings : list of Fault, optional
        What was found that did not stop the ranking.
    known : bool
        Whether anything is expected of any row; where nothing is, rows go by their score alone.
    """
    unit = capacity.unit if capacity else ""
    by = f"{expected} per expected hour" if unit == "hours" else expected
    return {
        "format": 1,
        "order": [
            *([f"{by} descending, unknown last"] if known else []),
            "raw_score descending",
            "entity_id ascending",
        ],
        "list": f"rep_id; {NOBODY!r} for rows without one, {EVERYONE!r} where no row has one",
        "rank": "from 1 within as_of and list; none for rows that could not be scored or are not listed"
        if unit
        else "from 1 within as_of and list; none for rows that could not be scored",
        "limit": _limit(unit),
        "unassigned": _unassigned(unit),
        "explore": explore,
        "pick_probability": _probability(explore if unit else None),
        "seed": seed,
        "lists": [each.as_dict() for each in lists or [] if unit],
        "warnings": [{"code": fault.code, "words": fault.sentences} for fault in warnings or []],
    }


def _limit(unit: str) -> str:
    if not unit:
        return "none: every row that was scored is listed"
    return (
        f"{unit} of each list; rows are taken in order while they fit, and one that does not fit is passed "
        "over for later ones that do; rows expected to bring less than nothing are not taken"
    )


def _unassigned(unit: str) -> str:
    whole = f"the list {NOBODY!r} is in the same order"
    if not unit:
        return whole
    return (
        f"{whole} and, unless {unit} are given for it, without a limit, for whoever hands them out; "
        f"the list {EVERYONE!r} has the {unit} of all reps together, or of one where reps are not known"
    )


def _probability(explore: float | None) -> str:
    if explore is None:
        return "1: nothing is drawn by lot"
    if not explore:
        return "1 for listed rows, 0 for others: nothing is drawn by lot"
    return (
        "exact, of being listed, whatever the draw: rows that do not have a place for sure are dealt by lot "
        "(BLAKE2b of seed, as_of, list and entity_id) into bundles of at most the share of the limit, larger "
        "rows alone; at most one bundle of a list is drawn, each with the same probability, so that "
        "bundles take that share on average at most; rows at the end of the list make room for it; those "
        "drawn stand spread evenly over the list"
    )
