"""What a training was asked beyond its spec, kept with it so that it can be asked again."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

ASKED = "asked.json"


def asked_text(**asked: Any) -> str:
    """Arguments as JSON, those that say nothing left out."""
    said = {key: value for key, value in asked.items() if value not in (None, (), [])}
    return json.dumps(said, indent=2, sort_keys=True, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")
