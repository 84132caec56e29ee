"""The sentence of a fact, completed by what else is known of the same row.

A reason that counts against an account leans to bad news (-1), one in its favour to good news (1).
What would read the other way is left out of the sentence: the fact alone then stands there.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from salesml.words import english as words
from salesml.words import numbers
from salesml.words.facts import Fact, unsure
from salesml.words.texts import one_line

Near = Mapping[str, float | str | None]


class Known(NamedTuple):
    """A fact of a row: its value and, by role, the values of its companions."""

    fact: Fact
    value: float | None
    near: Near
    unit: str = ""
    form: str = "number"
    lean: int = 0

    def beside(self, role: str) -> float | None:
        value = self.near.get(role)
        return None if value is None or isinstance(value, str) or not math.isfinite(value) else value

    def text_beside(self, role: str) -> str:
        value = self.near.get(role)
        return value if isinstance(value, str) else ""

    @property
    def nothing(self) -> bool:
        """Whether it has no value, or none worth telling, since there was no event."""
        missing = self.value is None or not math.isfinite(self.value)
        return self.beside("events") == 0 and (missing or self.value == 0)

    def fill(self, template: str, **more: str) -> str:
        fact = self.fact
        frame = _frame(template, fact.what, fact.one or fact.many, fact.many, fact.days)
        return _capital(frame.format(**more))

    def amount(self, value: float) -> str:
        return numbers.money(value, self.unit) if self.form == "money" else numbers.number(value)


class Told(NamedTuple):
    """A sentence, the value in it, and whether it compares the value with another of the same row."""

    sentence: str
    value: str
    compared: bool = False


def tell(known: Known) -> Told | None:
    """Sentence and value of a fact; None where it is stated plainly."""
    if known.fact.kind in _NOTHING and known.nothing:
        return _NOTHING[known.fact.kind](known)
    value = known.value
    if value is None or math.isnan(value):
        return _unknown(known)
    if math.isinf(value) or value < 0 or known.fact.kind not in _TOLD:
        return None
    return _TOLD[known.fact.kind](known, value)


def _last(known: Known, value: float) -> Told:
    usual, text = known.beside("usual"), numbers.days(value)
    if usual is None:
        late = known.lean <= 0 and value >= 2
        return Told(known.fill(words.NO_EVENT_FOR if late else words.LAST_EVENT, value=text), text)
    late = value > usual
    plain = known.fill(words.NO_EVENT_FOR if late and known.lean < 0 else words.LAST_EVENT, value=text)
    if late == (known.lean < 0) and known.lean:
        plain = words.USUALLY.format(sentence=plain, usual=numbers.every(usual))
    return Told(plain, text, compared=True)


def _in_stage(known: Known, value: float) -> Told:
    stage, text = known.text_beside("stage"), numbers.days(value)
    if not stage:
        return Told(known.fill(words.IN_A_STAGE, value=text), text)
    return Told(known.fill(words.IN_STAGE, stage=one_line(stage), value=text), text)


def _usual(known: Known, value: float) -> Told:
    last, text = known.beside("last"), known.fill(words.EVERY, usual=numbers.every(value))
    if last is not None and known.lean and (last > value) == (known.lean < 0):
        text = words.THE_LAST_ONE.format(sentence=text, last=numbers.days(last))
    return Told(text, numbers.days(value))


def _vary(known: Known, value: float) -> Told:
    usual, text = known.beside("usual"), numbers.days(value)
    if usual is None:
        return Told(known.fill(words.VARY, value=text), text)
    return Told(known.fill(words.VARY_AROUND, usual=numbers.every(usual), value=text), text)


def _count(known: Known, value: float) -> Told:
    text = known.fill(words.NO_EVENT) if not value else _some(known, value, words.SOME)
    return _compared(known, value, Told(text, numbers.count(value)), numbers.count)


def _some(known: Known, value: float, template: str, wrap: str = "{noun}") -> str:
    """A number with the noun as it must be after it."""
    noun = known.fact.one if value == 1 and known.fact.one else known.fact.many
    number = numbers.count(value)
    return template.format(number=number, many=wrap.format(noun=noun), days=known.fact.days)


def _sum(known: Known, value: float) -> Told:
    text = known.amount(value)
    plain = known.fill(words.NO_AMOUNT) if not value else _stated(known, text)
    return _compared(known, value, Told(plain, text), known.amount)


def _stated(known: Known, text: str) -> str:
    what = words.IN_DAYS.format(what=known.fact.what, days=known.fact.days)
    return words.STATEMENT.format(what=_capital(what), value=text)


def _compared(known: Known, value: float, plain: Told, written: Callable[[float], str]) -> Told:
    """The sentence with what it was in the days before, where that reads as the reason leans."""
    before = _before(known, value)
    if before is None or not known.lean or written(before) == written(value):
        return plain
    up = value > before
    if not unsure(known.fact) and up != (known.lean > 0):
        return plain
    template = words.UP_FROM if up else words.DOWN_FROM if value else words.AFTER
    was = written(before) if before else words.NONE
    text = template.format(sentence=plain.sentence, before=was, days=known.fact.days)
    return Told(text, plain.value, compared=True)


def _before(known: Known, value: float) -> float | None:
    """What it was in the days before, from both windows together or from the trend.

    Without a trend nothing is said: the log does not go back so far.
    """
    trend, both = known.beside("trend"), known.beside("both")
    if trend is None:
        return None
    if both is not None:
        before = both - value
    elif known.fact.kind == "count":
        before = float(round((value + 1) / trend - 1))
    elif value > 0 and abs(trend) < 1 - 1e-6:
        before = value * (1 - trend) / (1 + trend)
    else:
        return None
    return before if before >= 0 else None


def _active_days(known: Known, value: float) -> Told:
    number = numbers.count(value)
    some = words.ON_ALL_DAYS if value == known.fact.days else words.ON_DAYS
    text = known.fill(some, number=number) if value else known.fill(words.NO_EVENT)
    return Told(text, numbers.days(value))


def _returned(known: Known, value: float) -> Told:
    if value:
        return Told(_some(known, value, words.SOME, words.RETURNED), numbers.count(value))
    return _none_returned(known, numbers.count(value))


def _none_returned(known: Known, text: str = words.NONE) -> Told:
    noun = words.RETURNED.format(noun=known.fact.one or known.fact.many)
    return Told(words.NO_EVENT.format(one=noun, days=known.fact.days), text)


def _year_ago(known: Known, value: float) -> Told:
    number = numbers.count(value)
    if value:
        return Told(_some(known, value, words.A_YEAR_AGO), number)
    one = known.fact.one or known.fact.many
    return Told(words.A_YEAR_AGO.format(number=words.NO, many=one, days=known.fact.days), number)


def _distinct(known: Known, value: float) -> Told | None:
    if not value:
        return None
    kinds = known.fact.what if value == 1 else words.DIFFERENT.format(kinds=known.unit)
    number = numbers.count(value)
    return Told(known.fill(words.DISTINCT, number=number, different=kinds), number)


def _share(known: Known, value: float) -> Told:
    if value == 1:
        return Told(known.fill(words.ALL_IN_ONE), numbers.percent(value))
    text = numbers.percent(value) if value < 0.995 else numbers.chance(value)
    return Told(known.fill(words.IN_ONE, value=text), text)


def _unknown(known: Known) -> Told | None:
    """What is missing by how it is made: no event at all, none on a second day, none on a third."""
    kind, last, usual = known.fact.kind, known.beside("last"), known.beside("usual")
    if kind == "last":
        text = known.fill(words.NONE_SO_FAR)
    elif kind == "usual":
        text = known.fill(words.TOO_FEW)
        if last is not None:
            text = known.fill(words.ON_ONE_DAY, last=numbers.days(last))
    elif kind == "in_stage":
        return Told(words.NO_STAGE, words.NONE)
    elif kind in ("ended", "end"):
        return _without_end(known)
    elif kind == "vary":
        text = known.fill(words.TOO_FEW_TO_VARY)
        if usual is not None:
            text = known.fill(words.ON_TWO_DAYS, usual=numbers.days(usual))
        elif last is not None:
            text = known.fill(words.ON_ONE_DAY, last=numbers.days(last))
    else:
        return None
    return Told(text, words.NOT_KNOWN)


def _without_end(known: Known) -> Told | None:
    running = known.beside("running")
    if running is None:
        return None
    if not running:
        return Told(words.NONE_RUNNING, words.NONE) if known.fact.kind == "end" else None
    return Told(words.NO_PLANNED_END if known.fact.kind == "end" else words.RUNNING, words.NONE)


def _no_event(known: Known) -> Told:
    if known.fact.kind == "sum":
        return _compared(known, 0.0, Told(known.fill(words.NOTHING), words.NONE), known.amount)
    return Told(known.fill(words.NOTHING if known.beside("sum") == 0 else words.NO_EVENT), words.NONE)


def _in_none(known: Known) -> Told:
    return Told(known.fill(words.IN_NONE), words.NONE)


_NOTHING: dict[str, Callable[[Known], Told]] = {
    "sum": _no_event,
    "mean": _no_event,
    "largest": _no_event,
    "distinct": _in_none,
    "share": _in_none,
    "returned_sum": _none_returned,
}
_TOLD: dict[str, Callable[[Known, float], Told | None]] = {
    "last": _last,
    "in_stage": _in_stage,
    "usual": _usual,
    "vary": _vary,
    "count": _count,
    "sum": _sum,
    "active_days": _active_days,
    "returned": _returned,
    "year_ago": _year_ago,
    "distinct": _distinct,
    "share": _share,
}


class _Left(dict[str, object]):
    """What is filled in first; the rest keeps its place."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


@functools.lru_cache(maxsize=4096)
def _frame(template: str, what: str, one: str, many: str, days: int) -> str:
    """The template with all that the fact says."""
    texts = {"what": what, "one": one, "many": many, "Many": _capital(many)}
    safe = {key: text.replace("{", "{{").replace("}", "}}") for key, text in texts.items()}
    return template.format_map(_Left(safe, days=days))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
