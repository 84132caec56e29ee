"""Charts as SVG whose width follows the page: places across in per cent, down in pixels, text as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from salesml.scorecard.report.scale import Scale, short
from salesml.words import texts
from salesml.words.drawing.svg import element, text, title

HEIGHT, TOP, BOTTOM = 150.0, 16.0, 24.0
"""Of a picture of steps, in pixels."""

LEFT, RIGHT = 13.0, 96.0
"""Where the first and the last step stand, in per cent."""

ROW = 24.0
"""Height of a row of dots and intervals."""

SHORT = 24
"""Characters of a name beside a dot; all of it is told when the dot is pointed at."""

MOST_LABELS = 4
"""Words under a picture of steps that fit on a phone."""


@dataclass(frozen=True)
class Step:
    """A value of one period, with its interval; NaN where there is none."""

    label: str
    value: float
    low: float = math.nan
    high: float = math.nan
    whole: bool = True


def steps(points: Sequence[Step], name: str, unit: str, currency: str = "") -> str:
    """Values with intervals, one after the other, and the way between them.

    Parameters
    ----------
    points : sequence of Step
    name : str
        What the picture shows, for those who hear it.
    """
    scale = Scale.over([each for point in points for each in (point.value, point.low, point.high)])
    places = _places(len(points))
    inside = [title(name), *_grid(scale, unit, currency)]
    for before, after, start, end in zip(points, points[1:], places, places[1:], strict=False):
        if math.isfinite(before.value) and math.isfinite(after.value):
            inside.append(_line(start, end, _down(scale, before.value), _down(scale, after.value), "way"))
    for index, (point, place) in enumerate(zip(points, places, strict=True)):
        inside.extend(_step(point, place, scale, newest=index == len(points) - 1))
    inside.extend(_labels(points, places))
    return element("svg", *inside, class_="steps", role="img", width="100%", height=HEIGHT)


def interval(low: float, value: float, high: float, scale: Scale, line: float, tone: str) -> str:
    """A dot on its interval, and a line where all together stand. Said in text beside it, so hidden here."""
    inside = []
    if math.isfinite(line):
        place = _percent(100 * scale.share(line))
        inside.append(element("line", x1=place, x2=place, y1=0.0, y2=ROW, class_="all"))
    if math.isfinite(low) and math.isfinite(high):
        ends = (100 * scale.share(low), 100 * scale.share(high))
        inside.append(_line(*ends, ROW / 2, ROW / 2, f"reach {tone}"))
    if math.isfinite(value):
        place = _percent(100 * scale.share(value))
        inside.append(element("circle", cx=place, cy=ROW / 2, r=4.5, class_=f"dot {tone}"))
    return element("svg", *inside, class_="row", aria_hidden="true", width="100%", height=ROW)


def axis(scale: Scale, unit: str, currency: str = "") -> str:
    """The marks over rows of dots and intervals."""
    inside = []
    for mark in scale.marks(3):
        share = scale.share(mark)
        anchor = "start" if share < 0.12 else "end" if share > 0.88 else "middle"
        place = _percent(100 * share)
        inside.append(_mark(short(mark, unit, currency), place, 11.0, anchor))
        inside.append(element("line", x1=place, x2=place, y1=14.0, y2=18.0, class_="tick"))
    return element("svg", *inside, class_="axis", aria_hidden="true", width="100%", height=18.0)


@dataclass(frozen=True)
class Dot:
    """A point of a scatter."""

    x: float
    y: float
    label: str
    tone: str = ""
    named: bool = False


def scatter(
    dots: Sequence[Dot],
    name: str,
    units: tuple[str, str],
    currency: str = "",
    middle: tuple[float, float] = (math.nan, math.nan),
) -> str:
    """A dot for each, named when pointed at, some of them beside it, too.

    Parameters
    ----------
    units : tuple of str
        Across and up.
    middle : tuple of float
        Where a line goes through, across and up; NaN for none.
    """
    across, up = Scale.over([each.x for each in dots]), Scale.over([each.y for each in dots])
    tall = 2 * HEIGHT
    inside = [title(name), *_grid(up, units[1], currency, tall)]
    for mark in across.marks():
        place = _percent(_across(across, mark))
        inside.append(element("line", x1=place, x2=place, y1=TOP, y2=tall - BOTTOM, class_="grid"))
        inside.append(_mark(short(mark, units[0], currency), place, tall - 8, "middle"))
    inside.extend(_middle(middle, across, up, tall))
    # Those that stand out lie over the others.
    for each in sorted(dots, key=lambda each: bool(each.tone)):
        inside.extend(_dot(each, across, up, tall))
    return element("svg", *inside, class_="scatter", role="img", width="100%", height=tall)


def _middle(middle: tuple[float, float], across: Scale, up: Scale, tall: float) -> list[str]:
    found = []
    if math.isfinite(middle[0]):
        place = _percent(_across(across, middle[0]))
        found.append(element("line", x1=place, x2=place, y1=TOP, y2=tall - BOTTOM, class_="all"))
    if math.isfinite(middle[1]):
        y = _down(up, middle[1], tall)
        found.append(element("line", x1=_percent(LEFT), x2="100%", y1=y, y2=y, class_="all"))
    return found


def _dot(each: Dot, across: Scale, up: Scale, tall: float) -> list[str]:
    place, y = _across(across, each.x), _down(up, each.y, tall)
    found = [
        element(
            "circle", title(each.label), cx=_percent(place), cy=y, r=5.0, class_=f"dot {each.tone}".strip()
        )
    ]
    if each.named:
        # Towards the middle of the page, or it would run over its edge.
        left = place > (LEFT + RIGHT) / 2
        beside = _percent(place + (-1.5 if left else 1.5))
        found.append(_mark(texts.one_line(each.label, SHORT), beside, y + 4, "end" if left else "start"))
    return found


def _step(point: Step, place: float, scale: Scale, *, newest: bool) -> list[str]:
    found = []
    if math.isfinite(point.low) and math.isfinite(point.high):
        found.append(_line(place, place, _down(scale, point.low), _down(scale, point.high), "whisker"))
    if math.isfinite(point.value):
        tone = "part" if not point.whole else "newest" if newest else ""
        found.append(
            element(
                "circle", title(point.label), cx=_percent(place), cy=_down(scale, point.value),
                r=4.5 if newest else 3.5, class_=f"point {tone}".strip(),
            )
        )  # fmt: skip
    return found


def _grid(scale: Scale, unit: str, currency: str, tall: float = HEIGHT) -> list[str]:
    found = []
    for mark in scale.marks():
        y = _down(scale, mark, tall)
        found.append(element("line", x1="0%", x2="100%", y1=y, y2=y, class_="grid"))
        found.append(text(short(mark, unit, currency), 0.0, y - 3, "mark"))
    return found


def _labels(points: Sequence[Step], places: Sequence[float]) -> list[str]:
    every = max(1, math.ceil((len(points) - 1) / (MOST_LABELS - 1))) if len(points) > 1 else 1
    found = []
    # From the newest back, so that it always is among them.
    for index in range(len(points) - 1, -1, -every):
        anchor = "end" if index == len(points) - 1 else "middle"
        place = _percent(places[index] + (2 if anchor == "end" else 0))
        label = points[index].label.split(":")[0]
        found.append(_mark(label, place, HEIGHT - 6, anchor))
    return found


def _mark(content: str, place: str, y: float, anchor: str) -> str:
    return element("text", escape(content), x=place, y=y, class_="mark", text_anchor=anchor)


def _places(count: int) -> list[float]:
    if count == 1:
        return [(LEFT + RIGHT) / 2]
    return [LEFT + (RIGHT - LEFT) * index / (count - 1) for index in range(count)]


def _line(start: float, end: float, y1: float, y2: float, class_: str) -> str:
    return element("line", x1=_percent(start), x2=_percent(end), y1=y1, y2=y2, class_=class_)


def _across(scale: Scale, value: float) -> float:
    return LEFT + (RIGHT - LEFT) * scale.share(value)


def _down(scale: Scale, value: float, tall: float = HEIGHT) -> float:
    return TOP + (tall - TOP - BOTTOM) * (1 - scale.share(value))


def _percent(place: float) -> str:
    return f"{place:.2f}%"
