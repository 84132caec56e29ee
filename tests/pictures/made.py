"""Rows of a score table by hand, and pictures read back."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

SVG = "{http://www.w3.org/2000/svg}"


def reason(words: str, contribution: float, value: str = "", strength: str = "strong") -> dict[str, Any]:
    """A reason as the score table has it, as far as a picture looks at it."""
    return {"words": words, "value_text": value, "contribution": contribution, "strength": strength}


def row(*reasons: dict[str, Any], base: float = -2.0, other: float = 0.1, **more: Any) -> dict[str, Any]:
    """A scored row."""
    return {
        "task": "churn", "entity_id": "c1", "as_of": dt.date(2026, 1, 1), "base_value": base,
        "other_contribution": other, "reasons": [*reasons], **more,
    }  # fmt: skip


def read(picture: str) -> ET.Element:
    """The picture as a parser of XML sees it; refuses what is not well-formed."""
    return ET.fromstring(picture.encode())


def texts(picture: str, class_: str = "") -> list[str]:
    """What stands in the picture to be read, in order."""
    found = [each for each in read(picture).iter(f"{SVG}text") if class_ in (each.get("class") or "")]
    return ["".join(each.itertext()) for each in found]


def arrows(picture: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """Direction and corners of each arrow."""
    return [
        (
            each.get("class") or "",
            [tuple(map(float, pair.split(","))) for pair in each.get("points", "").split()],
        )
        for each in read(picture).iter(f"{SVG}polygon")
    ]  # type: ignore[misc]
