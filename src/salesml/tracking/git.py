"""Which commit a model was trained from, without any credentials."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# Both begin at "://", so that a long text without any address is passed over quickly. A password may
# hold any letter, a slash too, so all is left out up to the last @ of the word.
_USER = re.compile(r"://[^\s\"']{0,1000}@")
_QUERY = re.compile(r"(://[^\s?#]*)[?#]\S*")


def without_secrets(text: str) -> str:
    """The text with user names, passwords and queries of addresses in it left out."""
    return _QUERY.sub(r"\1", _USER.sub("://", text))


def git_facts(folder: Path) -> dict[str, str]:
    """Tags that say which commit a folder is at; empty where it is not under git.

    ``git.commit``; ``git.changed`` when files differ from it; ``git.remote`` without credentials.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    facts = {"git.commit": commit}
    if _git(folder, "status", "--porcelain", "--untracked-files=no"):
        facts["git.changed"] = "true"
    remote = _git(folder, "config", "--get", "remote.origin.url")
    if remote:
        facts["git.remote"] = without_secrets(remote)
    return facts


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
