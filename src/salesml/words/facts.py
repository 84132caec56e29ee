"""What a feature tells, read from its words, and which others of the row complete its sentence."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from salesml.words import english as words

NONE_TOLD = ("sum", "mean", "largest", "distinct", "share", "returned_sum")
"""Kinds that tell, where there was no event, nothing else."""

TRENDS = {"count_trend": 1, "amount_trend": 0}
"""The value at which a trend turns."""


@dataclass(frozen=True)
class Fact:
    """What a feature tells.

    Parameters
    ----------
    kind : str
        As in :data:`salesml.words.english.FACTS`, or empty: stated plainly.
    what : str
        The measure or category.
    one, many : str
        One event and several, as a rep calls them.
    days : int
        Days that it looks at; 0 for all.
    """

    kind: str = ""
    what: str = ""
    one: str = ""
    many: str = ""
    days: int = 0


@functools.lru_cache(maxsize=4096)
def read_fact(what: str, form: str, unit: str = "") -> Fact:
    """What a feature tells, by its words, form and unit."""
    for kind, forms, pattern in words.FACTS:
        match = re.fullmatch(pattern, what) if form in forms else None
        if match:
            parts = {"days": "0", "one": "", **match.groupdict()}
            one = parts["one"] or _one(kind, unit, parts.get("many", ""))
            return Fact(kind, parts.get("what", ""), one, parts.get("many", ""), int(parts["days"]))
    return Fact()


def _one(kind: str, unit: str, many: str) -> str:
    """Of a count, the unit is what one is called."""
    return unit if kind in ("count", "year_ago") and unit != many else ""


_EVENTS = ("count", 1)
BESIDE: dict[str, dict[str, tuple[str, int]]] = {
    "last": {"usual": ("usual", 1)},
    "overdue": {"last": ("last", 1), "usual": ("usual", 1)},
    "usual": {"last": ("last", 1)},
    "vary": {"usual": ("usual", 1), "last": ("last", 1)},
    "count": {"trend": ("count_trend", 1), "both": ("count", 2)},
    "count_trend": {"now": ("count", 1)},
    "sum": {"trend": ("amount_trend", 1), "both": ("sum", 2), "events": _EVENTS},
    "amount_trend": {"now": ("sum", 1)},
    "mean": {"sum": ("sum", 1), "events": _EVENTS},
    "largest": {"sum": ("sum", 1), "events": _EVENTS},
    "distinct": {"events": _EVENTS},
    "share": {"events": _EVENTS},
    "returned_sum": {"events": ("returned", 1)},
    "in_stage": {"stage": ("stage", 1)},
    "ended": {"running": ("running", 1)},
    "end": {"running": ("running", 1)},
}
"""For each kind, its companions in a row: their role, their kind, and how many times its days."""

SHOWN_AS = {"overdue": "last", "count_trend": "now", "amount_trend": "now"}
"""A ratio tells a rep nothing: in its place stands the number it is made of, of this role."""


def unsure(fact: Fact) -> bool:
    """Whether more of it may be good or bad for an account."""
    return _unsure(f"{fact.what} {fact.one} {fact.many}")


@functools.lru_cache(maxsize=4096)
def _unsure(what: str) -> bool:
    return bool(re.search(rf"\b(?:{words.UNSURE})\b", what.lower()))


def money_unit(currency: str, *names: str) -> str:
    """The currency, if a measure is called like money; empty for pieces, hours and the like."""
    pattern = rf"(?:^|[\W_\d])(?:{words.MONEY_WORDS})(?:$|[\W_\d])"
    return currency if any(re.search(pattern, name.lower()) for name in names) else ""
