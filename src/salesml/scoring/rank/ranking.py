"""Ranking a score table: who comes first, within what a rep can do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.scoring.rank.capacity import capacity_of
from salesml.scoring.rank.faults import refuse_unknown_hours, warnings
from salesml.scoring.rank.pick import Listed, pick
from salesml.scoring.rank.rows import Rows, check_names, task_of
from salesml.scoring.rank.rules import rules
from salesml.scoring.table import expected_column, schema

EXTRA = pa.schema(
    [
        ("rank", pa.int64()),
        ("list", pa.string()),
        ("pick_probability", pa.float64()),
        ("seed", pa.int64()),
        ("picked", pa.string()),
        ("unlisted", pa.string()),
    ]
)
"""What ranking adds to a score table."""


@dataclass(frozen=True)
class Ranking:
    """The order of a score table's rows, what is added to each, and the rules.

    ``columns`` are in the order of the ranked table, as ``order`` says.
    """

    order: NDArray[np.intp]
    columns: pd.DataFrame
    rules: dict[str, Any]
    lists: list[Listed]


def rank(
    scores: pd.DataFrame | pa.Table,
    *,
    seed: int = 0,
    hours_per_rep: float | Mapping[str, float] | None = None,
    places_per_rep: int | None = None,
    explore: float = 0.0,
    reps: Collection[str] | None = None,
) -> pd.DataFrame:
    """Order scored rows by what they are expected to return, within the list of each rep.

    Without a limit a list holds every scored row, ordered by ``expected_loss`` (or ``expected_value``):
    probability times value. Equal ones are ordered by ``raw_score``, which still tells apart what
    probabilities near 0 or 1 no longer do, then by ``entity_id``. Rows whose value is not known follow,
    ordered likewise. Rows that could not be scored stand last, without a rank.

    With hours, the order is by what an hour is expected to bring (expected value by ``expected_hours``),
    and rows are taken as long as they fit into the hours of their rep; one that does not fit is passed over
    for later ones that do. Rows whose hours are not known, and rows expected to bring less than nothing,
    are not taken. With places, each row takes one. Every row stays in the table, those that are not listed
    with the reason.

    Parameters
    ----------
    scores : DataFrame or pyarrow.Table
        A score table of one task, of one as-of date or several: each date has its own lists.
    seed : int
        What is drawn by lot is drawn from it: for equal seeds, dates, lists and entities alike.
    hours_per_rep : float or mapping of str to float, optional
        Hours that each list may take: the same for every rep, or each rep's own by ``rep_id``; reps not
        in the mapping have none. The list ``unassigned``, of rows without a rep, has a limit only where
        the mapping names it. Where no row names a rep, the list ``all`` has the hours of all reps.
    places_per_rep : int, optional
        Rows that each list may hold, instead of hours.
    explore : float
        Share of the hours or places for rows drawn by lot among those that do not have a place for sure,
        0 up to 1. On average these take that share, or less where bundles do not fill it.
    reps : collection of str, optional
        Who is a rep; the keys of ``hours_per_rep`` when left out.

    Returns
    -------
    DataFrame
        The score table with ``rank`` (from 1, within ``list`` and ``as_of``), ``list``,
        ``pick_probability`` (exact, of being listed, for rows listed or not), ``seed``, ``picked``
        (``rank`` or ``explore``) and ``unlisted`` (why a row stands in no list); ordered by as-of date,
        then over all lists, with a limit list by list. ``attrs["rules"]`` holds the rules and warnings.

    Raises
    ------
    UsageError
        ``two-limits``, ``bad-hours``, ``no-hours``, ``bad-places``, ``bad-share``,
        ``bad-seed``, ``explore-without-limit``: all that is wrong together.
    DataError
        ``not-scores`` when columns of a score table are missing or it mixes tasks;
        ``no-expected-hours`` when no row says how many hours it takes.
    """
    frame = scores if isinstance(scores, pd.DataFrame) else scores.to_pandas()
    names = list(frame.columns)
    task = task_of(frame["task"].unique() if "task" in frame else (), names)
    check_names(names, task)
    done = ranking(
        frame, task, seed=seed, hours_per_rep=hours_per_rep, places_per_rep=places_per_rep,
        explore=explore, reps=reps,
    )  # fmt: skip
    result = frame.drop(columns=[name for name in EXTRA.names if name in frame])
    result = result.iloc[done.order].reset_index(drop=True)
    result[EXTRA.names] = done.columns
    result.attrs["rules"] = done.rules
    return result


def ranking(
    frame: pd.DataFrame,
    task: str,
    *,
    seed: int = 0,
    hours_per_rep: float | Mapping[str, float] | None = None,
    places_per_rep: int | None = None,
    explore: float = 0.0,
    reps: Collection[str] | None = None,
) -> Ranking:
    """As :func:`rank`, from the columns of a score table that ranking looks at."""
    if reps is None and isinstance(hours_per_rep, Mapping):
        reps = set(hours_per_rep)
    capacity = capacity_of(hours_per_rep, places_per_rep, reps, explore, seed)
    rows = Rows.of(frame, task)
    refuse_unknown_hours(rows, capacity)
    expected = expected_column(task)
    picks = pick(rows, capacity, explore, seed)
    found = warnings(rows, capacity, expected)
    known = bool(np.isfinite(rows.expected).any()) or not len(rows)
    told = rules(expected, seed, capacity, explore, picks.lists, found, known=known)
    return Ranking(picks.order, picks.columns, told, picks.lists)


def ranked_schema(task: str, horizons: Sequence[int] = ()) -> pa.Schema:
    """Columns of the rank table of a task, in order; with ``horizons`` those of a curve among them."""
    return pa.schema([*schema(task, horizons=horizons), *EXTRA])
