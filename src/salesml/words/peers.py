"""A value beside those of all others: how often such had the outcome, and what half of all have.

Both were counted on the rows that the model learned from. A rate is told only where it lies on the side that
the reason says, a half only where it does not read the other way and no rate is sure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from salesml.words import english as words
from salesml.words import numbers
from salesml.words.facts import Fact, unsure

RATED = ("", "stage", "running", "ended", "end")
"""Kinds of facts that have no usual of their own and are told with the rate of those alike."""

MORE_IS_GOOD = ("count", "sum", "mean", "largest", "distinct", "active_days")
"""Kinds of which more reads like good news."""

HALVED = (*MORE_IS_GOOD, "", "share", "returned", "returned_sum")
"""Kinds that are told with what half of all have, in these forms."""
FORMS = ("count", "money", "number", "share", "days")


@dataclass(frozen=True)
class Part:
    """Those alike in one feature, and how often they had the outcome.

    Parameters
    ----------
    rate : float
    rows : int
        How many it was counted on.
    level : str or None
        Of a category.
    low, high : float or None
        Of a number: at least ``low`` and below ``high``; None leaves it open, the same value twice is that
        value. With neither level nor end, those whose value is missing.
    """

    rate: float
    rows: int
    level: str | None = None
    low: float | None = None
    high: float | None = None

    def has(self, value: float | str | None) -> bool:
        """Whether somebody with that value is among them."""
        if isinstance(value, str) or self.level is not None:
            return value == self.level
        if value is None or math.isnan(value):
            return self.low is None and self.high is None
        if self.low is None and self.high is None:
            return False
        above = self.low is None or value >= self.low
        return above and (self.high is None or value < self.high or value == self.low == self.high)


@dataclass(frozen=True)
class Usual:
    """What is usual of one feature.

    Parameters
    ----------
    or_more, or_less : float or None
        At least half of all rows have ``or_more`` or more, and at least half ``or_less`` or less.
    parts : tuple of Part
        Those whose rate surely differs from that of all.
    whole : bool
        Whether all its values are whole numbers.
    """

    or_more: float | None = None
    or_less: float | None = None
    parts: tuple[Part, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Peers:
    """All others, as they were when the model learned of them.

    Parameters
    ----------
    task : str
    days : int
        Within which the outcome comes about; 0 for a flat table.
    rate : float or None
        The rate of the outcome among all; None where it is not known.
    usual : mapping of str to Usual
        By feature.
    """

    task: str = ""
    days: int = 0
    rate: float | None = None
    usual: Mapping[str, Usual] = field(default_factory=dict)

    def beside(
        self, name: str, fact: Fact, value: float | str | None, form: str, unit: str, lean: int
    ) -> str:
        """The pattern that completes a sentence, with a place for it; empty where nothing is told.

        Parameters
        ----------
        name : str
            The feature.
        fact : Fact
            What it tells.
        value, form, unit, lean
            As in :func:`salesml.words.in_words`.
        """
        usual = self.usual.get(name)
        if usual is None or not lean:
            return ""
        return self._rate(usual, fact, value, form, unit, lean) or self._half(
            usual, fact, value, form, unit, lean
        )

    def _rate(
        self, usual: Usual, fact: Fact, value: float | str | None, form: str, unit: str, lean: int
    ) -> str:
        part = next((each for each in usual.parts if each.has(value)), None)
        if part is None or self.rate is None or fact.kind not in RATED:
            return ""
        raises = (lean < 0) == (self.task == "churn")
        rate, every = numbers.percent(part.rate), numbers.percent(self.rate)
        if (part.rate > self.rate) != raises or rate == every:
            return ""
        span = _range(part, form, unit, usual.whole)
        template = words.OF_THOSE if span else words.OF_SUCH
        return template.format(
            sentence="{sentence}", rate=rate, peers=self._peers, range=span, done=self._done, all=every
        )

    def _half(
        self, usual: Usual, fact: Fact, value: float | str | None, form: str, unit: str, lean: int
    ) -> str:
        plain = not fact.kind
        if fact.kind not in HALVED or form not in FORMS or (plain and (form == "days" or usual.parts)):
            return ""
        if value is None or isinstance(value, str) or not math.isfinite(value):
            return ""
        sure = fact.kind in MORE_IS_GOOD and not unsure(fact)
        if usual.or_more is not None and value < usual.or_more and not (sure and lean > 0):
            template, half = words.HALF_MORE, usual.or_more
            if form == "share" and half >= 1:
                return ""  # More than the whole there is not.
        elif usual.or_less is not None and value > usual.or_less and not (sure and lean < 0):
            counted = form == "count" or fact.kind == "active_days"
            template, half = words.HALF_FEWER if counted else words.HALF_LESS, usual.or_less
            if not half and (counted or not plain):
                template = words.HALF_NONE
        else:
            return ""
        text = written(half, "count" if fact.kind == "active_days" else form, unit)
        return template.format(sentence="{sentence}", peers=self._peers, value=text)

    @property
    def _peers(self) -> str:
        return words.PEERS.get(self.task, words.PEER)

    @property
    def _done(self) -> str:
        done = words.CAME_ABOUT.get(self.task, words.HAD_IT)
        if not self.days:
            return done
        span = words.A_YEAR if self.days in (365, 366) else numbers.days(self.days)
        return words.WITHIN.format(done=done, span=span)


def written(value: float, form: str, unit: str) -> str:
    """An end of a range."""
    if form == "money":
        return numbers.money(value, unit)
    if form == "days":
        return numbers.days(value)
    if form == "share":
        return numbers.percent(value)
    if form == "ratio":
        return numbers.ratio(value)
    return numbers.count(value) if form == "count" else numbers.number(value)


def _range(part: Part, form: str, unit: str, whole: bool) -> str:
    """The range in words; empty for one value, one level, or none."""
    low, high = part.low, part.high
    if low == high:
        return ""
    if high is None:
        return words.OR_MORE.format(value=written(low or 0.0, form, unit))
    if low is None:
        return words.LESS_THAN.format(value=written(high, form, unit))
    if form == "days" and high <= 365:
        span = words.FROM_TO.format(low=numbers.count(low), high=numbers.count(high))
        return words.DAYS.format(count=span)
    last = high - 1 if whole and form != "days" else high
    if low == last:
        return ""
    return words.FROM_TO.format(low=written(low, form, unit), high=written(last, form, unit))
