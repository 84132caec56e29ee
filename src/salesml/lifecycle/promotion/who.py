"""Who moves a champion, for the record."""

from __future__ import annotations

import getpass
from pathlib import Path

from salesml.tracking.git import _git


def who(folder: Path, by: str = "") -> str:
    """Whoever is named or, where nobody is, the user of git in a folder, or of the machine."""
    if by.strip():
        return by.strip()
    named = _git(folder, "config", "user.name")
    if named:
        return f"{named} (git)"
    try:
        return f"{getpass.getuser()} (this machine)"
    except (OSError, KeyError):
        return "unknown"
