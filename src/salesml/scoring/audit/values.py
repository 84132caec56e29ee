"""Whether the value and the tag beside a sentence are those of the feature that it tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from salesml.scoring.audit.catalogue import Catalogue
from salesml.scoring.audit.holes import Hollowed
from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.result import Notes
from salesml.scoring.audit.rows import Rows
from salesml.scoring.audit.shown import Holds, beyond, level_text, missing, nothing, read_back
from salesml.snapshots.feature import Feature
from salesml.words import english as words

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

NOWHERE = -2
"""Where a text stands that no sentence has."""


class Values:
    """The values beside all sentences.

    Parameters
    ----------
    listed : Listed
    rows : Rows
    catalogue : Catalogue
    """

    def __init__(self, listed: Listed, rows: Rows, catalogue: Catalogue) -> None:
        self._listed, self._rows, self._features = listed, rows, catalogue.features
        self._hollowed = Hollowed(listed.value)
        self._codes = np.append(self._hollowed.codes, -1)
        self._place = {text: code for code, text in enumerate(listed.value.values)}

    def fit(self, subject: int, entries: Ints) -> Bools:
        """Whether number and text beside some sentences are the values of a feature."""
        of_level = self._features[subject].kind == "category"
        return (self._level if of_level else self._number)(subject, entries)

    def _level(self, subject: int, entries: Ints) -> Bools:
        codes, levels = self._rows.levels(subject)
        form = self._features[subject].form
        wanted = [*(level_text(level, form) for level in levels), words.NOT_KNOWN]
        places = np.array([self._place.get(text, NOWHERE) for text in wanted])
        right: Bools = places[codes[self._listed.row[entries]]] == self._listed.value.codes[entries]
        return right & np.isnan(self._listed.number[entries])

    def _number(self, subject: int, entries: Ints) -> Bools:
        feature = self._features[subject]
        value = self._rows.numbers(subject)[self._listed.row[entries]]
        number, texts = self._listed.number[entries], self._listed.value.codes[entries]
        right: Bools = (value == number) | (np.isnan(value) & np.isnan(number))
        codes = self._codes[texts]
        different = np.unique(codes).tolist()
        for code in different:
            here = np.flatnonzero(codes == code) if len(different) > 1 else slice(None)
            holds = _rule(self._hollowed.distinct[code], feature.form, feature.unit) if code >= 0 else None
            if holds is None:
                right[here] = False
                continue
            numbers = self._hollowed.numbers(code, texts[here])
            shown = numbers[:, 0] if numbers.shape[1] else np.full(len(numbers), np.nan)
            with np.errstate(invalid="ignore", divide="ignore"):
                right[here] &= holds(value[here], shown)
        return right


def tags(listed: Listed, features: Sequence[Feature], traced: NDArray[np.intp], notes: Notes) -> None:
    """Note sentences whose tag is not the one of the feature that they tell."""
    known = [*dict.fromkeys(feature.tag for feature in features)]
    of_feature = np.array([known.index(feature.tag) for feature in features], dtype=np.intp)
    told = traced >= 0
    notes.add("tag", told & (listed.tag.among(known) != of_feature[np.where(told, traced, 0)]))


def _rule(text: str, form: str, unit: str) -> Holds | None:
    trend = words.NUMBER_TREND if form == "ratio" else words.AMOUNT_TREND
    turns = {word: beyond(int(form == "ratio"), way) for way, (word, _) in trend.items()}
    of_words = {words.NONE: nothing, words.NOT_KNOWN: missing, **turns}
    return of_words.get(text) or read_back(text, form, unit)
