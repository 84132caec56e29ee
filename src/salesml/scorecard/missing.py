"""What could not be computed: what it lacks, and what it would tell. Nothing disappears without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.records import records
from salesml.scorecard.schema import Table

COLUMNS = ("check", "kind", "name", "title", "lacks", "words")

TELLS = "It would tell this: {how}."

TO_GET = {
    "scores.fit": "To get it: keep what `salesml score fit` writes on each date, and give them all. Fit is "
    "judged by what was said before a win, so scores of today tell of wins to come",
    "scores.conversion": "To get it: give what `salesml score conversion` wrote on a date with three months "
    "of activities after it, or before it",
}
"""What to do, where naming what is lacking does not tell."""

NO_CASES = "nothing was recorded that it can be computed from, or not for long enough"


def missing_table(
    figures: pd.DataFrame,
    definitions: pd.DataFrame,
    further: Mapping[str, pd.DataFrame],
    declared: Iterable[Table],
    have: frozenset[str],
) -> pd.DataFrame:
    """A row for each figure and table of a check that there is nothing to show of.

    Parameters
    ----------
    figures, definitions : DataFrame
    further : mapping of str to DataFrame
        Tables of the checks.
    declared : iterable of Table
    have : frozenset of str
        What the company's tables have.

    Returns
    -------
    DataFrame
        ``check``, ``kind`` (figure, table), ``name``, ``title``, ``lacks`` (keys of crm.yaml and options,
        empty where it is cases that are missing), ``words``.
    """
    rows = [*_figures(figures, definitions), *_tables(further, declared, have)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"check": "int64"})
    return table.sort_values("check", kind="stable", ignore_index=True)


def _figures(figures: pd.DataFrame, definitions: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    shown: set[str] = set()
    if len(figures):
        company = (
            (figures["level"] == "company") & figures["value"].notna() & figures["complete"].astype(bool)
        )
        shown = set(figures.loc[company, "metric"])
    for each in records(definitions):
        if each["missing"] or each["metric"] not in shown:
            lacks = [need for need in str(each["missing"]).split(", ") if need]
            words = _words(str(each["title"]), lacks, str(each["how"]), NO_CASES)
            yield each["check"], "figure", each["metric"], each["title"], ", ".join(lacks), words


def _tables(
    further: Mapping[str, pd.DataFrame], declared: Iterable[Table], have: frozenset[str]
) -> Iterator[tuple[Any, ...]]:
    for each in declared:
        if each.check and (each.name not in further or further[each.name].empty):
            lacks = [need for need in each.needs if need not in have]
            words = _words(each.title.rstrip("?"), lacks, each.meaning, each.empty or NO_CASES)
            yield each.check, "table", each.name, each.title, ", ".join(lacks), words


def _words(title: str, lacks: list[str], how: str, otherwise: str) -> str:
    why = f"not computed, for want of {told.lacking(lacks)}" if lacks else otherwise
    do = [f" {TO_GET[need]}." for need in lacks if need in TO_GET]
    return f"{title}: {why}. {TELLS.format(how=how)}{''.join(do)}"
