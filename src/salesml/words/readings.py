"""How a value reads, apart from what it does to a score: as good news, as bad news, or as no news."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.words.facts import NONE_TOLD, TRENDS, Fact, unsure


def reading(fact: Fact, value: Any, near: Mapping[str, Any]) -> Any:
    """Whether a value reads like good news of an account, 1, bad news, -1, or neither, 0.

    ``value`` and the companions in ``near`` are numbers or arrays of them; NaN is neither.
    """
    if unsure(fact):
        return value * 0 == 1
    if fact.kind in TRENDS:
        turn = TRENDS[fact.kind]
        now = near.get("now", 1)
        return ((value > turn) * 1 - (value < turn) * 1) * (now != 0) - (now == 0) * 1
    if fact.kind in ("last", "overdue") and "usual" in near:
        since = near.get("last", value)
        return (since <= near["usual"]) * 1 - (since > near["usual"]) * 1
    if fact.kind in ("count", "active_days"):
        return (value == 0) * -1
    if fact.kind in NONE_TOLD and "events" in near:
        return (near["events"] == 0) * -1
    return (value == 0) * -1 if fact.kind == "sum" else value * 0 == 1


def silent(fact: Fact, value: Any, near: Mapping[str, Any]) -> Any:
    """Whether it tells nothing but that there was no event; of numbers or arrays of them."""
    if fact.kind in ("count", "active_days"):
        return value == 0
    return near["events"] == 0 if fact.kind in NONE_TOLD and "events" in near else value * 0 == 1
