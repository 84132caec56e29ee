"""Features that complete one another's sentences, found by what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.snapshots.feature import Feature
from salesml.words.facts import BESIDE, SHOWN_AS, Fact, read_fact
from salesml.words.readings import reading, silent

OF_ALL = ("count", "count_trend", "returned", "running")
"""Kinds that are of a source as a whole, not of one of its columns."""


STAGES = "stages"
"""The source whose texts complete a sentence; elsewhere a column may be called anything."""


class Companions:
    """What each feature of some rows tells, and where its companions stand.

    Parameters
    ----------
    features : sequence of Feature
    values : DataFrame of shape (rows, features)
    """

    def __init__(self, features: Sequence[Feature], values: pd.DataFrame) -> None:
        self.features = features
        self.values = values
        self._numbers: dict[int, NDArray[np.float64]] = {}
        self.facts = [_fact(feature) for feature in features]
        self._name_events()
        places = {
            _key(feature, fact.kind, fact.days): position
            for position, (feature, fact) in reversed([*enumerate(zip(features, self.facts, strict=True))])
        }
        self.beside = [
            _beside(feature, fact, places) for feature, fact in zip(features, self.facts, strict=True)
        ]

    def _name_events(self) -> None:
        """One event and several are called alike in all facts of a source."""
        singular = {
            feature.source: fact.one
            for feature, fact in zip(self.features, self.facts, strict=True)
            if fact.kind and fact.one
        }
        self.facts = [
            replace(fact, one=fact.one or singular.get(feature.source, "")) if fact.kind else fact
            for feature, fact in zip(self.features, self.facts, strict=True)
        ]

    def column(self, position: int, rows: NDArray[np.intp]) -> list[Any]:
        """A feature's values in some rows: floats or text, None where missing."""
        if self.features[position].kind == "number":
            numbers = self.numbers(position)[rows].tolist()
            return [None if value != value else value for value in numbers]
        column = self.values.iloc[rows, position]
        return [None if pd.isna(value) else str(value) for value in column]

    def numbers(self, position: int) -> NDArray[np.float64]:
        """A number in all rows, NaN where missing."""
        if position not in self._numbers:
            self._numbers[position] = self.values.iloc[:, position].to_numpy(dtype=np.float64)
        return self._numbers[position]

    def comparable(self, position: int) -> NDArray[np.float64]:
        """Equal for equal values: numbers themselves, and a number for each text; NaN where missing."""
        if self.features[position].kind == "number":
            return self.numbers(position)
        if position not in self._numbers:
            codes = pd.factorize(self.values.iloc[:, position])[0]
            self._numbers[position] = np.where(codes < 0, np.nan, codes)
        return self._numbers[position]

    def shown(self, rows: NDArray[np.intp], chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """The features whose values stand in the sentences: a number in place of a ratio of it."""
        result = chosen.copy()
        for position in np.unique(chosen):
            role = SHOWN_AS.get(self.facts[position].kind, "")
            stand_in = self.beside[position].get(role)
            if stand_in is not None:
                known = ~np.isnan(self.comparable(stand_in)[rows])
                result[(chosen == position) & known] = stand_in
        return result

    def readings(
        self, members: Sequence[int], rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """What some features of some rows say, shape (rows, members).

        First whether the value is good news, 1, bad news, -1, or neither; then whether it tells nothing but
        that there was no event.
        """
        news = np.zeros((len(rows), len(members)), dtype=np.int8)
        nothing = np.zeros(news.shape, dtype=bool)
        for place, position in enumerate(members):
            fact = self.facts[position]
            if fact.kind and self.features[position].kind == "number":
                value, near = self.numbers(position)[rows], self._near(position, rows)
                news[:, place] = reading(fact, value, near)
                nothing[:, place] = silent(fact, value, near)
        return news, nothing

    def _near(self, position: int, rows: NDArray[np.intp]) -> dict[str, NDArray[np.float64]]:
        """The numbers that stand beside a feature, by role."""
        return {
            role: self.numbers(at)[rows]
            for role, at in self.beside[position].items()
            if self.features[at].kind == "number"
        }


def _fact(feature: Feature) -> Fact:
    if feature.kind == "number" or feature.source == STAGES:
        return read_fact(feature.words, feature.form, feature.unit)
    return Fact()


def _key(feature: Feature, kind: str, days: int) -> tuple[str, str, str, int]:
    return feature.source, "" if kind in OF_ALL else feature.column, kind, days


def _beside(feature: Feature, fact: Fact, places: dict[tuple[str, str, str, int], int]) -> dict[str, int]:
    wanted = {
        role: _key(feature, kind, fact.days * times)
        for role, (kind, times) in BESIDE.get(fact.kind, {}).items()
    }
    return {role: places[key] for role, key in wanted.items() if key in places}
