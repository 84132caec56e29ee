"""Further tables of the checks on the page: their sentences, a picture where one is declared, their rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.records import records
from salesml.scorecard.report.charts import Dot, Step, scatter, steps
from salesml.scorecard.schema import Column, Picture, Table
from salesml.words import numbers, texts

ROWS = 12
"""Rows and sentences that are shown; what is beyond is folded."""

SAID_ALIKE = 3
"""From so many rows on of which nothing can be said, one sentence stands for all of them."""

MOST_ROWS = 500
"""Rows of the page; the files have all."""

KINDS = ("all", "year", "quarter", "month")

PICTURES = 8
"""Of one table."""

STANDING_OUT = {"rich but unproductive": "bad", "modest but productive": "good"}
"""Verdicts of dots that are marked, and their tones."""

NAMED = 12
"""Of more dots the names would lie on one another."""


@dataclass(frozen=True)
class Part:
    """A further table on the page.

    Parameters
    ----------
    title, meaning : str
    sentences : list of (str, str)
        Of its column ``words``, each once; before it what it is about, if the table says so.
    pictures : list of (str, str)
        A heading and the SVG.
    headings : list of str
    numeric : list of bool
        Whether a column holds numbers.
    shown, folded : list of list of str
        Cells.
    left : int
        Rows that only the files have.
    """

    name: str
    title: str
    meaning: str
    sentences: list[tuple[str, str]]
    pictures: list[tuple[str, str]]
    headings: list[str]
    numeric: list[bool]
    shown: list[list[str]]
    folded: list[list[str]]
    left: int


def part(
    name: str,
    table: pd.DataFrame,
    declared: Table | None,
    people: Mapping[str, tuple[str, str]],
    currency: str,
) -> Part | None:
    """What the page shows of a table; None of one without rows."""
    if table.empty:
        return None
    table = _named(_newest(table), people)
    columns = _columns(table, declared)
    cells = [
        [_cell(row[each.name], each, currency) for each in columns] for row in records(table.head(MOST_ROWS))
    ]
    picture = declared.picture if declared else None
    if picture and not {picture.x, picture.value} <= set(table):
        picture = None
    return Part(
        name=name,
        title=(declared.title if declared else "") or name.replace("_", " ").capitalize(),
        meaning=declared.meaning if declared else "",
        sentences=_sentences(table),
        pictures=_pictures(table, picture, declared, currency) if picture and declared else [],
        headings=[each.heading for each in columns],
        numeric=[each.type in ("number", "whole") for each in columns],
        shown=cells[:ROWS] if columns else [],
        folded=cells[ROWS:] if columns else [],
        left=max(0, len(table) - MOST_ROWS),
    )


def _newest(table: pd.DataFrame) -> pd.DataFrame:
    """Of a table by period the longest and newest one: the files have them all."""
    if not {"kind", "start"} <= set(table):
        return table
    kind = next((each for each in KINDS if (table["kind"] == each).any()), None)
    of_kind = table[table["kind"] == kind] if kind else table
    newest = of_kind["start"].max()
    return of_kind if pd.isna(newest) else of_kind[of_kind["start"] == newest]


def _named(table: pd.DataFrame, people: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """With the names of reps instead of their ids."""
    for column in ("rep", "id"):
        if column in table:
            names = [people.get(str(each), (str(each), ""))[0] for each in table[column]]
            table = table.assign(**{column: names})
    return table


def _columns(table: pd.DataFrame, declared: Table | None) -> list[Column]:
    if declared:
        return [each for each in declared.columns if each.heading and each.name in table]
    return [
        Column(name=str(name), type=_type(table[name]), meaning="", heading=str(name).replace("_", " "))
        for name in table
        if name != "words"
    ]


def _type(values: pd.Series) -> Any:
    if pd.api.types.is_bool_dtype(values):
        return "truth"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def _cell(value: Any, column: Column, currency: str) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if column.type == "truth":
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return numbers.date(value)
    if column.type in ("number", "whole"):
        return told.shown(float(value), column.unit or "number", currency)
    return texts.one_line(str(value), 120)


def _sentences(table: pd.DataFrame) -> list[tuple[str, str]]:
    if "words" not in table:
        return []
    # What is said of each rep stands beside the rep.
    told_of = table[table["level"] == "company"] if "level" in table else table
    told_of, few = _told_apart(told_of)
    about = told_of["part"] if "part" in told_of else pd.Series("", index=told_of.index)
    found = {
        str(words): str(part)
        for words, part in zip(told_of["words"].dropna(), about, strict=False)
        if str(words).strip()
    }
    said = [(part, _whole(words)) for words, part in found.items()]
    return [*said, ("", f"Of {few} more too little is known to say anything.")] if few > 0 else said


def _told_apart(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Rows that say something, and how many of the others are left: the first stands for all of them."""
    if "verdict" not in table:
        return table, 0
    few = table["verdict"].isin(("too few", "cannot be told"))
    if int(few.sum()) < SAID_ALIKE:
        return table, 0
    kept = table[~few | (few.cumsum() == 1)]
    return kept, len(table) - len(kept)


def _whole(words: str) -> str:
    said = words if words.endswith((".", "?", "!")) else f"{words}."
    return said[0].upper() + said[1:]


def _pictures(table: pd.DataFrame, picture: Picture, declared: Table, currency: str) -> list[tuple[str, str]]:
    units = {each.name: each.unit or "number" for each in declared.columns}
    if picture.kind == "scatter":
        return _scatter(table.dropna(subset=[picture.x, picture.value]), picture, declared, currency)
    groups: Iterable[tuple[Any, pd.DataFrame]] = (
        table.groupby(picture.group, sort=False) if picture.group else [("", table)]
    )
    return [
        (
            str(name),
            steps(
                [_step(row, picture) for row in records(group)],
                f"{declared.title} {name}".strip(),
                units[picture.value],
                currency,
            ),
        )
        for name, group in list(groups)[:PICTURES]
    ]


def _scatter(table: pd.DataFrame, picture: Picture, declared: Table, currency: str) -> list[tuple[str, str]]:
    if table.empty:
        return []
    known = {each.name: each for each in declared.columns}
    verdicts = table[picture.group] if picture.group else pd.Series("", index=table.index)
    few = int(verdicts.isin(STANDING_OUT).sum()) <= NAMED
    dots = [
        Dot(
            float(row[picture.x]),
            float(row[picture.value]),
            _label(row, picture),
            STANDING_OUT.get(verdict, ""),
            few and verdict in STANDING_OUT,
        )
        for row, verdict in zip(records(table), verdicts, strict=True)
    ]
    middle = (float(table[picture.middle].iloc[0]), 0.0) if picture.middle else (math.nan, math.nan)
    across, up = known[picture.x], known[picture.value]
    lines = "; dashed: the middle" if picture.middle else ""
    heading = f"Across: {across.heading.lower()}; up: {up.heading.lower()}{lines}"
    units = (across.unit or "number", up.unit or "number")
    return [(heading, scatter(dots, declared.title, units, currency, middle))]


def _label(row: Mapping[str, Any], picture: Picture) -> str:
    return texts.one_line(str(row[picture.label])) if picture.label else ""


def _step(row: Mapping[str, Any], picture: Picture) -> Step:
    low, high = (float(row[name]) if name else math.nan for name in (picture.low, picture.high))
    x = row[picture.x]
    return Step(numbers.date(x) if isinstance(x, dt.date) else str(x), float(row[picture.value]), low, high)
