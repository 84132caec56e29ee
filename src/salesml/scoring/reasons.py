"""The reasons of scored rows, in words, as one Arrow column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.explain import Reasons, strongest
from salesml.explain.strongest import ROUNDING
from salesml.scoring.table import REASON
from salesml.snapshots.feature import Feature
from salesml.words import direction, sentence, strength, value_text


def told(
    features: Sequence[Feature],
    values: pd.DataFrame,
    coded: NDArray[np.float64],
    contributions: NDArray[np.float64],
    top: int,
) -> tuple[pa.ListArray, NDArray[np.float64]]:
    """The strongest reasons of each row, and the sum of the contributions they list.

    A group of features is one reason; its words and its value are those of the group's feature that
    contributes most to that row. A reason that rounds to nothing is not listed.

    Parameters
    ----------
    features : sequence of Feature
        In the order of the columns of the other tables.
    values : DataFrame of shape (rows, features)
        As a rep would see them: numbers, or levels as text.
    coded : ndarray of shape (rows, features)
        As the ensemble sees them.
    contributions : ndarray of shape (rows, features + 1)
        In calibrated log-odds, the base value last.
    top : int
        Most reasons per row.
    """
    found = strongest(contributions, [feature.group for feature in features], top)
    listed = np.round(np.abs(found.contribution), ROUNDING) > 0
    rows, places = np.nonzero(listed)
    groups = found.index[rows, places]
    chosen = _leading(found, contributions)[rows, groups]
    amounts, shares = found.contribution[rows, places], found.share[rows, places]
    fields = {
        **_facts(features, values, coded, rows, chosen),
        "features": [[features[member].name for member in found.groups.members[group]] for group in groups],
        "contribution": amounts,
        "direction": [direction(amount) for amount in amounts],
        "share": shares,
        "strength": [strength(share) for share in shares],
    }
    arrays = [pa.array(fields[field.name], type=field.type) for field in REASON]
    offsets = np.concatenate([[0], np.cumsum(listed.sum(axis=1))]).astype(np.int32)
    structs = pa.StructArray.from_arrays(arrays, fields=list(REASON))
    column = pa.ListArray.from_arrays(pa.array(offsets), structs)
    return column, np.where(listed, found.contribution, 0.0).sum(axis=1)


def _leading(found: Reasons, contributions: NDArray[np.float64]) -> NDArray[np.intp]:
    """For each row and group, the feature that contributes most; the first one of equals."""
    size = np.round(np.abs(contributions[:, :-1]), ROUNDING)
    leading = np.empty((len(size), len(found.groups.members)), dtype=np.intp)
    for group, members in enumerate(found.groups.members):
        leading[:, group] = np.take(members, size[:, list(members)].argmax(axis=1))
    return leading


def _facts(
    features: Sequence[Feature],
    values: pd.DataFrame,
    coded: NDArray[np.float64],
    rows: NDArray[np.intp],
    chosen: NDArray[np.intp],
) -> dict[str, NDArray[Any]]:
    """Words, value and tag of each reason, worded once for each value that occurs."""
    facts: dict[str, NDArray[Any]] = {
        name: np.empty(len(rows), dtype=object) for name in ("words", "value_text", "value_number", "tag")
    }
    for position in np.unique(chosen):
        here = np.flatnonzero(chosen == position)
        feature = features[position]
        shown = values.iloc[rows[here], position].to_numpy()
        number, rare = feature.kind == "number", np.zeros(len(here), dtype=bool)
        if not number:
            rare = np.isnan(coded[rows[here], position])
        worded = _worded(feature, shown, rare)
        facts["words"][here] = [pair[0] for pair in worded]
        facts["value_text"][here] = [pair[1] for pair in worded]
        facts["value_number"][here] = [float(v) if number and not pd.isna(v) else None for v in shown]
        facts["tag"][here] = feature.tag
    return facts


def _worded(feature: Feature, shown: NDArray[Any], rare: NDArray[np.bool_]) -> list[tuple[str, str]]:
    """Sentence and value of each entry, each worded once."""
    known: dict[tuple[object, bool], tuple[str, str]] = {}
    worded = []
    for raw, odd in zip(shown, rare, strict=True):
        value = None if pd.isna(raw) else float(raw) if feature.kind == "number" else str(raw)
        key = (value, bool(odd))
        if key not in known:
            what = feature.words or feature.name.replace("_", " ")
            known[key] = (
                sentence(what, value, feature.form, feature.unit, rare=bool(odd)),
                value_text(value, feature.form, feature.unit, what),
            )
        worded.append(known[key])
    return worded
