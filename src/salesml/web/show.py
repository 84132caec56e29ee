"""How values are shown in pages: the filters of templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from salesml.words import numbers


def money(value: float | None, currency: str = "") -> str:
    """An amount with its currency."""
    return numbers.money(value, currency)


def moment(when: dt.datetime, zone: str) -> str:
    """A moment in a time zone: ``3 October 2026, 14:05``."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{numbers.date(local.date())}, {local:%H:%M}"


def segment(text: str) -> str:
    """A text as one part of a path, whatever letters it has."""
    return quote(text, safe="")


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "chance": numbers.chance,
    "count": numbers.count,
    "day": numbers.date,
    "hours": numbers.hours,
    "moment": moment,
    "money": money,
    "percent": numbers.percent,
    "segment": segment,
}
"""Filters by name."""
