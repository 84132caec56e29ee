"""What changed of an account, in words: a value now, and what it was before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from salesml.words import english as words
from salesml.words import numbers
from salesml.words.facts import Fact, read_fact
from salesml.words.reasons import capital, in_words

Near = Mapping[str, float | str | None]
NOTHING: Near = MappingProxyType({})

MORE_IS_GOOD = ("count", "sum", "active_days")
LESS_IS_GOOD = ("last",)
"""Kinds of facts whose change reads as good or bad news of an account."""


def changed(
    what: str,
    before: float | str | None,
    now: float | str | None,
    form: str,
    unit: str = "",
    *,
    fact: Fact | None = None,
    rare: tuple[bool, bool] = (False, False),
    near: tuple[Near, Near] = (NOTHING, NOTHING),
    lean: int = 0,
    day: dt.date | None = None,
) -> tuple[str, str, str, str]:
    """A sentence on a value and what it was, and the same beside a headline that names the day; then both
    values as a rep reads them: before, now.

    Parameters
    ----------
    what, form, unit, fact, lean
        As in :func:`salesml.words.in_words`.
    rare : tuple of bool
        Whether the model does not tell the level apart, before and now.
    near : tuple of mapping
        Values of the fact's companions, before and now. Only what says that there was no event belongs
        here: a comparison with other days would stand beside this one.
    day : datetime.date, optional
        The day that ``before`` is of.
    """
    sentence, text = in_words(what, now, form, unit, rare=rare[1], fact=fact, near=near[1], lean=lean)
    earlier = in_words(what, before, form, unit, rare=rare[0], fact=fact, near=near[0])[1]
    if text == words.NONE != earlier:
        sentence = _none_left(what, now, form, unit, fact)
    if before == now:
        same = words.AS_EVER.format(sentence=sentence)
        return same, same, earlier, text
    still = earlier == text
    item = (words.STILL_BEFORE if still else words.WAS_BEFORE).format(sentence=sentence, before=earlier)
    if day is None:
        return item, item, earlier, text
    dated = words.STILL if still else words.WAS
    return dated.format(sentence=sentence, before=earlier, day=numbers.date(day)), item, earlier, text


def _none_left(what: str, now: float | str | None, form: str, unit: str, fact: Fact | None) -> str:
    """What a value is that there is none of any more, so that the one before can stand beside it."""
    if now == 0:
        return in_words(what, now, form, unit, fact=fact)[0]
    return words.STATEMENT.format(what=capital(what), value=words.NONE)


def of_the_model(
    what: str,
    value: float | str | None,
    form: str,
    unit: str = "",
    *,
    fact: Fact | None = None,
    near: Near = NOTHING,
    rare: bool = False,
    only: str = "",
) -> tuple[str, str]:
    """A fact that another model counts differently, and its value.

    Parameters
    ----------
    only : {"", "old", "new"}
        Which model alone looks at it.
    """
    sentence, text = in_words(what, value, form, unit, rare=rare, fact=fact, near=near)
    template = {"old": words.ONLY_OLD, "new": words.ONLY_NEW}.get(only)
    return template.format(sentence=sentence) if template else sentence, text


def news(what: str, form: str, unit: str, before: Any, now: Any) -> Any:
    """Whether a change reads as good news of an account, 1, bad news, -1, or neither, 0.

    ``before`` and ``now`` are numbers or arrays of them; NaN is neither.
    """
    fact = read_fact(what, form, unit)
    way = int(fact.kind in MORE_IS_GOOD) - int(fact.kind in LESS_IS_GOOD)
    return way * ((now > before) * 1 - (now < before) * 1)


def headline(task: str, before: float | None, now: float | None, day: dt.date | None) -> str:
    """What became of a chance: "Risk of leaving: up from 12% to 31% since 1 October 2025."

    Parameters
    ----------
    before, now : float or None
        Probabilities; None where there was no score.
    day : datetime.date, optional
        The day that ``before`` is of.
    """
    outcome = words.OUTCOMES.get(task, words.OUTCOME)
    parts = {
        "outcome": outcome, "Outcome": capital(outcome), "day": numbers.date(day) if day else "",
        "before": numbers.chance(before), "now": numbers.chance(now),
    }  # fmt: skip
    if before is None:
        template = words.NEWLY if day else words.NEWLY_BEFORE
    elif now is None:
        template = words.GONE if day else words.GONE_BEFORE
    elif parts["before"] == parts["now"]:
        template = words.STAYED if day else words.STAYED_BEFORE
    elif now > before:
        template = words.ROSE if day else words.ROSE_BEFORE
    else:
        template = words.FELL if day else words.FELL_BEFORE
    return template.format(**parts)


def data_told(raises: list[str], lowers: list[str]) -> str:
    """Sentences on what changed in the data, those that raise the score first."""
    both = _items(words.CHANGED_AND_RAISES, raises), _items(words.CHANGED_AND_LOWERS, lowers)
    return " ".join(filter(None, both)) or words.NOTHING_CHANGED


def model_told(
    says: tuple[float, float], starts: tuple[float, float], raises: list[str], lowers: list[str]
) -> str:
    """Sentences on what changed with the model.

    Parameters
    ----------
    says : tuple of float
        What the old and the new model say of the same facts: probabilities.
    starts : tuple of float
        What they say before any fact is known.
    raises, lowers : list of str
        What the new model counts higher, and lower.
    """
    old, new = map(numbers.chance, says)
    template = words.MODEL_CHANGED if old != new else words.MODEL_CHANGED_LITTLE
    first, then = map(numbers.chance, starts)
    base = words.MODEL_BASE_UP if starts[1] > starts[0] else words.MODEL_BASE_DOWN
    sentences = [
        template.format(old=old, new=new),
        base.format(old=first, new=then) if first != then else "",
        _items(words.MODEL_RAISES, raises),
        _items(words.MODEL_LOWERS, lowers),
    ]
    return " ".join(filter(None, sentences))


def _items(template: str, items: list[str]) -> str:
    return template.format(items=words.JOIN.join(items)) if items else ""
