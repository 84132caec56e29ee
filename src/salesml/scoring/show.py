"""The top of a ranked list as a person reads it in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from salesml.scoring.table import SCORED, expected_column
from salesml.words import english as words
from salesml.words.numbers import chance, date, hours, money

WIDTH = 100
REASONS = 3
INDENT = 6
"""Columns before a reason; its marks take four more."""


def show(
    ranked: pd.DataFrame,
    top: int,
    currency: str = "",
    width: int = WIDTH,
    *,
    days: int | None = None,
    beside: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The first rows of a ranked list, each with its chance, its worth and its strongest reasons.

    Parameters
    ----------
    ranked : DataFrame
        As ``salesml.scoring.rank`` gives it.
    top : int
        How many rows.
    currency : str
        Of the money, such as ``GBP``.
    width : int
        Columns of the terminal.
    days : int, optional
        Days from the as-of date that the chance and the worth are of.
    beside : mapping of str to sequence of str, optional
        By ``entity_id``, what else is told below the reasons: the first paragraph is about the row, the
        others stand below it.
    """
    listed = ranked[(ranked["status"] == SCORED) & ranked["rank"].notna()].head(top)
    if listed.empty:
        return words.NO_ROWS
    rows = [dict(zip(listed.columns, row, strict=True)) for row in listed.itertuples(index=False)]
    outcome = words.OUTCOMES.get(str(rows[0]["task"]), words.OUTCOME)
    heads = _columns([_head(row, outcome, currency) for row in rows])
    entries = [
        "\n".join([_wrapped(head, width), *_reasons(row, width), *_more(row, beside or {}, width)])
        for head, row in zip(heads, rows, strict=True)
    ]
    return "\n\n".join([_title(rows[0], outcome, days), *entries, _legend(outcome)])


def _title(row: dict[str, Any], outcome: str, days: int | None) -> str:
    """What the list is of: which outcome, known when, over which days."""
    known = row["as_of"] is not None and not pd.isna(row["as_of"])
    of = words.OUTCOME_WITHIN.format(outcome=outcome, days=days) if days else outcome
    if not known:
        return of[:1].upper() + of[1:]
    title = words.LIST_OF.format(outcome=of, day=date(pd.Timestamp(row["as_of"]).date()))
    return title[:1].upper() + title[1:]


def _head(row: dict[str, Any], outcome: str, currency: str) -> list[str]:
    """Rank, who, chance, worth, band and rep, to stand in columns."""
    task, worth = str(row["task"]), ""
    if row["value"] and not (pd.isna(row["value"]) or pd.isna(row[expected_column(task)])):
        template = words.AT_STAKE if task == "churn" else words.EXPECTED
        expected, value = row[expected_column(task)], row["value"]
        worth = template.format(expected=_about(expected, currency), value=_about(value, currency))
        if not pd.isna(work := row.get("expected_hours", float("nan"))):
            worth = words.IN_HOURS.format(worth=worth, hours=hours(work))
    band = words.BAND.format(
        band=row["band"], advice=words.BANDS_OF.get(task, words.BANDS).get(row["band"], "")
    )
    rep = words.ITS_REP.format(rep=row["rep_id"]) if isinstance(row["rep_id"], str) else ""
    return [
        f"{int(row['rank'])}.",
        str(row["entity_id"]),
        words.CHANCE.format(chance=chance(row["probability"]), outcome=outcome),
        worth,
        band,
        rep,
        words.BY_LOT if row.get("picked") == "explore" else "",
    ]


def _columns(heads: list[list[str]]) -> list[str]:
    """Lines whose parts stand below one another: ranks and chances to the right."""
    widths = [max(len(head[place]) for head in heads) for place in range(len(heads[0]))]
    lines = []
    for head in heads:
        cells = [
            part.rjust(width) if place in (0, 2) else part.ljust(width)
            for place, (part, width) in enumerate(zip(head, widths, strict=True))
        ]
        first, *others = cells[1:]
        lines.append(
            f"{cells[0].rjust(4)} {'   '.join([first, *(cell for cell in others if cell)])}".rstrip()
        )
    return lines


def _reasons(row: dict[str, Any], width: int) -> list[str]:
    """The strongest reasons, marked by direction and strength; those that raise stand first."""
    chosen = sorted(list(row["reasons"])[:REASONS], key=lambda reason: reason["contribution"] < 0)
    return [
        textwrap.fill(
            reason["words"],
            width,
            initial_indent=" " * INDENT + f"{_marks(reason['strength'], reason['contribution']):<4}",
            subsequent_indent=" " * (INDENT + 4),
        )
        for reason in chosen
    ]


def _more(row: dict[str, Any], beside: Mapping[str, Sequence[str]], width: int) -> list[str]:
    """What else is told of a row, all but the first paragraph in line with the words of reasons."""
    return [
        textwrap.fill(
            text,
            width,
            initial_indent=" " * (INDENT + 4 * (place > 0)),
            subsequent_indent=" " * (INDENT + 4 + 4 * (place > 0)),
        )
        for place, text in enumerate(beside.get(str(row["entity_id"]), ()))
    ]


def _wrapped(head: str, width: int) -> str:
    if len(head) <= width:
        return head
    return textwrap.fill(" ".join(head.split()), width, initial_indent=" ", subsequent_indent=" " * INDENT)


def _about(amount: float, currency: str) -> str:
    """An expectation is not known to the penny."""
    return money(float(round(amount)) if abs(amount) >= 10 else amount, currency)


def _marks(strength: str, contribution: float) -> str:
    sign = words.UP if contribution > 0 else words.DOWN
    return sign * words.DEGREES.get(strength, 1)


def _legend(outcome: str) -> str:
    return words.LEGEND.format(up=words.UP, down=words.DOWN, outcome=outcome)
