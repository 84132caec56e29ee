"""How one score comes about: from where everybody starts, reason by reason, to the account's chance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import expit

from salesml.pictures import svg
from salesml.pictures.axis import Axis
from salesml.words import direction
from salesml.words import english as words
from salesml.words.numbers import chance, date
from salesml.words.texts import one_line

NAME = "waterfall"
"""Before each rule of style and each name, so that a page can hold several pictures and keep its own look."""

WIDTH, MARGIN, TOP = 880.0, 28.0, 96.0
TEXT, ROOM, SIZE = 76.0, 336.0, 14.0
"""Where sentences begin, the pixels that they may take, and the height of their letters."""

LEFT, RIGHT = 486.0, 790.0
"""Ends of the axis; chances are written beyond the arrows."""

LINE, LEAST_ROW, ARROW, HEAD = 18.0, 46.0, 20.0, 8.0
MOST_LINES, LONGEST, LONGEST_NAME = 4, 240, 48

LIGHT = {
    "text": "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;"
    "font-size:14px;fill:#1f2933;direction:ltr;unicode-bidi:isolate",
    ".paper": "fill:#fff", ".title": "font-size:20px;font-weight:600", ".soft": "fill:#5b6773",
    ".small": "font-size:12px", ".strong": "font-weight:600", ".grid": "stroke:#e4e8ec",
    ".link": "stroke:#9aa5b1;stroke-dasharray:2 3", ".dot": "fill:#1f2933",
    ".raises": "fill:#c2500f", ".lowers": "fill:#1f6fb2", ".mark": "font-weight:700",
}  # fmt: skip
DARK = {
    "text": "fill:#e6eaee", ".paper": "fill:#15191e", ".soft": "fill:#a3b0bd", ".grid": "stroke:#2b333c",
    ".link": "stroke:#66727e", ".dot": "fill:#e6eaee", ".raises": "fill:#f2935c", ".lowers": "fill:#6db3ec",
}  # fmt: skip
"""What the parts look like; in print it is always light."""


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


def waterfall(row: Mapping[str, Any]) -> str:
    """A scored row as an SVG picture.

    Parameters
    ----------
    row : mapping
        A row of a score table that was scored, such as ``scores.to_pylist()[0]``; see
        :func:`salesml.scoring.table.schema`.

    Returns
    -------
    str
        A document without script and without references, all texts escaped and shortened, with a title
        and a description for screen readers. It follows the reader's light or dark scheme and is light in
        print.
    """
    steps = _steps(row)
    base, end = float(row["base_value"]), steps[-1].end if steps else float(row["base_value"])
    outcome = words.OUTCOMES.get(str(row["task"]), words.OUTCOME)
    axis = Axis.over([base, *(step.end for step in steps)], LEFT, RIGHT)
    who = svg.isolated(one_line(str(row["entity_id"]), LONGEST_NAME))
    head = words.PICTURE_TITLE.format(who=who, chance=chance(expit(end)), outcome=outcome)
    drawn, bottom = _rows(steps, base, end, axis)
    height = bottom + 84
    told = _told(steps, base, end)
    name = f"{NAME}-{hashlib.sha256(f'{head} {told}'.encode()).hexdigest()[:12]}"
    legend = words.LEGEND.format(up=words.PICTURE_UP, down=words.PICTURE_DOWN, outcome=outcome)
    parts = [
        svg.title(head, id=f"{name}-title"),
        svg.title(told, "desc", f"{name}-told"),
        svg.element("style", _style()),
        svg.element("rect", width="100%", height="100%", class_="paper"),
        svg.text(head, MARGIN, 42.0, "title"),
        svg.text(_known(row), MARGIN, 66.0, "soft"),
        *_axis(axis, bottom, outcome),
        *drawn,
        svg.text(f"{legend} {words.PICTURE_NOTE}", MARGIN, height - 18, "soft small"),
    ]
    return svg.element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        width=WIDTH, height=height, class_=NAME, role="img", aria_labelledby=f"{name}-title {name}-told",
    )  # fmt: skip


def _style() -> str:
    light, dark = (
        "\n".join(f".{NAME} {part}{{{look}}}" for part, look in looks.items()) for looks in (LIGHT, DARK)
    )
    return f"\n{light}\n@media screen and (prefers-color-scheme:dark){{\n{dark}\n}}\n"


def _steps(row: Mapping[str, Any]) -> list[Step]:
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


def _known(row: Mapping[str, Any]) -> str:
    day = row.get("as_of")
    return words.PICTURE_KNOWN.format(day=date(day)) if day else words.PICTURE_UNDATED


def _told(steps: Sequence[Step], base: float, end: float) -> str:
    """The picture in sentences."""
    told = [
        words.PICTURE_STEP.format(sentence=step.sentence, direction=step.way, chance=chance(expit(step.end)))
        for step in steps
    ]
    starts, ends = (
        template.format(chance=chance(expit(at)))
        for template, at in ((words.PICTURE_STARTS, base), (words.PICTURE_ENDS, end))
    )
    return " ".join([starts, *told, ends])


def _rows(steps: Sequence[Step], base: float, end: float, axis: Axis) -> tuple[list[str], float]:
    """All rows from the top, and where they end."""
    middle = TOP + LEAST_ROW / 2
    drawn = _end(words.PICTURE_BASE, base, axis, middle)
    top, before = TOP + LEAST_ROW, middle
    for step in steps:
        wrapped = svg.lines(step.sentence, ROOM, SIZE, MOST_LINES)
        height = max(LEAST_ROW, len(wrapped) * LINE + 20)
        drawn += [
            _link(axis.at(step.start), before, top + height / 2),
            *_arrow(step, wrapped, axis, top, height),
        ]
        before, top = top + height / 2, top + height
    middle = top + LEAST_ROW / 2
    drawn += [_link(axis.at(end), before, middle), *_end(words.PICTURE_END, end, axis, middle, "strong")]
    return drawn, top + LEAST_ROW


def _arrow(step: Step, wrapped: Sequence[str], axis: Axis, top: float, height: float) -> list[str]:
    """A sentence with its marks, and the arrow with the chance that it leads to."""
    middle = top + height / 2
    first = middle - (len(wrapped) - 1) * LINE / 2 + 5
    start, tip = axis.at(step.start), axis.at(step.end)
    way = 1 if step.end > step.start else -1
    tip = start + way * max(abs(tip - start), 1.5)
    neck = tip - way * min(HEAD, abs(tip - start))
    up, down = middle - ARROW / 2, middle + ARROW / 2
    points = " ".join(
        f"{svg.number(x)},{svg.number(y)}"
        for x, y in ((start, up), (neck, up), (tip, middle), (neck, down), (start, down))
    )
    label = svg.text(
        chance(expit(step.end)), tip + way * 8, middle + 4.5, "soft small", "start" if way > 0 else "end"
    )
    told = [svg.text(line, TEXT, first + number * LINE, "sentence") for number, line in enumerate(wrapped)]
    mark = [svg.text(step.marks, MARGIN, first, f"mark {step.way}")] if step.marks else []
    arrow = svg.element("polygon", svg.title(_hint(step)), points=points, class_=step.way)
    return [*mark, *told, arrow, label]


def _hint(step: Step) -> str:
    """What a pointer on an arrow shows: the whole sentence, and what it adds in log-odds."""
    return f"{step.sentence} ({step.end - step.start:+.3f})"


def _end(label: str, at: float, axis: Axis, middle: float, weight: str = "") -> list[str]:
    """Where it begins, or ends."""
    x = axis.at(at)
    return [
        svg.text(label, TEXT, middle + 5, weight or "soft"),
        svg.element("circle", cx=x, cy=middle, r=5.5, class_="dot"),
        svg.text(chance(expit(at)), x + 12, middle + 5, "strong"),
    ]


def _link(x: float, top: float, bottom: float) -> str:
    return svg.element("line", x1=x, x2=x, y1=top, y2=bottom, class_="link")


def _axis(axis: Axis, bottom: float, outcome: str) -> list[str]:
    """Marked chances from top to bottom."""
    drawn = [
        svg.text(outcome, (LEFT + RIGHT) / 2, bottom + 40, "soft small", "middle"),
    ]
    for x, label in axis.marks():
        drawn += [
            svg.element("line", x1=x, x2=x, y1=TOP - 6, y2=bottom + 4, class_="grid"),
            svg.text(label, x, bottom + 20, "soft small", "middle"),
        ]
    return drawn
