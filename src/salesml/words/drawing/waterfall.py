"""How one score comes about: from where everybody starts, reason by reason, to the account's chance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from salesml.words import direction
from salesml.words import english as words
from salesml.words.drawing import svg
from salesml.words.drawing.axis import Axis, chance_of
from salesml.words.numbers import chance, date
from salesml.words.texts import one_line

NAME: Final = "waterfall"
"""The class of the whole picture, and the beginning of its ids, so that a page can hold several."""

SIZE, SMALL, LINE = 14.0, 12.0, 18.0
"""Heights of letters, of small ones, and of a line."""

LEAST_ROW, ARROW, HEAD = 46.0, 20.0, 8.0
MOST_LINES, LONGEST, LONGEST_NAME = 4, 240, 48


@dataclass(frozen=True)
class Layout:
    """Where things stand, in pixels.

    Attributes
    ----------
    margin, text : float
        Where marks and sentences begin.
    room : float
        What a line of a sentence may take.
    left, right : float
        Ends of the axis; chances are written beyond the arrows.
    stacked : bool
        Whether a sentence stands above its arrow instead of beside it.
    titled : bool
        Whether the picture says whose it is and how it is read, or the page does.
    """

    width: float = 880.0
    margin: float = 28.0
    text: float = 76.0
    room: float = 336.0
    left: float = 486.0
    right: float = 790.0
    stacked: bool = False
    titled: bool = False

    @property
    def top(self) -> float:
        return 96.0 if self.titled else 20.0


ALONE: Final = Layout(titled=True)
"""A picture in a file of its own."""
WIDE: Final = Layout(width=820.0, margin=2.0, text=46.0, left=450.0, right=750.0)
"""A part of a page."""
NARROW: Final = Layout(width=320.0, margin=2.0, text=40.0, room=276.0, left=52.0, right=262.0, stacked=True)
"""A part of a page on a telephone."""


@dataclass(frozen=True)
class Step:
    """One arrow: what it says, from where to where in log-odds, and how strong it is."""

    sentence: str
    value: str
    start: float
    end: float
    strength: str

    @property
    def way(self) -> str:
        return direction(self.end - self.start)

    @property
    def marks(self) -> str:
        sign = words.PICTURE_UP if self.end > self.start else words.PICTURE_DOWN
        return sign * words.DEGREES.get(self.strength, 0)

    @property
    def starts_at(self) -> str:
        """The chance before it."""
        return chance(chance_of(self.start))

    @property
    def leads_to(self) -> str:
        """The chance after it."""
        return chance(chance_of(self.end))


def waterfall(row: Mapping[str, Any], layout: Layout = ALONE, style: str = "") -> str:
    """A scored row as an SVG picture.

    Parameters
    ----------
    row : mapping
        A row of a score table that was scored, with its ``task``, ``entity_id``, ``base_value``,
        ``other_contribution`` and ``reasons``.
    layout : Layout
    style : str
        Rules that the picture brings with it; without them it is what the page makes of its classes.

    Returns
    -------
    str
        A document without script and without references, all texts escaped and shortened, with a title
        and a description for screen readers.
    """
    steps = steps_of(row)
    base = float(row["base_value"])
    end = steps[-1].end if steps else base
    outcome = words.OUTCOMES.get(str(row["task"]), words.OUTCOME)
    axis = Axis.over([base, *(step.end for step in steps)], layout.left, layout.right)
    who = svg.isolated(one_line(str(row["entity_id"]), LONGEST_NAME))
    head = words.PICTURE_TITLE.format(who=who, chance=chance(chance_of(end)), outcome=outcome)
    told = _told(steps, base, end)
    drawn, bottom = _rows(steps, base, end, axis, layout)
    height = bottom + (84 if layout.titled else 50)
    name = f"{NAME}-{hashlib.sha256(f'{layout.width} {head} {told}'.encode()).hexdigest()[:12]}"
    parts = [
        svg.title(head, id=f"{name}-title"),
        svg.title(told, "desc", f"{name}-told"),
        *([svg.element("style", style)] if style else []),
        svg.element("rect", width="100%", height="100%", class_="paper"),
        *(_words_around(row, head, outcome, layout, height) if layout.titled else []),
        *_axis(axis, bottom, outcome, layout),
        *drawn,
    ]
    return svg.element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {layout.width:.0f} {height:.0f}",
        width=layout.width, height=height, class_=NAME, role="img",
        aria_labelledby=f"{name}-title {name}-told",
    )  # fmt: skip


def steps_of(row: Mapping[str, Any]) -> list[Step]:
    """Reasons in their order, then all else where it moves anything."""
    at, steps = float(row["base_value"]), []
    for reason in row["reasons"] or ():
        value = one_line(str(reason["value_text"] or ""))
        sentence = svg.isolated(one_line(str(reason["words"]), LONGEST), value)
        after = at + float(reason["contribution"])
        steps.append(Step(sentence, value, at, after, str(reason["strength"])))
        at = after
    other = float(row["other_contribution"])
    return [*steps, Step(words.PICTURE_OTHER, "", at, at + other, "")] if other else steps


def _words_around(
    row: Mapping[str, Any], head: str, outcome: str, layout: Layout, height: float
) -> list[str]:
    legend = words.LEGEND.format(up=words.PICTURE_UP, down=words.PICTURE_DOWN, outcome=outcome)
    return [
        svg.text(head, layout.margin, 42.0, "title"),
        svg.text(_known(row), layout.margin, 66.0, "soft"),
        svg.text(f"{legend} {words.PICTURE_NOTE}", layout.margin, height - 18, "fine"),
    ]


def _known(row: Mapping[str, Any]) -> str:
    day = row.get("as_of")
    return words.PICTURE_KNOWN.format(day=date(day)) if day else words.PICTURE_UNDATED


def _told(steps: Sequence[Step], base: float, end: float) -> str:
    """The picture in sentences."""
    told = [
        words.PICTURE_STEP.format(sentence=step.sentence, direction=step.way, chance=step.leads_to)
        for step in steps
    ]
    starts, ends = (
        template.format(chance=chance(chance_of(at)))
        for template, at in ((words.PICTURE_STARTS, base), (words.PICTURE_ENDS, end))
    )
    return " ".join([starts, *told, ends])


def _rows(
    steps: Sequence[Step], base: float, end: float, axis: Axis, layout: Layout
) -> tuple[list[str], float]:
    """All rows from the top, and where they end: what links them lies beneath them."""
    first = _End(words.PICTURE_BASE, base, "soft", layout)
    last = _End(words.PICTURE_END, end, "strong", layout)
    rows: list[_End | _Arrow] = [first, *(_Arrow.of(step, layout) for step in steps), last]
    links, drawn, top = [], [], layout.top
    before = None
    for row in rows:
        middle = row.middle(top)
        if before is not None:
            links.append(_link(axis.at(row.start), before, middle))
        drawn += row.draw(axis, top)
        before, top = middle, top + row.height
    return [*links, *drawn], top


@dataclass(frozen=True)
class _End:
    """Where it begins, or ends."""

    label: str
    start: float
    weight: str
    layout: Layout

    @property
    def height(self) -> float:
        return LEAST_ROW + (LINE if self.layout.stacked else 0)

    def middle(self, top: float) -> float:
        return top + self.height - LEAST_ROW / 2

    def draw(self, axis: Axis, top: float) -> list[str]:
        x, middle = axis.at(self.start), self.middle(top)
        line = top + LINE if self.layout.stacked else middle + 5
        return [
            svg.text(self.label, self.layout.margin if self.layout.stacked else self.layout.text, line,
                     self.weight),
            svg.element("circle", cx=x, cy=middle, r=5.5, class_="dot"),
            svg.text(chance(chance_of(self.start)), x + 12, middle + 5, "strong"),
        ]  # fmt: skip


@dataclass(frozen=True)
class _Arrow:
    """A sentence with its marks, and the arrow with the chance that it leads to."""

    step: Step
    lines: Sequence[str]
    layout: Layout

    @classmethod
    def of(cls, step: Step, layout: Layout) -> _Arrow:
        return cls(step, svg.lines(step.sentence, layout.room, SIZE, MOST_LINES), layout)

    @property
    def start(self) -> float:
        return self.step.start

    @property
    def height(self) -> float:
        text = len(self.lines) * LINE + 20
        return text + ARROW + 12 if self.layout.stacked else max(LEAST_ROW, text)

    def middle(self, top: float) -> float:
        return top + self.height - ARROW / 2 - 10 if self.layout.stacked else top + self.height / 2

    def draw(self, axis: Axis, top: float) -> list[str]:
        step, middle = self.step, self.middle(top)
        first = top + LINE if self.layout.stacked else middle - (len(self.lines) - 1) * LINE / 2 + 5
        told = [
            svg.text(line, self.layout.text, first + number * LINE, "sentence")
            for number, line in enumerate(self.lines)
        ]
        mark = [svg.text(step.marks, self.layout.margin, first, f"mark {step.way}")] if step.marks else []
        return [*mark, *told, *_arrow(step, axis, middle)]


def _arrow(step: Step, axis: Axis, middle: float) -> list[str]:
    start, tip = axis.at(step.start), axis.at(step.end)
    way = 1 if step.end > step.start else -1
    tip = start + way * max(abs(tip - start), 1.5)
    neck = tip - way * min(HEAD, abs(tip - start))
    up, down = middle - ARROW / 2, middle + ARROW / 2
    points = " ".join(
        f"{svg.number(x)},{svg.number(y)}"
        for x, y in ((start, up), (neck, up), (tip, middle), (neck, down), (start, down))
    )
    anchor = "start" if way > 0 else "end"
    return [
        svg.element("polygon", svg.title(_hint(step)), points=points, class_=step.way),
        svg.text(step.leads_to, tip + way * 8, middle + 4.5, "fine", anchor),
    ]


def _hint(step: Step) -> str:
    """What a pointer on an arrow shows: the whole sentence, and what it adds in log-odds."""
    return f"{step.sentence} ({step.end - step.start:+.3f})"


def _link(x: float, top: float, bottom: float) -> str:
    return svg.element("line", x1=x, x2=x, y1=top, y2=bottom, class_="link")


def _axis(axis: Axis, bottom: float, outcome: str, layout: Layout) -> list[str]:
    """Marked chances from top to bottom."""
    drawn = [svg.text(outcome, (layout.left + layout.right) / 2, bottom + 40, "fine", "middle")]
    for x, label in axis.marks():
        drawn += [
            svg.element("line", x1=x, x2=x, y1=layout.top - 6, y2=bottom + 4, class_="grid"),
            svg.text(label, x, bottom + 20, "fine", "middle"),
        ]
    return drawn
