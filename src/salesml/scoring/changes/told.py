"""What moved most in a part of a change, in words, as one Arrow column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain import strongest
from salesml.explain.changes import Explained
from salesml.explain.strongest import ROUNDING
from salesml.scoring.changes.table import CHANGE
from salesml.scoring.withheld import hidden
from salesml.snapshots.feature import Feature
from salesml.words import direction, strength

Floats = NDArray[np.float64]
Wording = Callable[["Said"], tuple[str, str, str, str]]
"""The words of a reason: as it stands alone, as an item in a text, the values before and now."""


class Said(NamedTuple):
    """What a reason says: a feature by its position, its value before and now, whether the model reads
    neither, which way it leans, and how many events there were of what it is about, where that is known."""

    at: int
    before: Any
    now: Any
    unread_before: bool
    unread_now: bool
    lean: int
    events_before: float | None
    events_now: float | None


@dataclass(frozen=True)
class Part:
    """One of the two parts of a change.

    Parameters
    ----------
    features : sequence of Feature
        In the order of the columns of the other tables.
    moved : Explained
        What moved, of ``before`` and ``now``: contributions of shape (rows, features).
    values_before, values_now : DataFrame of shape (rows, features)
    unread_before, unread_now : ndarray of shape (rows, features)
    prefer : ndarray of shape (rows, features)
        Of the members of a group, those with the highest come first to be told, before what they moved.
    only_in : mapping of str to str
        Features that one model alone has, and which.
    events : sequence of int or None
        For each feature the position of the one that counts the events it is about, where there is one.
    """

    features: Sequence[Feature]
    moved: Explained
    before: Floats
    now: Floats
    values_before: pd.DataFrame
    values_now: pd.DataFrame
    unread_before: NDArray[np.bool_]
    unread_now: NDArray[np.bool_]
    prefer: NDArray[np.int8]
    only_in: Mapping[str, str]
    events: Sequence[int | None]


@dataclass(frozen=True)
class Told:
    """The reasons of a part: the column, the sum of what it lists, and each row's items by direction."""

    column: pa.ListArray
    listed: Floats
    raises: list[list[str]]
    lowers: list[list[str]]


def tell(
    part: Part, top: int, wording: Wording, *, good_raises: bool, withheld: Collection[str] = ()
) -> Told:
    """The groups that moved most in each row, by the rule of :func:`salesml.explain.strongest`.

    What rounds to nothing is not listed.

    Parameters
    ----------
    top : int
        Most of them per row.
    wording : callable
        Says a feature's change.
    good_raises : bool
        Whether good news of an account raises the score.
    withheld : collection of str
        Attributes of which nothing is listed; what they moved stands among the rest.
    """
    found = strongest(part.moved.values, part.moved.groups, top)
    never = hidden(part.features, found.groups, withheld)[found.index]
    there = (np.round(np.abs(found.contribution), ROUNDING) > 0) & ~never
    rows, places = np.nonzero(there)
    groups = found.index[rows, places]
    amounts, shares = found.contribution[rows, places], found.share[rows, places]
    chosen = _leading(part, found.groups.members)[rows, groups]
    leans = (np.sign(amounts) * (1 if good_raises else -1)).astype(int)
    before, now = found.groups.total(part.before), found.groups.total(part.now)
    members = found.groups.members
    fields: dict[str, Any] = {
        **_facts(part, rows, chosen, leans, wording),
        "features": [[part.features[member].name for member in members[group]] for group in groups],
        "contribution_before": before[rows, groups],
        "contribution_now": now[rows, groups],
        "contribution": amounts,
        "direction": [direction(amount) for amount in amounts],
        "share": shares,
        "strength": [strength(share) for share in shares],
        "only_in": [_only([part.features[member] for member in members[group]], part) for group in groups],
    }
    arrays = [pa.array(fields[field.name], type=field.type) for field in CHANGE]
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    structs = pa.StructArray.from_arrays(arrays, fields=list(CHANGE))
    raises: list[list[str]] = [[] for _ in range(len(there))]
    lowers: list[list[str]] = [[] for _ in range(len(there))]
    for row, amount, item in zip(rows.tolist(), amounts, fields["item"], strict=True):
        (raises if amount > 0 else lowers)[row].append(item)
    listed = np.where(there, found.contribution, 0.0).sum(axis=1)
    return Told(pa.ListArray.from_arrays(pa.array(offsets), structs), listed, raises, lowers)


