"""Sentences of one row that cannot all be true, whatever the data say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.result import Notes
from salesml.scoring.audit.structure import repeated
from salesml.scoring.audit.tracing import Traced
from salesml.snapshots.feature import Feature
from salesml.words.texts import named

Ints = NDArray[np.intp]


LOGS = ("events.", "activities")
"""Sources in which all sentences are about the same events; elsewhere a column may tell of anything."""


def said_twice(listed: Listed, features: Sequence[Feature], traced: Traced, notes: Notes) -> None:
    """Note sentences that stood in their row before.

    Two features that are called alike may say the same, each for itself.
    """
    called = [named(feature.words, feature.name) for feature in features]
    alike = [called.count(name) > 1 for name in called]
    which = np.array([place if twin else -1 for place, twin in enumerate(alike)] + [-1])[traced.subject]
    codes = listed.words.codes * (len(called) + 1) + which + 1
    told = listed.words.codes >= 0
    notes.add("words-twice", repeated(listed.row, np.where(told, codes, -1 - listed.place)))


def contradictions(listed: Listed, features: Sequence[Feature], traced: Traced, notes: Notes) -> None:
    """Note sentences that another one of their row contradicts.

    Of the events of one source: that the last one was longer ago than another sentence allows, such as
    "No order so far" beside "3 orders in the last 30 days". Of one measure over one window: that it rose
    and that it fell.
    """
    sources = pd.factorize(np.array([feature.source for feature in features]))[0]
    measures = pd.factorize(
        pd.Series([f"{feature.source}/{feature.column}/{feature.window_days}" for feature in features])
    )[0]
    of_log = np.array([feature.source.startswith(LOGS) for feature in features] + [False])
    bounded = np.isfinite(traced.high) | (traced.low > -np.inf)
    some = np.flatnonzero(of_log[traced.subject] & bounded)
    notes.add("contradiction", _apart(listed, sources, traced, some, traced.low, traced.high))
    moved = np.flatnonzero(traced.turn != 0)
    turn = traced.turn.astype(float)
    notes.add("contradiction", _apart(listed, measures, traced, moved, turn, turn))


def _apart(
    listed: Listed, owner: Ints, traced: Traced, some: Ints, low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> Ints:  # fmt: skip
    """Of some entries, those of a row and an owner whose greatest lower end is above the least upper end."""
    keys = pd.factorize(listed.row[some] * (owner.max(initial=0) + 1) + owner[traced.subject[some]])[0]
    size = keys.max(initial=-1) + 1
    least, most = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(least, keys, low[some])
    np.minimum.at(most, keys, high[some])
    return some[(least > most)[keys]]
