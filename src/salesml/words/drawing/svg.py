"""Pieces of an SVG picture as text: everything from outside is escaped, nothing refers to anywhere."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

ISOLATE, POP = "\u2068", "\u2069"
"""Around a text that may run from right to left, so that what follows does not join it."""

NARROW, WIDE = frozenset("ijlIft.,;:'|!()[] -"), frozenset("mwMW@%…—")


def element(name: str, *inside: str, **attributes: object) -> str:
    """An element with what stands in it, which is markup already; ``class_`` and ``font_size`` are written
    as ``class`` and ``font-size``."""
    listed = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{listed}>{''.join(inside)}</{name}>" if inside else f"<{name}{listed}/>"


def text(content: str, x: float, y: float, class_: str, anchor: str | None = None) -> str:
    """One line of text."""
    return element("text", escape(content), x=x, y=y, class_=class_, text_anchor=anchor)


def title(content: str, name: str = "title", id: str | None = None) -> str:
    """A title or description, which screen readers say and pointers show."""
    return element(name, escape(content), id=id)


def number(value: object) -> str:
    """A number to a tenth of a pixel, anything else as it is."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def isolated(content: str, part: str = "") -> str:
    """The text with ``part`` of it, or all, kept apart where it runs from right to left."""
    part = part or content
    if not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in part):
        return content
    return content.replace(part, f"{ISOLATE}{part}{POP}", 1)


def width(content: str, size: float) -> float:
    """About how many pixels a text takes in a font of ``size`` pixels; rather too many than too few."""
    return size * sum(map(_share, content))


@lru_cache(maxsize=4096)
def _share(letter: str) -> float:
    if letter in (ISOLATE, POP) or unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.1
    if letter in NARROW:
        return 0.36
    return 0.95 if letter in WIDE else 0.72 if letter.isupper() else 0.6


def lines(content: str, room: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines that fit the room; what is left over ends in "…"."""
    found: list[str] = []
    rest = content.split()
    while rest and len(found) < most:
        line = rest.pop(0)
        if width(line, size) > room:
            line, over = _cut(line, room, size)
            rest.insert(0, over)
        else:
            while rest and width(f"{line} {rest[0]}", size) <= room:
                line = f"{line} {rest.pop(0)}"
        found.append(line)
    if rest:
        found[-1] = _cut(found[-1], room - width("…", size), size)[0].rstrip(" ,;:") + "…"
    return found or [""]


def _cut(word: str, room: float, size: float) -> tuple[str, str]:
    """As much of a word as fits, at least a letter, and the rest."""
    fits = next((end for end in range(1, len(word)) if width(word[: end + 1], size) > room), len(word))
    return word[:fits], word[fits:]
