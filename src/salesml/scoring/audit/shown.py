"""Values as a rep reads them, read back: which values may stand behind a text, by the rule of its form.

Written apart from :mod:`salesml.words.numbers`, which makes the texts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from salesml.words import english as words
from salesml.words.texts import one_line

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HOLE = "\x00"
"""Stands for a number in a text."""

NUMBER = (
    rf"[0-9]+(?:{re.escape(words.THOUSANDS)}[0-9][0-9][0-9])*(?:{re.escape(words.POINT)}[0-9]+)?"
    r"(?:e\+[0-9]+)?"
)
MONTH, YEAR = 30.44, 365.25
LAST_DIGITS = 1e-9
"""Slack, relative, for numbers that were rounded where they lie between two."""


def hollow(text: str) -> tuple[str, list[float]]:
    """The text with a hole for each number, and the numbers."""
    found = [as_number(number) for number in re.findall(NUMBER, text)]
    return re.sub(NUMBER, HOLE, text), found


def as_number(text: str) -> float:
    """A number as it stands in a sentence."""
    return float(text.replace(words.THOUSANDS, "").replace(words.POINT, "."))


Holds = Callable[[Floats, Floats], Bools]
"""Whether values fit the numbers in the holes of their texts, for arrays of both."""


def _near(value: Floats, shown: Floats, slack: Floats | float) -> Bools:
    """Whether they differ by no more than was rounded away; beyond counting, three figures are shown."""
    size = np.abs(value)
    rounded = np.where(size >= 1e15, 0.0051 * size, slack)
    found: Bools = np.abs(value - shown) <= rounded + LAST_DIGITS * size
    return found


def _count(value: Floats, shown: Floats) -> Bools:
    size = np.abs(value)
    return _near(value, shown, np.where(value % 1 == 0, 0, np.where(size >= 100, 0.5, 0.05)))


def _money(value: Floats, shown: Floats) -> Bools:
    size = np.abs(value)
    pence = np.where(value % 1 == 0, 0, np.where(size >= 99.995, 0.5, 0.005))
    return _near(value, shown, pence)


def _days(value: Floats, shown: Floats) -> Bools:
    size = np.abs(value)
    return (size <= 365) & _near(value, shown, np.where(size >= 3, 0.5, 0.05))


def _months(value: Floats, shown: Floats) -> Bools:
    size = np.abs(value)
    return (size > 365) & (size < 730) & _near(value / MONTH, shown, 0.5)


def _years(value: Floats, shown: Floats) -> Bools:
    return (np.abs(value) >= 730) & _near(value / YEAR, shown, 0.5)


def _every(value: Floats, shown: Floats) -> Bools:
    return _near(value, shown, np.where(value >= 3, 0.5, 0.05))


def _percent(value: Floats, shown: Floats) -> Bools:
    size = np.abs(value) * 100
    return _near(value * 100, shown, np.where(size >= 9.95, 0.5, np.where(size % 1 == 0, 0, 0.05)))


def _below(value: Floats, shown: Floats) -> Bools:
    found: Bools = (value != 0) & (np.abs(value) * 100 < shown)
    return found


def _above(value: Floats, shown: Floats) -> Bools:
    return (value < 1) & (value * 100 > shown)


def _figures(figures: int) -> Holds:
    """So many figures, whole from 100 on."""

    def holds(value: Floats, shown: Floats) -> Bools:
        size = np.abs(value)
        power = np.floor(np.log10(np.where(size > 0, size, 1)))
        slack = np.where(size >= 100, 0.5, 0.5 * 10.0 ** -np.minimum(figures - 1 - power, 12))
        return _near(value, shown, np.where(value % 1 == 0, 0, slack))

    return holds


def missing(value: Floats, shown: Floats) -> Bools:
    """Nothing is known."""
    return np.isnan(value)


def nothing(value: Floats, shown: Floats) -> Bools:
    """Zero, or not there since there was no event."""
    found: Bools = np.isnan(value) | (value == 0)
    return found


def positive(value: Floats, shown: Floats) -> Bools:
    """More than nothing."""
    return value > 0


def beyond(turn: float, way: int) -> Holds:
    """That the value is above the turn, below it or on it: 1, -1, 0."""
    return lambda value, shown: np.sign(value - turn) == way


def is_(what: float) -> Holds:
    """That the value is a certain one."""
    return lambda value, shown: value == what


Rule = tuple[str, Holds]


def _rules(form: str, unit: str) -> list[Rule]:
    """Texts with their numbers hollowed, as patterns, and what each says."""
    signs = [("{}", 1), (words.MINUS + "{}", -1)]

    def each(template: str, rule: Holds, name: str) -> list[Rule]:
        texts = [(template.format(**{name: sign.format(HOLE)}), way) for sign, way in signs]
        return [(text, _signed(rule, way)) for text, way in texts]

    if form == "ahead":
        return [(text, _ahead(rule)) for text, rule in _rules("days", unit)]
    if form == "days":
        one = [(hollow(words.ONE_DAY)[0], _days)]
        long = [*each(words.ABOUT_MONTHS, _months, "count"), *each(words.ABOUT_YEARS, _years, "count")]
        return [*one, *each(words.DAYS, _days, "count"), *long]
    if form == "every":
        return [(words.DAY, lambda value, shown: _every(value, np.ones_like(value))),
                *each(words.DAYS, _every, "count")]  # fmt: skip
    if form == "share":
        percent = words.PERCENT.format(number=HOLE)
        return [
            *each(words.PERCENT, _percent, "number"),
            (words.BELOW_PERCENT.format(percent=percent), _below),
            (words.ABOVE_PERCENT.format(percent=percent), _above),
        ]
    if form == "money":
        symbol = words.SYMBOLS.get(unit)
        bare = (
            words.MONEY.format(symbol=symbol, number=HOLE)
            if symbol
            else words.MONEY_BY_CODE.format(number=HOLE, code=unit).strip()
        )
        return [(bare, _money), (words.MINUS + bare, _signed(_money, -1))]
    if form == "ratio":
        return each(words.TIMES, _figures(2), "number")
    if form == "month":
        names = [(name, is_(float(number))) for number, name in enumerate(words.MONTHS, 1)]
        return [*names, *each("{number}", _figures(3), "number")]
    if form == "count":
        return each("{number}", _count, "number")
    return each("{number}", _figures(3), "number")


def _ahead(rule: Holds) -> Holds:
    return lambda value, shown: (value < 0) & rule(-value, shown)


def _signed(rule: Holds, way: int) -> Holds:
    return rule if way > 0 else lambda value, shown: (value <= 0) & rule(value, -shown)


@functools.lru_cache(maxsize=1024)
def _by_text(form: str, unit: str) -> dict[str, Holds]:
    return {words.NOT_KNOWN: missing, words.NONE: is_(0), **dict(_rules(form, unit))}


def read_back(text: str, form: str, unit: str) -> Holds | None:
    """What a hollowed text says of a value of a form; None where no value is written so."""
    return _by_text(form, unit).get(text)


def level_text(level: str, form: str = "category") -> str:
    """How a category's level is written."""
    if form == "month" and level.isdecimal() and 1 <= int(level) <= len(words.MONTHS):
        return words.MONTHS[int(level) - 1]
    return one_line(level)
