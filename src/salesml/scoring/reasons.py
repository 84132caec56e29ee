"""The reasons of scored rows, in words, as one Arrow column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain import Reasons
from salesml.explain.strongest import ROUNDING
from salesml.scoring.companions import Companions
from salesml.scoring.said import Kept, as_codes, said
from salesml.scoring.sorting import places_by
from salesml.scoring.table import CODED_REASON
from salesml.snapshots.feature import Feature
from salesml.words import direction, strength
from salesml.words.peers import Peers
from salesml.words.reasons import MODERATE_SHARE, STRONG_SHARE

AGREES = 1e10
"""More than any contribution: puts what agrees with a reason's direction before what does not."""

DIRECTIONS = (direction(-1), direction(1))
STRENGTHS = (strength(0), strength(MODERATE_SHARE), strength(STRONG_SHARE))
"""As words, by place."""

SILENT = 0.25
"""What a feature counts, in the choice of its group's words, where there was no event to tell of."""


def told(
    features: Sequence[Feature],
    values: pd.DataFrame,
    coded: NDArray[np.float64],
    found: Reasons,
    *,
    good_raises: bool = False,
    peers: Peers | None = None,
    kept: Kept | None = None,
) -> tuple[pa.ListArray, NDArray[np.float64]]:
    """The strongest reasons of each row in words, coded, and the sum of the contributions they list.

    A group of features is one reason. Its words and its value are those of the feature that
    contributes most to that row in the direction of the group's sum, before any that would read the
    other way; one that tells nothing but that there was no event counts a quarter, since several groups
    would otherwise say the same. A reason that rounds to nothing is not listed.

    Parameters
    ----------
    features : sequence of Feature
        In the order of the columns of the other tables.
    values : DataFrame of shape (rows, features)
        As a rep would see them: numbers, or levels as text.
    coded : ndarray of shape (rows, features)
        As the ensemble sees them.
    found : Reasons
        The strongest groups of each row, in calibrated log-odds.
    good_raises : bool
        Whether good news of an account raises the score; it lowers the risk of leaving.
    peers : Peers, optional
        What is usual among the rows that the model learned from.
    kept : Kept, optional
        As in :func:`salesml.scoring.said.said`.
    """
    listed = np.round(np.abs(found.contribution), ROUNDING) > 0
    rows, places = np.nonzero(listed)
    groups = found.index[rows, places]
    amounts, shares = found.contribution[rows, places], found.share[rows, places]
    companions = Companions(features, values)
    sign = 1 if good_raises else -1
    chosen = _leading(found, companions, rows, places, sign)
    chosen = companions.shown(rows, chosen)
    leans = (np.sign(amounts) * sign).astype(np.int64)
    members = [[features[member].name for member in group] for group in found.groups.members]
    fields = {
        **said(companions, coded, rows, chosen, leans, peers, kept),
        "features": pa.array(members, type=pa.list_(pa.string())).take(pa.array(groups)),
        "contribution": pa.array(amounts),
        "direction": _of(DIRECTIONS, amounts > 0),
        "share": pa.array(shares),
        "strength": _of(STRENGTHS, np.searchsorted([MODERATE_SHARE, STRONG_SHARE], shares, side="right")),
        "tag": _of([feature.tag for feature in features], chosen),
    }
    offsets = np.concatenate([[0], np.cumsum(listed.sum(axis=1))]).astype(np.int32)
    structs = pa.StructArray.from_arrays(
        [fields[field.name] for field in CODED_REASON], fields=list(CODED_REASON)
    )
    column = pa.ListArray.from_arrays(pa.array(offsets), structs)
    return column, np.where(listed, found.contribution, 0.0).sum(axis=1)


def _of(texts: Sequence[str], places: NDArray[Any]) -> pa.DictionaryArray:
    """The text of each place, as a code."""
    return as_codes(texts, places.astype(np.intp, copy=False))


def _leading(
    found: Reasons, companions: Companions, rows: NDArray[np.intp], places: NDArray[np.intp], sign: int
) -> NDArray[np.intp]:
    """The feature that each reason tells of, the first one of equals.

    Of those that contribute in the direction of the sum, the one that contributes most, weighted; those that
    read the other way come after all others.
    """
    groups, ways = found.index[rows, places], np.sign(found.contribution[rows, places])
    leading = np.empty(len(rows), dtype=np.intp)
    order = places_by(groups)
    for here in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else []:
        members = found.groups.members[groups[here[0]]]
        if len(members) == 1:
            leading[here] = members[0]
            continue
        way = ways[here, None]
        parts = found.members[rows[here], places[here], : len(members)]
        along = np.rint(parts * (way * 10**ROUNDING))
        readings, silent = companions.readings(members, rows[here])
        agrees = (along > 0) & (readings * sign * way >= 0)
        weighted = along * np.where(silent, SILENT, 1.0)
        leading[here] = np.take(members, (weighted + AGREES * agrees).argmax(axis=1))
    return leading
