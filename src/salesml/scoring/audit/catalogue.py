"""For each feature, the sentences that may tell it, with what each states: the catalogue read backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from salesml.scoring.audit.beside import of_such, with_peers
from salesml.scoring.audit.sentences import sentences
from salesml.scoring.audit.template import Said, Template
from salesml.scoring.audit.told import capital
from salesml.snapshots.feature import Feature
from salesml.words import english as words
from salesml.words.facts import BESIDE, SHOWN_AS, Fact, read_fact
from salesml.words.peers import Peers
from salesml.words.texts import named

OF_SOURCE = ("count", "count_trend", "returned", "running", "events")
"""Kinds that are of a whole source, not of one of its columns."""


def facts_of(features: Sequence[Feature]) -> list[Fact]:
    """What each feature tells; events are called alike in all features of a source."""
    facts = [
        read_fact(feature.words, feature.form, feature.unit)
        if feature.kind == "number" or feature.source == "stages"
        else Fact()
        for feature in features
    ]
    called = {feature.source: fact.one for feature, fact in zip(features, facts, strict=True) if fact.one}
    return [
        replace(fact, one=fact.one or called.get(feature.source, "") or fact.many) if fact.kind else fact
        for feature, fact in zip(features, facts, strict=True)
    ]


MOST = 1 << 16
"""Hollowed sentences of which is kept what they say."""


class Catalogue:
    """The templates of all features. Threads may share it: what it keeps is the same, whoever found it.

    Parameters
    ----------
    features : sequence of Feature
    peers : Peers
        What is usual among all others, as the bundle has it.
    """

    def __init__(self, features: Sequence[Feature], peers: Peers) -> None:
        self.peers = peers
        self.features = features
        self.facts: Sequence[Fact] = facts_of(features)
        self._places: dict[tuple[str, str, str, int], int] = {}
        self._templates: dict[tuple[int, ...], list[Template]] = {}
        self._said: dict[tuple[tuple[int, ...], str], list[Said]] = {}
        for position, (feature, fact) in enumerate(zip(features, self.facts, strict=True)):
            column = "" if fact.kind in OF_SOURCE else feature.column
            self._places.setdefault((feature.source, column, fact.kind, fact.days), position)

    def told(self, members: Sequence[int]) -> list[int]:
        """The features that may be told of a group: its members, and what stands in for a ratio."""
        others = [self.beside(member, SHOWN_AS.get(self.facts[member].kind, "")) for member in members]
        return [*dict.fromkeys([*members, *(other for other in others if other >= 0)])]

    def beside(self, position: int, role: str) -> int:
        """The feature that completes the sentence of another in some role; -1 where there is none."""
        fact, feature = self.facts[position], self.features[position]
        kind, times = BESIDE.get(fact.kind, {}).get(role, ("", 1))
        column = "" if kind in OF_SOURCE else feature.column
        return self._places.get((feature.source, column, kind, fact.days * times), -1) if kind else -1

    def what(self, position: int) -> str:
        """The feature in words."""
        return named(self.features[position].words, self.features[position].name)

    def templates(self, position: int) -> list[Template]:
        """All sentences that may tell a number; categories have but one."""
        return with_peers(self, position, self.peers, sentences(self, position))

    def said(self, members: tuple[int, ...], hollowed: str) -> list[Said]:
        """What a sentence told of a group says whose numbers are hollowed, by each template that it fits."""
        key = (members, hollowed)
        found = self._said.get(key)
        if found is None:
            if members not in self._templates:
                self._templates[members] = [each for at in self.told(members) for each in self.templates(at)]
            found = [said for each in self._templates[members] if (said := each.said(hollowed))]
            if len(self._said) >= MOST:
                self._said.clear()
            self._said[key] = found
        return found

    def level_tails(
        self, position: int, levels: Sequence[str], stated: Sequence[str]
    ) -> tuple[list[str], list[bool]]:
        """The sentence of each level with the rate of those alike, and whether it is the higher rate.

        Parameters
        ----------
        levels : sequence of str
            As in the rows; a missing one comes after them.
        stated : sequence of str
            How each is written, the missing one too.
        """
        what, name = self.what(position), self.features[position].name
        heads = [words.STATEMENT.format(what=capital(what), value=text) for text in stated]
        return of_such(self.peers, name, [*levels, None], heads)
