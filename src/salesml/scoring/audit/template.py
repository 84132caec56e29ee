"""A sentence pattern of the catalogue, read backwards: what a sentence of it says, and of which values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from salesml.scoring.audit.shown import HOLE, Holds, hollow, read_back

Derived = Literal["", "events before", "amount before"]
Reads = Literal["", "late", "up", "down", "raises", "lowers", "good", "bad"]
Since = Literal["", "never", "not in", "in", "at"]


@dataclass(frozen=True)
class Value:
    """Something about a row that a sentence may state.

    Parameters
    ----------
    positions : tuple of int
        The feature; for what was before, the features of the window, of twice the window (-1 without)
        and of the trend.
    derived : {"", "events before", "amount before"}
        How it is made of them.
    constant : float
        What it is in all rows, where there are no positions: a fact of the bundle.
    """

    positions: tuple[int, ...]
    derived: Derived = ""
    constant: float = math.nan


@dataclass(frozen=True)
class Claim:
    """That a value fits the number in a hole of the sentence; ``hole`` is -1 where it needs none."""

    of: Value
    holds: Holds
    hole: int = -1


@dataclass(frozen=True)
class Part:
    """What stands at a name of a template: a value in a form. The form ``level`` is a category's text."""

    of: Value
    form: str
    unit: str = ""


@dataclass(frozen=True)
class Said:
    """What a sentence says.

    Parameters
    ----------
    subject : int
        The feature it tells.
    claims : tuple of Claim
    fixed : tuple of (int, float)
        Holes whose numbers are words of the features, such as the days of a window.
    levels : tuple of (int, str, int)
        Features, the hollowed text that is said of them, and the first hole in it.
    reads : {"", "late", "up", "down", "raises", "lowers", "good", "bad"}
        What it reads like: by the two values of ``against``, late where the first is above the second; or
        in any case.
    against : tuple of Value
    since : {"", "never", "not in", "in", "at"}
        What it says of the time since the last event of the feature's source, within ``days``.
    days : int
    """

    subject: int
    claims: tuple[Claim, ...]
    fixed: tuple[tuple[int, float], ...] = ()
    levels: tuple[tuple[int, str, int], ...] = ()
    reads: Reads = ""
    against: tuple[Value, ...] = ()
    since: Since = ""
    days: int = 0


@dataclass(frozen=True)
class Template:
    """A pattern in which only values are still open, each as ``mark(name)``.

    Parameters
    ----------
    text : str
    subject : int
    parts : mapping of str to Part
        What the names stand for.
    always : sequence of Claim
        What it claims without stating a number.
    reads, against, since, days
        As in :class:`Said`.
    """

    text: str
    subject: int
    parts: Mapping[str, Part]
    always: Sequence[Claim] = ()
    reads: Reads = ""
    against: tuple[Value, ...] = ()
    since: Since = ""
    days: int = 0

    @cached_property
    def _pieces(self) -> list[str]:
        """Texts and names in turn."""
        return re.split("\x01(.*?)\x02", self.text[:1].upper() + self.text[1:])

    @cached_property
    def _texts(self) -> list[str]:
        """The texts between the names, hollowed."""
        return [hollow(piece)[0] for piece in self._pieces[::2]]

    def _may_fit(self, hollowed: str) -> bool:
        """Whether it is worth compiling the pattern: few of a feature's templates begin and end alike."""
        first, last = self._texts[0], self._texts[-1]
        return hollowed.startswith(first) and hollowed.endswith(last)

    @cached_property
    def _pattern(self) -> tuple[re.Pattern[str], list[float]]:
        pattern = re.escape(self._texts[0])
        for name, text in zip(self._pieces[1::2], self._texts[1:], strict=True):
            # A level may hold anything, even what comes behind it; no number does.
            greedy = "" if self.parts[name].form == "level" else "?"
            pattern += f"(?P<{name}>.+{greedy}){re.escape(text)}"
        fixed = [number for piece in self._pieces[::2] for number in hollow(piece)[1]]
        return re.compile(pattern, re.DOTALL), fixed

    def said(self, hollowed: str) -> Said | None:
        """What a sentence says whose numbers are hollowed; None where it is not of this pattern."""
        if not self._may_fit(hollowed):
            return None
        pattern, fixed = self._pattern
        match = pattern.fullmatch(hollowed)
        if not match:
            return None
        spans = {name: match.span(name) for name in self.parts}
        holes = [at for at, letter in enumerate(hollowed) if letter == HOLE]
        free = {hole for low, high in spans.values() for hole in holes if low <= hole < high}
        literal = [number for number, hole in enumerate(holes) if hole not in free]
        claims, levels = list(self.always), []
        for name, part in self.parts.items():
            text, (low, high) = match[name], spans[name]
            inside = [number for number, hole in enumerate(holes) if low <= hole < high]
            if part.form == "level":
                levels.append((part.of.positions[0], text, inside[0] if inside else -1))
                continue
            holds = read_back(text, part.form, part.unit)
            if holds is None:
                return None
            claims.append(Claim(part.of, holds, inside[0] if inside else -1))
        return Said(
            self.subject, tuple(claims), tuple(zip(literal, fixed, strict=True)), tuple(levels),
            self.reads, self.against, self.since, self.days,
        )  # fmt: skip


def mark(name: str) -> str:
    """What stands in a template for a value."""
    return f"\x01{name}\x02"
