"""What each sentence says, held against the row it was told of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.scoring.audit.catalogue import Catalogue
from salesml.scoring.audit.holes import Hollowed
from salesml.scoring.audit.listed import Listed
from salesml.scoring.audit.result import Notes
from salesml.scoring.audit.rows import Rows
from salesml.scoring.audit.shown import hollow, level_text
from salesml.scoring.audit.template import Said, Value
from salesml.scoring.audit.values import Values
from salesml.scoring.sorting import places_by
from salesml.words import english as words
from salesml.words.facts import unsure

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

UNKNOWN = -1


@dataclass(frozen=True)
class Traced:
    """What was found of each sentence.

    Parameters
    ----------
    subject : ndarray of int
        The feature that it tells; -1 where no template fits.
    low, high : ndarray of float
        Days since the last event of the feature's source that the sentence allows.
    turn : ndarray of int
        1 for a rise, -1 for a fall, 0 for neither.
    """

    subject: Ints
    low: Floats
    high: Floats
    turn: NDArray[np.int8]


class Tracing:
    """Traces the sentences of a score table.

    Parameters
    ----------
    listed : Listed
    rows : Rows
    catalogue : Catalogue
    groups : Groups
    good_raises : bool
        Whether good news raises the score; it lowers the risk of leaving.
    """

    def __init__(
        self, listed: Listed, rows: Rows, catalogue: Catalogue, groups: Groups, *, good_raises: bool
    ) -> None:
        self.listed, self.rows, self.catalogue, self.groups = listed, rows, catalogue, groups
        size = len(listed)
        self.traced = Traced(
            np.full(size, UNKNOWN), np.full(size, -np.inf), np.full(size, np.inf), np.zeros(size, np.int8)
        )
        self._fits, self._true, self._other_way, self._valued = (np.zeros(size, dtype=bool) for _ in range(4))
        self._values_beside = Values(listed, rows, catalogue)
        self._lean = np.sign(listed.contribution) * (1 if good_raises else -1)
        self._hollowed = Hollowed(listed.words)

    def run(self, notes: Notes) -> Traced:
        """Trace all sentences and note those that are not true of their rows."""
        known = (self.listed.group >= 0) & (self.listed.words.codes >= 0)
        self._categories(known)
        left = np.flatnonzero(known & (self.traced.subject < 0))
        hollow = self._hollowed.codes[self.listed.words.codes[left]]
        cases, keys = pd.factorize(self.listed.group[left] * len(self._hollowed.distinct) + hollow)
        order = places_by(cases)
        starts = np.searchsorted(cases[order], np.arange(len(keys) + 1))
        for number, key in enumerate(keys.tolist()):
            group, code = divmod(key, len(self._hollowed.distinct))
            self._case(group, code, left[order[starts[number] : starts[number + 1]]])
        notes.add("untraceable", known & ~self._fits)
        notes.add("number", self._fits & ~self._true)
        notes.add("other-way", self._true & self._other_way)
        notes.add("value", self._true & ~self._valued)
        return self.traced

    def _categories(self, known: Bools) -> None:
        """Sentences that state a category: as many as there are levels, so each is written anew."""
        place = {text: code for code, text in enumerate(self.listed.words.values)}
        for group, members in enumerate(self.groups.members):
            categories = [at for at in members if self.catalogue.features[at].kind == "category"]
            here = np.flatnonzero(known & (self.listed.group == group)) if categories else np.empty(0, int)
            for position in categories if len(here) else []:
                self._category(position, here, place)

    def _category(self, position: int, here: Ints, place: dict[str, int]) -> None:
        codes, levels = self.rows.levels(position)
        form = self.catalogue.features[position].form
        stated = [*(level_text(level, form) for level in levels), words.NOT_KNOWN]
        kept = set(self.rows.kept(position))
        what = self.catalogue.what(position)
        wanted = np.array([place.get(_stated(what, text), -2) for text in stated])
        rare = [f"{text} ({words.RARE})" for text in stated]
        of_rare = np.array(
            [-2 if level in kept else place.get(_stated(what, text), -2)
             for level, text in zip([*levels, ""], rare, strict=True)]
        )  # fmt: skip
        level, said = codes[self.listed.row[here]], self.listed.words.codes[here]
        compared, higher = self.catalogue.level_tails(position, levels, stated)
        of_such = np.array([place.get(text, -2) for text in compared])
        found = here[(wanted[level] == said) | (of_rare[level] == said) | (of_such[level] == said)]
        raises = self.listed.contribution[here] > 0
        self._other_way[here[(of_such[level] == said) & (np.array(higher)[level] != raises)]] = True
        self._fits[found] = self._true[found] = True
        self.traced.subject[found] = position
        self._valued[found] = self._values_beside.fit(position, found)

    def _case(self, group: int, code: int, entries: Ints) -> None:
        """All sentences of a group that differ in their numbers only."""
        said = self.catalogue.said(self.groups.members[group], self._hollowed.distinct[code])
        if not said:
            return
        numbers = self._hollowed.numbers(code, self.listed.words.codes[entries])
        for each in said:
            open_ = ~self._valued[entries]
            for hole, number in each.fixed:
                open_ &= numbers[:, hole] == number
            if open_.all():
                self._hold(each, entries, numbers)
            elif open_.any():
                self._hold(each, entries[open_], numbers[open_])

    def _hold(self, said: Said, entries: Ints, numbers: Floats) -> None:
        """Hold what sentences say against their rows."""
        self._fits[entries] = True
        rows = self.listed.row[entries]
        true = np.ones(len(entries), dtype=bool)
        nothing = np.full(len(entries), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            for claim in said.claims:
                shown = numbers[:, claim.hole] if claim.hole >= 0 else nothing
                true &= claim.holds(self._values(claim.of, rows), shown)
            for position, text, first in said.levels:
                true &= self._levels_are(position, rows, text, first, numbers)
            other = self._reads(said, rows, entries)
        true &= other != 0
        if not true.all():
            entries, other = entries[true], other[true]
        valued = self._values_beside.fit(said.subject, entries)
        better = valued | ~self._true[entries]  # two features may say the same: the value tells which
        found, other, valued = (
            (entries, other, valued) if better.all() else (entries[better], other[better], valued[better])
        )
        self._valued[found] = valued
        self._true[found] = True
        self._other_way[found] = other < 0
        self.traced.subject[found] = said.subject
        self.traced.turn[found] = {"up": 1, "down": -1}.get(said.reads, 0)
        self._since(said, found)

    def _values(self, value: Value, rows: Ints) -> Floats:
        if not value.positions:
            return np.full(len(rows), value.constant)
        if not value.derived:
            return self.rows.numbers(value.positions[0])[rows]
        now, both, turn = value.positions
        present, trend = self.rows.numbers(now)[rows], self.rows.numbers(turn)[rows]
        if both >= 0:
            known = self.rows.numbers(both)[rows] - np.nan_to_num(present)
            return np.where(np.isnan(trend), np.nan, known)
        if value.derived == "events before":
            return np.round((present + 1) / trend - 1)
        return present * (1 - trend) / (1 + trend)

    def _levels_are(self, position: int, rows: Ints, text: str, first: int, numbers: Floats) -> Bools:
        """Whether the rows have the level whose hollowed text stands in a sentence, numbers and all."""
        codes, levels = self.rows.levels(position)
        true = np.zeros(len(rows), dtype=bool)
        for code, level in enumerate(levels):
            hollowed, inside = hollow(level_text(level))
            if hollowed == text:
                same = numbers[:, first : first + len(inside)] == inside if inside else True
                true |= (codes[rows] == code) & np.all(same, axis=-1)
        return true

    def _reads(self, said: Said, rows: Ints, entries: Ints) -> NDArray[np.int8]:
        """1 where a sentence reads as its reason leans, -1 where the other way, 0 where it is false."""
        if not said.reads:
            return np.ones(len(rows), dtype=np.int8)
        lean, raises = self._lean[entries], self.listed.contribution[entries] > 0
        always = {"raises": raises, "lowers": ~raises, "good": lean > 0, "bad": lean < 0}
        if said.reads in always:
            return np.where(always[said.reads], 1, -1).astype(np.int8)
        first, second = (self._values(value, rows) for value in said.against)
        if said.reads == "late":
            return np.where((first > second) == (lean < 0), 1, -1).astype(np.int8)
        up = said.reads == "up"
        moved = first > second if up else np.nan_to_num(first) < second
        agrees = ((lean > 0) == up) | unsure(self.catalogue.facts[said.subject])
        return (np.where(agrees, 1, -1) * moved).astype(np.int8)

    def _since(self, said: Said, entries: Ints) -> None:
        """What is said of the time since the last event."""
        if said.since == "never":
            self.traced.low[entries] = np.inf
        elif said.since == "not in":
            self.traced.low[entries] = said.days + 0.5
        elif said.since == "in":
            self.traced.high[entries] = said.days + 0.5
        elif said.since == "at":
            days = self.rows.numbers(said.subject)[self.listed.row[entries]]
            self.traced.low[entries] = self.traced.high[entries] = days


def _stated(what: str, value: str) -> str:
    return words.STATEMENT.format(what=what[:1].upper() + what[1:], value=value)
