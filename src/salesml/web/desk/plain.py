"""JSON of the store as plain data; what is not as expected is missing, so that a page still comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def mapping(text: str | None) -> Mapping[str, Any]:
    """An object; empty where the text holds none."""
    found = _read(text)
    return found if isinstance(found, dict) else {}


def mappings(text: str | None) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    found = _read(text)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _read(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
