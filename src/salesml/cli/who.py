"""Who uses the command line, for the audit log."""

from __future__ import annotations

import getpass


def by_command_line() -> str:
    """The user of the machine, and that it was here."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return f"{name} (command line)"
