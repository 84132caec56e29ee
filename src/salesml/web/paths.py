"""Addresses: where people are sent within the site, and which others are safe to ask."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

FIRST: Final = "/"
LONGEST: Final = 2_000
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def ours(path: str) -> str:
    """A path of this site; the first page where it is anything else.

    Browsers take ``//`` and ``/\\`` for the beginning of a host, and leave out tabs and line ends before they
    look.
    """
    if len(path) > LONGEST or not path.startswith("/") or path.startswith("//"):
        return FIRST
    return FIRST if "\\" in path or not path.isprintable() else path


def hostname(host: str) -> str:
    """The name of a `Host` header, without the port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_safe(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent: https, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
