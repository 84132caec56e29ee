"""Numbers as a rep reads them: rounded to what can be trusted, never more exact than true."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from typing import TypeGuard

from salesml.words import english as words

KEPT = 1 << 14
"""Texts of numbers that are kept: a batch writes the same ones again and again."""


@functools.lru_cache(maxsize=KEPT)
def count(value: float | None) -> str:
    """A whole number with thousands apart: ``1,234``; one decimal where it is not whole."""
    if not _known(value):
        return words.NOT_KNOWN
    return _grouped(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)


@functools.lru_cache(maxsize=KEPT)
def money(value: float | None, currency: str = "") -> str:
    """An amount with its currency: pence below 100, whole pounds above."""
    if not _known(value):
        return words.NOT_KNOWN
    number = _grouped(abs(value), 0 if abs(value) >= 99.995 or float(value).is_integer() else 2)
    sign = words.MINUS if value < 0 and re.search("[1-9]", number) else ""
    symbol = words.SYMBOLS.get(currency)
    if symbol:
        return sign + words.MONEY.format(symbol=symbol, number=number)
    return sign + words.MONEY_BY_CODE.format(number=number, code=currency).strip()


@functools.lru_cache(maxsize=KEPT)
def days(value: float | None) -> str:
    """A number of days: in days up to a year, then in months, from two years on in years."""
    if not _known(value):
        return words.NOT_KNOWN
    size = abs(value)
    if size <= 365:
        number = count(round(value) if size >= 3 else round(value, 1))
        return words.ONE_DAY if number == "1" else words.DAYS.format(count=number)
    sign = words.MINUS if value < 0 else ""
    if size < 730:
        return words.ABOUT_MONTHS.format(count=f"{sign}{round(size / 30.44)}")
    return words.ABOUT_YEARS.format(count=f"{sign}{_grouped(round(size / 365.25), 0)}")


@functools.lru_cache(maxsize=KEPT)
def every(value: float | None) -> str:
    """A usual gap in days, to follow "every": ``day``, ``2.5 days``, ``21 days``; never in months."""
    if not _known(value):
        return words.NOT_KNOWN
    number = count(round(value) if value >= 3 else round(value, 1))
    return words.DAY if number == "1" else words.DAYS.format(count=number)


def hours(value: float | None) -> str:
    """Hours of work to a tenth: ``0.3 hours``, ``1 hour``; never none, since work is never nothing."""
    if not _known(value):
        return words.NOT_KNOWN
    number = count(max(round(value, 1), 0.1))
    return words.ONE_HOUR if number == "1" else words.HOURS.format(count=number)


def percent(value: float | None) -> str:
    """A share of 1 in per cent: whole per cents, one decimal below 10."""
    if not _known(value):
        return words.NOT_KNOWN
    size = abs(value) * 100
    if 0 < size < 0.1:
        return words.BELOW_PERCENT.format(percent=words.PERCENT.format(number="0" + words.POINT + "1"))
    whole = size >= 9.95 or float(size).is_integer()
    return words.PERCENT.format(number=_grouped(value * 100, 0 if whole else 1))


def chance(probability: float | None) -> str:
    """A probability in per cent that never claims certainty."""
    if not _known(probability):
        return words.NOT_KNOWN
    if probability > 0.99:
        return words.ABOVE_PERCENT.format(percent=words.PERCENT.format(number="99"))
    if probability < 0.001:
        return words.BELOW_PERCENT.format(percent=words.PERCENT.format(number="0" + words.POINT + "1"))
    return percent(probability)


@functools.lru_cache(maxsize=KEPT)
def ratio(value: float | None) -> str:
    """How many times: ``1.5 times``."""
    if not _known(value):
        return words.NOT_KNOWN
    return words.TIMES.format(number=number(value, 2))


def month(value: float | None) -> str:
    """The name of a month from its number, 1 to 12."""
    if not _known(value) or not float(value).is_integer() or not 1 <= value <= 12:
        return words.NOT_KNOWN if not _known(value) else number(value)
    return words.MONTHS[int(value) - 1]


def date(day: dt.date) -> str:
    """A day as it is spoken: ``1 January 2018``."""
    return words.DATE.format(day=day.day, month=words.MONTHS[day.month - 1], year=day.year)


@functools.lru_cache(maxsize=KEPT)
def number(value: float | None, figures: int = 3) -> str:
    """Any number, to three figures; whole numbers whole."""
    if not _known(value):
        return words.NOT_KNOWN
    if value == 0:
        return "0"
    if float(value).is_integer() or abs(value) >= 100:
        return _grouped(value, 0)
    decimals = max(0, min(figures - 1 - math.floor(math.log10(abs(value))), 12))
    text = _grouped(value, decimals)
    return text.rstrip("0").rstrip(words.POINT) if words.POINT in text else text


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


_MARKS = str.maketrans({",": words.THOUSANDS, ".": words.POINT, "-": words.MINUS})


def _grouped(value: float, decimals: int) -> str:
    # No rep reads twenty figures, and no table is that exact.
    text = f"{value:,.{decimals}f}" if abs(value) < 1e15 else f"{value:.3g}"
    if text[0] == "-" and not re.search("[1-9]", text):
        text = text.lstrip("-")
    return text.translate(_MARKS)
