"""How values are shown in pages: the filters of templates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from salesml.words import english as words
from salesml.words import numbers

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]00:00:00)?")

DOTS: Final = re.compile(r"(?:^|[/\\])\.\.?(?:$|[/\\])")
"""Parts of a path that are not kept as they are."""

LARGE: Final = 1_000_000

SIGNS: Final = {"raises": words.PICTURE_UP, "lowers": words.PICTURE_DOWN}


def money(value: float | None, currency: str = "") -> str:
    """An amount with its currency."""
    return numbers.money(value, currency)


def moment(when: dt.datetime, zone: str) -> str:
    """A moment in a time zone: ``3 October 2026, 14:05``."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{numbers.date(local.date())}, {local:%H:%M}"


def day(when: dt.date | str | None) -> str:
    """A day as it is spoken, also of a text such as ``2026-01-01`` or ``2026-01-01T10:00:00``."""
    if when is None:
        return words.NOT_KNOWN
    try:
        return numbers.date(dt.date.fromisoformat(when[:10]) if isinstance(when, str) else when)
    except ValueError:
        return str(when)


def segment(text: str, name: str = "id") -> str:
    """What stands behind a list's path and a slash in the address of one of it, whatever letters its id has.

    Browsers and proxies leave parts ``.`` and ``..`` out of paths, written as ``%2E`` too (WHATWG URL,
    section 4.4; RFC 3986, section 5.2.4): an id with such a part stands in the query.
    """
    whole = quote(text, safe="")
    return f"?{name}={whole}" if DOTS.search(text) else whole


def query(values: Mapping[str, Any], **others: Any) -> str:
    """Values as the end of an address, some of them replaced; what is empty is left out."""
    both = {key: value for key, value in (dict(values) | others).items() if value not in ("", None)}
    return "?" + urlencode(both) if both else "?"


def marks(reason: Mapping[str, Any]) -> str:
    """Direction and strength of a reason as signs: ``+++``."""
    return SIGNS.get(str(reason.get("direction")), "") * words.DEGREES.get(str(reason.get("strength")), 1)


def band_words(band: str | None, task: str) -> str:
    """What a band says: ``highest risk``."""
    return words.BANDS_OF.get(task, words.BANDS).get(band or "", "")


def outcome(task: str, days: int | None = None) -> str:
    """What a chance is the chance of, and within how many days where that is known."""
    said = words.OUTCOMES.get(task, words.OUTCOME)
    return words.OUTCOME_WITHIN.format(outcome=said, days=days) if days else said


def in_hundred(probability: float) -> int:
    """About how many of a hundred."""
    return round(100 * probability)


def value(of: Any) -> str:
    """What stands in an attribute: whole numbers below a million as they are: they may be years."""
    if of is None or of == "":
        return words.NOT_KNOWN
    if isinstance(of, int | float) and not isinstance(of, bool) and (of != of // 1 or abs(of) >= LARGE):
        return numbers.number(float(of))
    if isinstance(of, str) and DAY.fullmatch(of):
        return day(of)
    return f"{of:.0f}" if isinstance(of, float) else str(of)


UNITS: Final[dict[str, Callable[[float], str]]] = {
    "share": numbers.percent,
    "days": numbers.days,
    "hours": numbers.hours,
    "times": numbers.ratio,
    "number": numbers.number,
}
"""How values of the scorecard's units are written, but for amounts."""

LEAST_SHARE: Final = 0.001
"""Shares below it are told as such, which is no end of an interval."""


def spread(figure: Any, unit: str, currency: str = "") -> tuple[str, str]:
    """The ends of a figure's interval with their unit; empty where it has none, or its unit is not known."""
    if figure.low is None or figure.high is None:
        return "", ""
    if unit in ("money", "money per hour"):
        return money(figure.low, currency), money(figure.high, currency)
    shown = UNITS.get(unit)
    if shown is numbers.percent and 0 < figure.low < LEAST_SHARE:
        return shown(0.0), shown(figure.high)
    return (shown(figure.low), shown(figure.high)) if shown else ("", "")


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "band_words": band_words,
    "chance": numbers.chance,
    "count": numbers.count,
    "day": day,
    "hours": numbers.hours,
    "in_hundred": in_hundred,
    "marks": marks,
    "moment": moment,
    "money": money,
    "outcome": outcome,
    "percent": numbers.percent,
    "query": query,
    "segment": segment,
    "spread": spread,
    "value": value,
}
"""Filters by name."""
