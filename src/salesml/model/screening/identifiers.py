"""Columns that name a row instead of telling something of it: identifiers and free text."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from salesml.model.screening.association import Outcome, crossed_auc
from salesml.model.screening.dates import date_form
from salesml.model.screening.finding import Finding
from salesml.model.screening.view import LOOKED_AT, Column, Floats, View

UNIQUE = 0.95
"""Share of values that differ from which a column names rows."""
FEWEST = 50
GAPS = 20
"""Whole numbers whose range is at most so many times their count are running numbers."""
NAMED = re.compile(
    r"(^|[^a-z])(id|ids|uuid|guid|number|nr|no|num|key|code|ref|reference|index|row)([^a-z]|$)"
)
ORDER_TELLS, SURE = 0.58, 0.999
LONG_WORDS, LONG_TEXT = 4, 25
"""Words and letters of a typical value from which a text is free text."""


def identifiers(view: View) -> dict[str, Floats]:
    """The columns that name rows, each with the numbers in its names (empty where there are none)."""
    found = {}
    for column in view.varying:
        filled = int((~column.missing).sum())
        if filled < FEWEST or column.distinct < UNIQUE * filled:
            continue
        if column.kind == "category":
            found[column.name] = np.empty(0) if is_text(column) else _trailing(column)
        elif column.kind == "number" and _running(column):
            found[column.name] = column.numbers
    return found


def name_rows(
    view: View, outcome: Outcome, found: dict[str, Floats], *, dated: Collection[str]
) -> list[Finding]:
    """Findings ``order-tells-outcome``, ``identifier`` and ``free-text``."""
    findings = []
    for column in view.columns:
        if column.name in dated:
            continue
        if column.name in found and not is_text(column):
            findings.append(_order(column.name, found[column.name], outcome) or _identifier(column))
        elif is_text(column) and column.distinct > FEWEST:
            findings.append(_text(column))
    return findings


def is_text(column: Column) -> bool:
    """Whether typical values are sentences."""
    if column.kind != "category" or column.distinct < FEWEST:
        return False
    looked = [str(level) for level in column.levels[:LOOKED_AT]]
    words = np.median([len(text.split()) for text in looked])
    return bool(words >= LONG_WORDS and np.median([len(text) for text in looked]) >= LONG_TEXT)


def _running(column: Column) -> bool:
    """Whether whole numbers run on, or are called a number."""
    known = column.numbers[~column.missing]
    if (known != np.floor(known)).any() or date_form(column):
        return False
    span = float(known.max() - known.min())
    return span <= GAPS * len(known) or bool(NAMED.search(spaced(column.name)))


def spaced(name: str) -> str:
    """A name in lower case with its words apart."""
    return re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).lower()


def _trailing(column: Column) -> Floats:
    """The number at the end of each name, where nearly all have one of several digits."""
    texts = pd.Series([str(level) for level in column.levels], dtype=object)
    digits = texts.str.extract(r"(\d{2,15})\D*$")[0]
    numbers = pd.to_numeric(digits, errors="coerce").to_numpy(np.float64)
    if np.isnan(numbers).mean() > 0.05 or len(np.unique(numbers)) < 0.5 * len(numbers):
        return np.empty(0)
    return np.where(column.missing, np.nan, numbers[column.codes])


def _order(name: str, numbers: Floats, outcome: Outcome) -> Finding | None:
    """Whether the order of the identifiers tells the outcome, smoothly or in blocks."""
    if not len(numbers):
        return None
    known = np.isfinite(numbers)
    rank = np.argsort(np.argsort(np.where(known, numbers, np.inf), kind="stable"))
    number = int(np.clip(len(numbers) // 50, 4, 64))
    auc = crossed_auc((rank * number // len(rank)).astype(np.int64), number, outcome)
    if auc.value < ORDER_TELLS or auc.above(0.5) < SURE:
        return None
    return Finding(
        code="order-tells-outcome",
        severity="warn",
        what=f"The order of {name} tells the outcome: AUC {auc.value:.3f}. Rows with and without it were "
        "numbered apart, or later ones had less time for it.",
        do="Leave it out (exclude), and find out how the rows were put together: other columns may tell the "
        "same.",
        columns=(name,),
        sure=auc.above(0.5),
    )


def _identifier(column: Column) -> Finding:
    return Finding(
        code="identifier",
        severity="note",
        what=f"{column.name} differs in nearly every row ({column.distinct:,} values): it names the row and "
        "tells nothing of it.",
        do="Leave it out (exclude), or pass it as the id.",
        columns=(column.name,),
    )


def _text(column: Column) -> Finding:
    return Finding(
        code="free-text",
        severity="note",
        what=f"{column.name} holds free text ({column.distinct:,} values): rare ones count as missing, and "
        "text written after the outcome tells it. Texts may hold personal data.",
        do="Leave it out (exclude), or make columns of what is known beforehand.",
        columns=(column.name,),
    )
