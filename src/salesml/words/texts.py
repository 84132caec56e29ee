"""A text from a table as a rep reads it."""

from __future__ import annotations

import functools
import unicodedata

from salesml.words import english as words

LONGEST = 60
"""Characters of a text value that are shown."""
LONGEST_NAME = 120
"""Characters of a feature's name that are shown."""
READ = 20
"""How many times as many characters are looked at: a text may be full of marks that are not shown."""
MARKS = 2
"""Accents that one letter may bear; piled up they reach over other lines."""


@functools.lru_cache(maxsize=4096)
def named(what: str, name: str) -> str:
    """What a rep reads of a feature: its words or, without any, its name as words."""
    return one_line(what or name.replace("_", " "), LONGEST_NAME)


@functools.lru_cache(maxsize=4096)
def one_line(text: str, longest: int = LONGEST) -> str:
    """A text in one line, without anything that is not seen, shortened where it is long.

    Line breaks and control characters become spaces. Marks that turn the direction of writing, hide, or are
    half a character are left out, and so are accents beyond :data:`MARKS` on one letter. Markup stays as it
    was typed: whoever puts the text on a page escapes it.
    """
    line = " ".join(_visible(text[: READ * longest]).split()) or words.EMPTY
    if len(line) <= longest and len(text) <= READ * longest:
        return line
    return line[: longest - 1].rstrip() + "…"


def _visible(text: str) -> str:
    letters, marks = [], 0
    for letter in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind[0] == "M" else 0
        if kind == "Cc":
            letters.append(" ")
        elif kind[0] != "C" and marks <= MARKS:
            letters.append(letter)
    return "".join(letters)
