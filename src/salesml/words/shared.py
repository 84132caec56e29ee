"""What two have in common, in words: true of both, and telling neither's exact value beyond need."""

from __future__ import annotations

import math
import re

from salesml.words import english as words
from salesml.words import numbers
from salesml.words.reasons import capital, in_words, value_text


def both_have(what: str, low: float | str | None, high: float | str | None, form: str, unit: str = "") -> str:
    """A sentence true of two whose values lie from ``low`` to ``high``.

    Parameters
    ----------
    what : str
        The feature in words.
    low, high : float, str or None
        Ends of a range, such as :func:`salesml.words.ranges.ends` gives, or the same value twice. Infinity
        leaves the range open. None is not known of either.
    form, unit : str
        As in :func:`salesml.words.value_text`.
    """
    if low is None or high is None:
        return words.OF_NEITHER.format(what=capital(what))
    if isinstance(low, str) or isinstance(high, str):
        return words.BOTH.format(what=capital(what), value=value_text(str(low), form, unit))
    if low == high:
        return _same(what, low, form, unit)
    return words.BOTH.format(what=capital(what), value=_range(low, high, form, unit))


def both_rare(what: str) -> str:
    """The sentence for two categories that the model does not tell apart."""
    return words.BOTH.format(what=capital(what), value=words.RARE)


def _same(what: str, value: float, form: str, unit: str) -> str:
    sentence, text = in_words(what, value, form, unit)
    plain = sentence == words.STATEMENT.format(what=capital(what), value=text)
    if plain:
        return words.BOTH.format(what=capital(what), value=text)
    # "UK orders" keeps its capitals.
    lowered = sentence[:1].lower() + sentence[1:] if re.match(r"[A-Z]([a-z]|$| )", sentence) else sentence
    return words.TRUE_OF_BOTH.format(sentence=lowered)


def _range(low: float, high: float, form: str, unit: str) -> str:
    if math.isinf(low) and math.isinf(high):
        return words.ANYTHING
    if math.isinf(low):
        return words.OR_LESS.format(value=value_text(high, form, unit))
    if math.isinf(high):
        return words.OR_MORE.format(value=value_text(low, form, unit))
    if form == "days" and 0 <= low < high <= 365:
        span = words.FROM_TO.format(low=numbers.count(low), high=numbers.count(high))
        return words.DAYS.format(count=span)
    return words.FROM_TO.format(low=value_text(low, form, unit), high=value_text(high, form, unit))
