"""Columns that several tables of the checks have, and short ways to declare others."""

from __future__ import annotations

from typing import Literal

from salesml.scorecard.metric import Unit
from salesml.scorecard.schema import Column, Type

LEVEL = Column(name="level", type="text", meaning="company, team or rep")
WHO = Column(name="id", type="text", meaning="The team or rep; company for all", heading="Team or rep")
WORDS = Column(name="words", type="text", meaning="The row as a sentence")
VERDICT = Column(name="verdict", type="text", meaning="What the row comes to")


def column(name: str, type: Type, meaning: str, heading: str = "", unit: Unit | Literal[""] = "") -> Column:
    return Column(name=name, type=type, meaning=meaning, heading=heading, unit=unit)


def text(name: str, meaning: str, heading: str = "") -> Column:
    return column(name, "text", meaning, heading)


def whole(name: str, meaning: str, heading: str = "") -> Column:
    return column(name, "whole", meaning, heading)


def date(name: str, meaning: str, heading: str = "") -> Column:
    return column(name, "date", meaning, heading)


def truth(name: str, meaning: str, heading: str = "") -> Column:
    return column(name, "truth", meaning, heading)


def number(name: str, meaning: str, heading: str = "", unit: Unit | Literal[""] = "") -> Column:
    return column(name, "number", meaning, heading, unit)


def ends(
    what: str, unit: Unit | Literal[""] = "", low: str = "low", high: str = "high"
) -> tuple[Column, Column]:
    return (
        number(low, f"Lower end of the 90 % interval of {what}", "From", unit),
        number(high, f"Upper end of the 90 % interval of {what}", "To", unit),
    )
