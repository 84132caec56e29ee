"""A reason in words: what is the case, which way it moves the score, and how strongly.

A sentence states a fact about the account. It never says "because": the model knows what goes
together, not what causes what.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable

from salesml.words import english as words
from salesml.words import numbers

STRONG_SHARE = 0.2
MODERATE_SHARE = 0.08
"""Least share of all that moves a score for a reason to be called strong, or moderate."""

LONGEST = 60
"""Characters of a text value that are shown."""

_FORMS: dict[str, Callable[[float | None], str]] = {
    "count": numbers.count,
    "days": numbers.days,
    "share": numbers.percent,
    "ratio": numbers.ratio,
    "month": numbers.month,
    "number": numbers.number,
}


def value_text(value: float | str | None, form: str = "number", unit: str = "") -> str:
    """A feature's value as a rep reads it.

    Parameters
    ----------
    value : float, str or None
        NaN and None are not known.
    form : str
        How it is written, as in the feature registry; an unknown form is written as a number.
    unit : str
        The currency of money.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return words.NOT_KNOWN
    if isinstance(value, str):
        return plain(value)
    if form == "money":
        return numbers.money(value, unit)
    return _FORMS.get(form, numbers.number)(value)


def sentence(
    what: str, value: float | str | None, form: str = "number", unit: str = "", *, rare: bool = False
) -> str:
    """The fact behind a reason: "No order for 74 days", "Orders in the last 90 days: 3".

    Parameters
    ----------
    what : str
        The feature in words, such as "orders in the last 90 days".
    value, form, unit
        As in :func:`value_text`.
    rare : bool
        Whether the value is a category that the model does not tell apart.
    """
    text = value_text(value, form, unit)
    if rare and text != words.NOT_KNOWN:
        text = f"{text} ({words.RARE})"
    if isinstance(value, float | int) and text != words.NOT_KNOWN:
        if what.startswith(words.SINCE) and value >= 0:
            return _since(what.removeprefix(words.SINCE), value, text)
        if form == "count" and value == 0:
            return words.NONE_OF.format(what=what)
    return words.STATEMENT.format(what=capital(what), value=text)


def _since(what: str, value: float, text: str) -> str:
    if value < 1:
        return words.LAST_TODAY.format(what=what)
    return words.NOTHING_FOR.format(what=what, value=text)


def direction(contribution: float) -> str:
    """``raises`` or ``lowers``."""
    return words.RAISES if contribution > 0 else words.LOWERS


def strength(share: float) -> str:
    """``strong``, ``moderate`` or ``slight``, by the share of all that moves the score."""
    if share >= STRONG_SHARE:
        return words.STRONG
    return words.MODERATE if share >= MODERATE_SHARE else words.SLIGHT


def effect(text: str, way: str, force: str, task: str) -> str:
    """A sentence with what it does to the score: "… (raises the risk of leaving, strong)"."""
    outcome = words.OUTCOMES.get(task, words.OUTCOME)
    return words.EFFECT.format(sentence=text, direction=way, strength=force, outcome=outcome)


def plain(text: str) -> str:
    """A text from a table in one line, without control characters, shortened where it is long."""
    visible = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def capital(text: str) -> str:
    """The text with a capital at its beginning; the rest as it is."""
    return text[:1].upper() + text[1:]