def _leading(part: Part, groups: Sequence[tuple[int, ...]]) -> NDArray[np.intp]:
    """For each row and group, the feature that is told; the first one of equals.

    Of those that moved in the direction of the sum, the one that is preferred, then that moved most.
    """
    leading = np.empty((len(part.before), len(groups)), dtype=np.intp)
    moved = part.moved.values[:, :-1]
    for group, members in enumerate(groups):
        at = list(members)
        way = np.sign(moved[:, at].sum(axis=1, keepdims=True))
        along = np.round(moved[:, at] * way, ROUNDING)
        first = np.where(along > 0, 1 + part.prefer[:, at], 0)
        best = first == first.max(axis=1, keepdims=True)
        leading[:, group] = np.take(members, np.where(best, along, -np.inf).argmax(axis=1))
    return leading


def _only(members: Sequence[Feature], part: Part) -> str:
    """The model that alone has all of them, if one does."""
    models = {part.only_in.get(member.name, "") for member in members}
    return models.pop() if len(models) == 1 else ""


def _facts(
    part: Part, rows: NDArray[np.intp], chosen: NDArray[np.intp], leans: NDArray[np.int_], wording: Wording
) -> dict[str, Any]:
    """Words and values, each worded once for all rows in which they occur."""
    texts = ("words", "item", "text_before", "text_now")
    names = (*texts, "number_before", "number_now")
    facts: dict[str, Any] = {name: np.empty(len(rows), dtype=object) for name in names}
    for position in np.unique(chosen).tolist():
        here = np.flatnonzero(chosen == position)
        values = _values(part, position, rows[here])
        known: dict[Said, tuple[str, str, str, str]] = {}
        said = [
            Said(position, *each) for each in zip(*values[:4], leans[here].tolist(), *values[4:], strict=True)
        ]
        worded = [known.get(each) or known.setdefault(each, wording(each)) for each in said]
        for place, name in enumerate(texts):
            facts[name][here] = [each[place] for each in worded]
        if part.features[position].kind == "number":
            facts["number_before"][here], facts["number_now"][here] = values[:2]
    return facts


def _values(part: Part, position: int, rows: NDArray[np.intp]) -> list[list[Any]]:
    """Values before and now, whether they are unread, and the numbers of events, before and now."""
    number, events = part.features[position].kind == "number", part.events[position]
    both = part.values_before, part.values_now
    counted = (
        [[None] * len(rows)] * 2 if events is None else [_column(each, events, rows, True) for each in both]
    )
    return [
        *(_column(each, position, rows, number) for each in both),
        part.unread_before[rows, position].tolist(),
        part.unread_now[rows, position].tolist(),
        *counted,
    ]


def _column(values: pd.DataFrame, position: int, rows: NDArray[np.intp], number: bool) -> list[Any]:
    """A feature's values in some rows: floats or text, None where missing."""
    found = values.iloc[rows, position]
    if number:
        return [None if value != value else value for value in found.to_numpy(dtype=float).tolist()]
    return [None if pd.isna(value) else str(value) for value in found]


def differs(before: pd.DataFrame, now: pd.DataFrame) -> NDArray[np.bool_]:
    """For each row and feature, whether its value is another one; both missing is the same."""
    result = np.empty(before.shape, dtype=bool)
    for place in range(before.shape[1]):
        one, two = before.iloc[:, place], now.iloc[:, place]
        same = (one.to_numpy() == two.to_numpy()) | (one.isna().to_numpy() & two.isna().to_numpy())
        result[:, place] = ~same.astype(bool)
    return result
