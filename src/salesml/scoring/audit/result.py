"""What an audit found, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.errors import DataError, Fault

SHOWN = 5

KINDS = {
    "other-rows": "stand beside another entity than in the rows that were scored",
    "too-many-reasons": "belong to rows with more reasons than were asked for",
    "empty": "have an empty sentence, direction, contribution or share",
    "features": "name features that are no group of the bundle",
    "group-twice": "tell a group of features that was told before in the same row",
    "words-twice": "were told before in the same row",
    "order": "stand behind a weaker reason",
    "direction": "say another direction than the sign of their contribution",
    "strength": "say another strength than their share makes",
    "share": "have a share that does not fit their contribution",
    "sum": "belong to rows whose contributions do not add up to the score",
    "contribution": "have another contribution than the model gives when it is asked again",
    "left-out": "belong to rows in which a stronger reason was left out",
    "score": "belong to rows with another score than the model gives when it is asked again",
    "untraceable": "fit no template of the features they name",
    "number": "state what the data do not hold",
    "other-way": "read as the opposite of their direction",
    "value": "have a value that is not the one of the data",
    "tag": "have another tag than their feature",
    "contradiction": "cannot be true together with another reason of the same row",
    "protected": "name or tell a protected attribute",
    "cause": "claim a cause, where only what goes together is known",
    "characters": "have control characters or are far too long",
    "markup": "hold markup that is not in the data",
}
"""What may be wrong, by code, as the end of a sentence on how many sentences."""

DO = {
    "other-rows": "Hand over the rows in the order in which they were scored",
    "protected": "Call the feature something else in crm.yaml, or leave it out, and train again",
}
"""What to do about some of it."""

ELSE_DO = "See that rows and model belong together, score with the version before, and report the examples"


@dataclass(frozen=True)
class Finding:
    """One kind of fault, and the sentences that have it.

    Parameters
    ----------
    code : str
        One of :data:`KINDS`.
    count : int
        Sentences concerned.
    examples : tuple of str
        Up to five of them, each with its entity.
    """

    code: str
    count: int
    examples: tuple[str, ...]

    def fault(self, audited: int) -> Fault:
        """The finding as an error tells it."""
        return Fault(
            code=f"audit-{self.code}",
            found=f"{self.count:,} of {audited:,} sentences {KINDS[self.code]}",
            allowed="A score table is only written when every sentence in it can be traced to its data",
            do=f"Nothing was written. {DO.get(self.code, ELSE_DO)}",
            table="scores",
            column="reasons",
            count=self.count,
            examples=self.examples,
        )


def passed(sentences: int) -> str:
    """What is said of so many sentences without a fault."""
    return f"{sentences:,} sentences audited, no fault"


@dataclass(frozen=True)
class Audit:
    """What an audit of a score table found.

    Parameters
    ----------
    rows, sentences : int
        Scored rows, and the sentences in them.
    recomputed : int
        Rows whose contributions were computed a second time.
    findings : tuple of Finding
        Empty when all is well.
    """

    rows: int
    sentences: int
    recomputed: int
    findings: tuple[Finding, ...]

    def text(self) -> str:
        """The result in one line."""
        found = ", ".join(f"{finding.code} {finding.count:,}" for finding in self.findings)
        return f"{self.sentences:,} sentences audited, {found}" if found else passed(self.sentences)

    def refuse(self) -> None:
        """Raise what was found.

        Raises
        ------
        DataError
            One fault ``audit-…`` for each finding, with count and examples.
        """
        if self.findings:
            raise DataError(finding.fault(self.sentences) for finding in self.findings)


class Notes:
    """Collects which sentences have which fault."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._faulty: dict[str, NDArray[np.bool_]] = {}

    def add(self, code: str, faulty: NDArray[np.bool_] | NDArray[np.intp]) -> None:
        """Note faulty sentences, as a mask of all or as positions."""
        if not (faulty.any() if faulty.dtype == bool else len(faulty)):
            return
        mask = self._faulty.setdefault(code, np.zeros(self._size, dtype=bool))
        mask[faulty] = True

    def findings(self, example: Callable[[int], str]) -> tuple[Finding, ...]:
        """All that was noted, in the order of :data:`KINDS`."""
        return tuple(
            Finding(code, int(mask.sum()), tuple(example(int(at)) for at in np.flatnonzero(mask)[:SHOWN]))
            for code in KINDS
            if (mask := self._faulty.get(code)) is not None
        )
