"""A text from a table as a rep reads it."""

from __future__ import annotations

import unicodedata

from salesml.words import english as words

LONGEST = 60
"""Characters of a text value that are shown."""


def named(what: str, name: str) -> str:
    """What a rep reads of a feature: its words or, without any, its name as words."""
    return what or name.replace("_", " ").strip()


def one_line(text: str) -> str:
    """A text in one line, without control characters, shortened where it is long."""
    visible = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    line = " ".join(visible.split()) or words.EMPTY
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
