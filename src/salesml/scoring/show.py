"""The top of a ranked list as a person reads it in a terminal."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

from salesml.scoring.table import SCORED, expected_column
from salesml.words import english as words
from salesml.words.numbers import chance, money

WIDTH = 110
REASONS = 3


def show(ranked: pd.DataFrame, top: int, currency: str = "", width: int = WIDTH) -> str:
    """The first rows of a ranked list, each with its chance, its worth and its strongest reasons.

    Parameters
    ----------
    ranked : DataFrame
        As ``salesml.scoring.rank`` gives it.
    top : int
        How many rows.
    currency : str
        Of the money, such as ``GBP``.
    """
    scored = ranked[ranked["status"] == SCORED].head(top)
    return "\n".join(_entry(row, currency, width) for row in _records(scored))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def _entry(row: dict[str, Any], currency: str, width: int) -> str:
    task = str(row["task"])
    outcome = words.OUTCOMES.get(task, words.OUTCOME)
    head = f"{row['rank']:>3}. {row['entity_id']}  {chance(row['probability'])} {outcome}, band {row['band']}"
    if row["value"] and not pd.isna(row["value"]):
        head += words.AT_STAKE.format(
            expected=money(row[expected_column(task)], currency), value=money(row["value"], currency)
        )
    lines = [_reason(reason) for reason in list(row["reasons"])[:REASONS]]
    indent = " " * 7
    return "\n".join(
        [
            head,
            *(textwrap.fill(line, width, initial_indent="     ", subsequent_indent=indent) for line in lines),
        ]
    )


def _reason(reason: dict[str, Any]) -> str:
    sign = words.UP if reason["contribution"] > 0 else words.DOWN
    return f"{sign} {reason['words']} ({reason['strength']})"
