"""A challenger held against a champion: every gate, and the verdict in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.config import Gates, Spec
from salesml.errors import DataError, Fault
from salesml.lifecycle.promotion import lines
from salesml.lifecycle.promotion.asked import Answer, ask, constant, weights_of
from salesml.lifecycle.promotion.attributions import grouped, kept, new_share
from salesml.lifecycle.promotion.lines import Line
from salesml.lifecycle.promotion.paired import RESAMPLES, compare
from salesml.lifecycle.promotion.ranking import movement
from salesml.lifecycle.promotion.suspects import Suspect, new_suspects
from salesml.lifecycle.rows import Rows
from salesml.model.bundle import Bundle
from salesml.snapshots import Feature
from salesml.snapshots.entity import entity_of


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was found of a challenger.

    Parameters
    ----------
    lines : tuple of Line
        The gates.
    as_of : tuple of str
        ISO dates of the rows.
    rows, accounts, positives : int
    against : str
        ``the champion``, or ``the average rate`` where there is none.
    many : str
        What the rows belong to: accounts or prospects.
    """

    lines: tuple[Line, ...]
    as_of: tuple[str, ...]
    rows: int
    accounts: int
    positives: int
    against: str
    many: str = "accounts"

    @property
    def passed(self) -> bool:
        return all(line.passed for line in self.lines)

    @property
    def failed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.passed)

    @property
    def text(self) -> str:
        """The verdict in whole sentences."""
        gain = next((line for line in self.lines if line.gate == "log_loss_gain"), None)
        measured = "" if gain is None else f" {gain.found}."
        on = f"on {self.rows:,} rows of {self.accounts:,} {self.many} as of {', '.join(self.as_of)}"
        if self.passed:
            return (
                f"The challenger may take over: it passes every gate against {self.against} {on}.{measured}"
            )
        if gain is not None and not gain.passed:
            first = _not_better(gain, self.against, on)
        else:
            first = f"The challenger may not take over: it fails {_named(self.failed)} {on}."
        others = [line for line in self.failed if line is not gain]
        return " ".join([f"{first}{measured}", *map(_failing, others)])

    def as_dict(self) -> dict[str, Any]:
        """The judgement as plain data."""
        return {
            "passed": self.passed, "verdict": self.text, "against": self.against, "as_of": list(self.as_of),
            "rows": self.rows, "accounts": self.accounts, "positives": self.positives,
            "gates": [line.as_dict() for line in self.lines],
        }  # fmt: skip


def judge_pair(
    champion: Bundle | None,
    challenger: Bundle,
    rows: Rows,
    gates: Gates,
    spec: Spec,
    *,
    judged_before: int = 0,
    threads: int = 0,
) -> Judgement:
    """Hold a challenger against a champion or, where there is none, against the average rate of its training.

    Parameters
    ----------
    rows : Rows
        Labelled rows that neither has seen, with every column of both.
    judged_before : int
        Other challengers that were judged on these rows against this champion: each further try is asked for
        so much more confidence that all of them together err no more often than one (Bonferroni).

    Raises
    ------
    DataError
        ``cannot-judge`` when all rows have the same outcome.
    """
    if len(np.unique(rows.y)) < 2:
        raise DataError(_one_outcome(rows))
    theirs = ask(challenger, rows, threads=threads)
    ours = ask(champion, rows, threads=threads) if champion else constant(challenger, rows)
    suspects = new_suspects(rows, challenger, theirs.shares, ours.shares, allow=spec.allow)
    return judge_answers(
        ours, theirs, rows, gates, bands=spec.bands, weight=weights_of(challenger, rows), suspects=suspects,
        features=champion.features if champion else None, judged_before=judged_before,
        many=entity_of(spec).many,
    )  # fmt: skip


def judge_answers(
    ours: Answer,
    theirs: Answer,
    rows: Rows,
    gates: Gates,
    *,
    bands: Mapping[str, float],
    weight: NDArray[np.float64] | None = None,
    suspects: Sequence[Suspect] = (),
    features: Sequence[Feature] | None = (),
    judged_before: int = 0,
    many: str = "accounts",
) -> Judgement:
    """As :func:`judge_pair`, of what both have said of the rows.

    Parameters
    ----------
    ours, theirs : Answer
        The champion's and the challenger's.
    features : sequence of Feature or None
        The champion's, whose groups tell which features say the same; None where there is no champion.
    """
    confidence = 1 - (1 - gates.confidence) / (1 + judged_before)
    compared = compare(
        rows.y, ours.p, theirs.p, groups=rows.entity, value=rows.value, weight=weight, confidence=confidence,
        resamples=RESAMPLES * min(1 + judged_before, 10),
    )  # fmt: skip
    found = [
        lines.enough(*_outcomes(rows), gates, many),
        lines.better(compared["log_loss"], gates, confidence, judged_before=judged_before),
        *lines.guards(compared, gates),
        lines.suspects(suspects, gates),
    ]
    if features is not None:
        same = kept(grouped(ours.shares, features), grouped(theirs.shares, features))
        asked = _of_use(ours, rows, weight, gates)
        found.append(lines.ranking(movement(ours.raw, theirs.raw, bands), gates, asked=asked))
        found.append(lines.reasons(same, new_share(ours.shares, theirs.shares), gates, asked=asked))
    return Judgement(
        lines=tuple(found), as_of=_dates(rows), rows=len(rows), accounts=len(set(rows.entity)),
        positives=rows.positives, many=many,
        against="the average rate" if features is None else "the champion",
    )  # fmt: skip


def _of_use(champion: Answer, rows: Rows, weight: NDArray[np.float64] | None, gates: Gates) -> bool:
    """Whether the champion is shown to be better, on these rows, than who says their average rate to all."""
    rate = float(np.average(rows.y, weights=weight))
    said = np.full(len(rows), rate)
    found = compare(
        rows.y, said, champion.p, groups=rows.entity, weight=weight, confidence=gates.confidence
    )  # fmt: skip
    return found["log_loss"].low > 0


def _outcomes(rows: Rows) -> tuple[int, int]:
    """Accounts with the outcome, and accounts without it in any row."""
    having = set(rows.entity[rows.y == 1])
    return len(having), len(set(rows.entity) - having)


def _dates(rows: Rows) -> tuple[str, ...]:
    days: NDArray[np.datetime64] = np.unique(rows.as_of)
    return tuple(str(day) for day in days.tolist() if isinstance(day, dt.date))


def _failing(line: Line) -> str:
    return f"It fails {line.gate}: {line.found}; asked is: {line.allowed[0].lower()}{line.allowed[1:]}."


def _named(failed: tuple[Line, ...]) -> str:
    return ", ".join(line.gate for line in failed)


def _not_better(gain: Line, against: str, on: str) -> str:
    """What an interval of the gain says, when it does not suffice."""
    low, high = gain.low or 0.0, gain.high or 0.0
    if high < 0:
        return f"The challenger is worse than {against} {on}."
    if low > 0:
        return f"The challenger is better than {against} {on}, but by too little to change models."
    return (
        f"The challenger is not shown to be better than {against} {on}: the difference may be chance. "
        "That does not say that they are equally good; more rows would tell more."
    )


def _one_outcome(rows: Rows) -> Fault:
    return Fault(
        code="cannot-judge",
        found=f"{rows.positives:,} of {len(rows):,} rows to judge on have the outcome",
        allowed="Nothing can be measured unless some have it and some have not",
        do="Name other dates with --as-of",
        count=len(rows),
    )
