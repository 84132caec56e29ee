"""The lottery of lists that were written, dealt again from their rules: what else might have been drawn.

All that a list leaves to chance is one number between 0 and 1 (:mod:`salesml.scoring.rank.explore`). Who
knows the bundles therefore knows every list that might have been, and how likely each was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scoring.rank.capacity import Capacity, fill
from salesml.scoring.rank.explore import Deal, deal, lots
from salesml.scoring.rank.order import order
from salesml.scoring.rank.pick import costs_of, groups
from salesml.scoring.rank.rows import Rows

CLOSE = 1e-9
"""How far a probability that is counted out again may be off by rounding."""


@dataclass(frozen=True)
class Dealt:
    """The bundles of one list of one date.

    ``places`` are its rows' positions in the table that was given; the arrays of ``deal`` are in their order.
    """

    places: NDArray[np.intp]
    deal: Deal


def dealt_again(ranked: pd.DataFrame, task: str, rules: Mapping[str, Any]) -> list[Dealt] | None:
    """The bundles of every list that has a limit, or None where they are not those of the list.

    Parameters
    ----------
    ranked : DataFrame
        A ranked list, every row of it, with ``pick_probability`` and ``rank``.
    task : str
    rules : mapping
        The rules that were written beside it.

    Returns
    -------
    list of Dealt or None
        None where the rules are not there or not complete, or where the bundles do not give each row the
        probability that the list says and the place that it has: a list whose rows were changed, say.
    """
    try:
        explore, seed = float(rules["explore"]), int(rules["seed"])
        unit = str(rules["limit"]).split(maxsplit=1)[0]
        told = {
            (str(each["as_of"]), str(each["list"])): each
            for each in rules["lists"]
            if each["lot"] is not None
        }
    except (KeyError, TypeError, ValueError):
        return None
    if unit not in ("hours", "places") or not explore:
        return None
    rows = Rows.of(ranked, task)
    costs = costs_of(rows, Capacity(unit, 0.0))
    by = rows.return_on_effort if unit == "hours" else rows.expected
    said = pd.to_numeric(ranked["pick_probability"]).to_numpy(dtype=float, na_value=np.nan)
    listed = ranked["rank"].notna().to_numpy()
    found = []
    for group in groups(rows, order(rows, by)):
        each = told.get((rows.days[rows.day[group[0]]], rows.lists[rows.list_of[group[0]]]))
        if each is not None:
            made = _dealt(rows, costs, group, each, unit, explore, seed)
            if not _same(said[group], listed[group], made, float(each["lot"])):
                return None
            found.append(Dealt(group, made))
    return found


def _dealt(
    rows: Rows,
    costs: NDArray[np.int64],
    group: NDArray[np.intp],
    told: Mapping[str, Any],
    unit: str,
    explore: float,
    seed: int,
) -> Deal:
    parts = round(float(told["limit"]) * Capacity(unit).step)
    here = costs[group]
    free = rows.scored[group] & (here > 0) & (here <= parts)
    taken = fill(here, free & ~(rows.expected[group] < 0), parts)
    numbers = lots(seed, str(told["as_of"]), str(told["list"]), rows.entity[group])
    return deal(here, free, taken, parts, explore * parts, numbers)


def _same(said: NDArray[np.float64], listed: NDArray[np.bool_], made: Deal, lot: float) -> bool:
    """Whether the bundles give the probabilities and the list that were written."""
    drawn = made.draw(lot)
    return bool(
        np.allclose(made.probability, said, rtol=0, atol=CLOSE)
        and np.array_equal(drawn.kept | drawn.drawn, listed)
    )
