"""How a chance went over time: places across in per cent, so that the picture is as wide as its page, and
letters stay as large as they are."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape

from salesml.words import english as words
from salesml.words.drawing import svg
from salesml.words.numbers import chance, date, percent
from salesml.words.reasons import capital

NAME: Final = "timeline"

HEIGHT, TOP, BOTTOM = 190.0, 24.0, 150.0
"""In pixels, with the highest and the lowest place of the scale."""

LEFT, RIGHT = 13.0, 88.0
"""Where the first and the last day stand, in per cent."""

ENDS: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Chances at which a scale may end; it begins at nothing."""


@dataclass(frozen=True)
class Then:
    """A chance on a day."""

    day: dt.date
    chance: float


def timeline(points: Sequence[Then], task: str) -> str:
    """Chances over time as an SVG picture.

    Parameters
    ----------
    points : sequence of Then
        At least one, in the order of their days.
    task : str
        Says what it is the chance of.

    Returns
    -------
    str
        Without script, style and references, with a title and a description for screen readers.
    """
    scale = _Scale.over(points)
    outcome = words.OUTCOMES.get(task, words.OUTCOME)
    head = words.COURSE_TITLE.format(
        outcome=capital(outcome), first=date(points[0].day), last=date(points[-1].day)
    )
    told = words.JOIN.join(_said(each) for each in points)
    name = f"{NAME}-{hashlib.sha256(f'{head} {told}'.encode()).hexdigest()[:12]}"
    return svg.element(
        "svg", svg.title(head, id=f"{name}-title"), svg.title(told, "desc", f"{name}-told"),
        *_marks(scale), *_days(points), *_course(points, scale),
        xmlns="http://www.w3.org/2000/svg", width="100%", height=HEIGHT, class_=NAME, role="img",
        aria_labelledby=f"{name}-title {name}-told",
    )  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    first: int
    last: int
    end: float

    @classmethod
    def over(cls, points: Sequence[Then]) -> _Scale:
        highest = max(each.chance for each in points)
        end = next((end for end in ENDS if highest <= end), ENDS[-1])
        return cls(points[0].day.toordinal(), points[-1].day.toordinal(), end)

    def x(self, day: dt.date) -> float:
        """Per cent from the left; a single day stands on the right."""
        if self.first == self.last:
            return RIGHT
        return LEFT + (RIGHT - LEFT) * (day.toordinal() - self.first) / (self.last - self.first)

    def y(self, chance: float) -> float:
        """Pixels from the top."""
        return BOTTOM - (BOTTOM - TOP) * chance / self.end


def _marks(scale: _Scale) -> list[str]:
    drawn = []
    for share in (0.0, 0.5, 1.0):
        y = scale.y(share * scale.end)
        drawn += [
            svg.element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"),
            svg.text(percent(share * scale.end), 0.0, y - 4, "fine"),
        ]
    return drawn


def _days(points: Sequence[Then]) -> list[str]:
    """The first and the last day; more would not fit a telephone."""
    first, last = points[0].day, points[-1].day
    drawn = [_text(date(last), "100%", HEIGHT - 12, "fine", "end")]
    return drawn if first == last else [_text(date(first), "0", HEIGHT - 12, "fine", None), *drawn]


def _course(points: Sequence[Then], scale: _Scale) -> list[str]:
    lines = [
        svg.element("line", x1=_across(scale.x(one.day)), x2=_across(scale.x(two.day)),
                    y1=scale.y(one.chance), y2=scale.y(two.chance), class_="course")
        for one, two in pairwise(points)
    ]  # fmt: skip
    dots = [
        svg.element("circle", svg.title(_said(each)), cx=_across(scale.x(each.day)), cy=scale.y(each.chance),
                    r=4.0, class_="dot")
        for each in points
    ]  # fmt: skip
    last = points[-1]
    label = _text(chance(last.chance), "100%", scale.y(last.chance) - 8, "strong", "end")
    return [*lines, *dots, label]


def _said(point: Then) -> str:
    return words.STATEMENT.format(what=date(point.day), value=chance(point.chance))


def _across(share: float) -> str:
    return f"{share:.2f}%"


def _text(content: str, x: str, y: float, class_: str, anchor: str | None) -> str:
    return svg.element("text", escape(content), x=x, y=y, class_=class_, text_anchor=anchor)
