"""A reason in words: what is the case, which way it moves the score, and how strongly.

A sentence states a fact about the account. It never says "because": the model knows what goes
together, not what causes what.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from salesml.words import english as words
from salesml.words import numbers
from salesml.words.facts import Fact, read_fact
from salesml.words.peers import Peers
from salesml.words.telling import Known, Told, tell
from salesml.words.texts import one_line

STRONG_SHARE = 0.2
MODERATE_SHARE = 0.08
"""Least share of all that moves a score for a reason to be called strong, or moderate."""

_FORMS: dict[str, Callable[[float | None], str]] = {
    "count": numbers.count,
    "days": numbers.days,
    "share": numbers.percent,
    "ratio": numbers.ratio,
    "month": numbers.month,
    "number": numbers.number,
}


def value_text(value: float | str | None, form: str = "number", unit: str = "", what: str = "") -> str:
    """A feature's value as a rep reads it.

    Parameters
    ----------
    value : float, str or None
        NaN and None are not known.
    form : str
        How it is written, as in the feature registry; an unknown form is written as a number.
    unit : str
        The currency of money.
    what : str
        The feature in words; of a trend only the direction is told.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return words.NOT_KNOWN
    if isinstance(value, str):
        return _category(value, form)
    trend = _trend(what, value, form)
    if trend:
        return trend[0]
    if form == "money":
        return numbers.money(value, unit)
    return _FORMS.get(form, numbers.number)(value)


def sentence(
    what: str, value: float | str | None, form: str = "number", unit: str = "", *, rare: bool = False
) -> str:
    """The fact behind a reason, of one feature alone: "No order for 74 days"."""
    return in_words(what, value, form, unit, rare=rare)[0]


def in_words(
    what: str,
    value: float | str | None,
    form: str = "number",
    unit: str = "",
    *,
    rare: bool = False,
    fact: Fact | None = None,
    near: Mapping[str, float | str | None] = MappingProxyType({}),
    lean: int = 0,
    name: str = "",
    peers: Peers | None = None,
) -> tuple[str, str]:
    """The fact behind a reason, and its value, as a rep reads them.

    Parameters
    ----------
    what : str
        The feature in words, such as "orders in the last 90 days".
    value, form, unit
        As in :func:`value_text`; of a count, ``unit`` says what one is called.
    rare : bool
        Whether the value is a category that the model does not tell apart.
    fact : Fact, optional
        What the feature tells, if it is read from its words already.
    near : mapping of str to float or str
        Values of the fact's companions in the same row, by role.
    lean : int
        -1 if the reason counts against the account, 1 if in its favour; what would read the other
        way is then left out. 0 tells nothing but the feature.
    name : str
        The feature's name among the peers.
    peers : Peers, optional
        All others, beside which the value is told where it has no usual of its own.
    """
    fact = fact or read_fact(what, form, unit)
    known = Known(fact, None if isinstance(value, str) else value, near, unit, form, lean)
    found = _told(what, value, form, unit, rare, known)
    if found.compared or peers is None or (rare and value is not None):
        return found.sentence, found.value
    beside = peers.beside(name, fact, value, form, unit, lean)
    return (beside.replace("{sentence}", found.sentence) if beside else found.sentence), found.value


def _told(what: str, value: float | str | None, form: str, unit: str, rare: bool, known: Known) -> Told:
    """The sentence as the row alone tells it."""
    if not isinstance(value, str):
        told = tell(known)
        if told:
            return told
    text = value_text(value, form, unit, what)
    if rare and text != words.NOT_KNOWN:
        return Told(words.STATEMENT.format(what=capital(what), value=f"{text} ({words.RARE})"), text)
    plain = words.STATEMENT.format(what=capital(what), value=text)
    if isinstance(value, float | int) and math.isfinite(value):
        plain = _running(what, value, form, text) or plain
    return Told(plain, text)


def _running(what: str, value: float, form: str, text: str) -> str | None:
    """A sentence that runs better than the plain statement, where there is one."""
    trend = _trend(what, value, form)
    if trend:
        return trend[1]
    if value < 0:
        return _ahead(what, value, form)
    pattern = _pattern(what, form)
    return pattern.replace(_VALUE, text) if pattern else None


_VALUE = "{value}"


@functools.lru_cache(maxsize=4096)
def _pattern(what: str, form: str) -> str:
    """The sentence with a place for the value; empty where it is stated plainly."""
    for needed, pattern, template in words.PATTERNS:
        match = re.fullmatch(pattern, what) if form == needed else None
        if match:
            parts = {**match.groupdict(), "value": _VALUE}
            return template.format(**parts, What=capital(parts["what"]))
    return ""


def _ahead(what: str, value: float, form: str) -> str | None:
    """The sentence for a date that lies ahead."""
    pattern, template = words.AHEAD
    match = re.fullmatch(pattern, what) if form == "days" else None
    return template.format(What=capital(match["what"]), value=numbers.days(-value)) if match else None


def _trend(what: str, value: float, form: str) -> tuple[str, str] | None:
    """The word and the sentence for a trend: a ratio turns at 1, a change of an amount at 0."""
    parts = _compared(what) if form in ("ratio", "number") else {}
    if not parts:
        return None
    words_of = words.NUMBER_TREND if form == "ratio" else words.AMOUNT_TREND
    moved = value - (1 if form == "ratio" else 0)
    word, template = words_of[int(moved > 0) - int(moved < 0)]
    return word, template.format(**parts)


@functools.lru_cache(maxsize=4096)
def _compared(what: str) -> dict[str, str]:
    """What a trend compares, and over how many days; empty for anything else."""
    match = re.fullmatch(words.COMPARED, what)
    return match.groupdict() if match else {}


def _category(value: str, form: str) -> str:
    if form == "month" and value.isdecimal():
        return numbers.month(int(value))
    return one_line(value)


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


def capital(text: str) -> str:
    """The text with a capital at its beginning; the rest as it is."""
    return text[:1].upper() + text[1:]
