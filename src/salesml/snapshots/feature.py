"""The registry of features: what each column of a snapshot is, and what a rep calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["number", "category"]
Form = Literal["count", "money", "days", "share", "ratio", "number", "category", "month"]
Tag = Literal["", "actionable", "fixed", "symptom"]

JOINT = " + "
"""Stands between the names of groups that training found to say the same."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature of a snapshot.

    Parameters
    ----------
    name : str
        Column name: letters, digits and underscores only (LightGBM refuses others).
    kind : {"number", "category"}
    source : str
        Where it comes from: ``events.orders``, ``accounts``, ``contracts``, ``calendar``,
        ``own.NAME`` or ``table`` for a flat one.
    column : str
        The source's column or measure, when there is one.
    window_days : int or None
        Days before the as-of date that it looks at; None for all that was known.
    unit : str
        Unit of the number in words (``orders``, ``days``, a currency), or empty.
    form : str
        How a value is written for a rep.
    words : str
        What a rep reads, such as "orders in the last 90 days".
    group : str
        Features of one group say the same thing and make one reason.
    tag : str
        ``actionable``, ``fixed``, ``symptom`` or empty.
    undated : bool
        Whether its value has no history: it may have been filled in later.
    """

    name: str
    kind: Kind = "number"
    source: str = "table"
    column: str = ""
    window_days: int | None = None
    unit: str = ""
    form: Form = "number"
    words: str = ""
    group: str = ""
    tag: Tag = ""
    undated: bool = False

    @property
    def groups(self) -> set[str]:
        """Names of the groups that its group was joined of."""
        return set(self.group.split(JOINT)) - {""}

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Feature:
        return cls(**data)
