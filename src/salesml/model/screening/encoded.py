"""Columns that hold the rate of the outcome among rows like this one, the row itself counted in."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from salesml.model.screening.association import Outcome
from salesml.model.screening.finding import Finding
from salesml.model.screening.view import Column, View

DISTINCT = 5
"""A rate of so few different values may be a rate by chance."""
MATCHED = 0.95
"""Share of rows whose value must be the rate."""
SMALL = 10
"""Only groups of at most so many rows betray their own outcome."""
SMALL_SHARE = 0.02
"""Share of rows in such groups without which the column betrays little."""
ORDERED = 0.999
"""Rank correlation within groups of one size from which a value follows from the group's rate."""
MOST_GROUPS = 0.9


def encoded(view: View, outcome: Outcome, *, dated: Collection[str]) -> list[Finding]:
    """Findings ``rate-of-outcome``."""
    groups = [c for c in view.varying if 10 < c.distinct <= MOST_GROUPS * view.rows]
    found = []
    for column in view.varying:
        if column.name in dated or not _could_be(column):
            continue
        if _by_itself(column, outcome):
            found.append(_finding(column, ""))
        elif by := _by_group(column, groups, outcome):
            found.append(_finding(column, by))
    return found


def _could_be(column: Column) -> bool:
    """Numbers that are not whole, of enough values."""
    if column.kind != "number" or column.distinct < DISTINCT:
        return False
    known = column.numbers[~column.missing]
    return bool((known != np.floor(known)).mean() > 0.02)


def _by_itself(column: Column, outcome: Outcome) -> bool:
    """Whether among the rows of each value exactly that share has the outcome."""
    everyone = np.bincount(column.codes[~column.missing], minlength=column.distinct)
    positive = np.bincount(column.codes[~column.missing & (outcome.y == 1)], minlength=column.distinct)
    values = np.asarray(column.levels, dtype=np.float64)
    matched = np.abs(positive - values * everyone) < 1e-4 * np.maximum(everyone, 1)
    between = (values > 0) & (values < 1)
    return bool((everyone[between] > 0).sum() >= 3 and everyone[matched].sum() >= MATCHED * everyone.sum())


def _by_group(column: Column, groups: Iterable[Column], outcome: Outcome) -> str:
    """The column by whose values it is the same for all rows and rises with their rate, if there is one."""
    known = ~column.missing
    for group in groups:
        if group is column or group.distinct < column.distinct / 2:
            continue
        usable = known & ~group.missing
        if usable.sum() < 50 or not _constant_within(column, group, usable):
            continue
        if _rises(column, group, usable, outcome):
            return group.name
    return ""


def _constant_within(column: Column, group: Column, usable: np.ndarray) -> bool:
    sampled = np.flatnonzero(usable)
    first = np.full(group.distinct, np.nan)
    first[group.codes[sampled]] = column.numbers[sampled]
    same = np.abs(first[group.codes[sampled]] - column.numbers[sampled]) <= 1e-9
    return bool(same.mean() > MATCHED)


def _rises(column: Column, group: Column, usable: np.ndarray, outcome: Outcome) -> bool:
    """Whether among small groups of one size the value follows from how many have the outcome."""
    codes = group.codes[usable]
    size = np.bincount(codes, minlength=group.distinct)
    positive = np.bincount(codes, weights=outcome.y[usable], minlength=group.distinct)
    value = np.zeros(group.distinct)
    value[codes] = column.numbers[usable]
    agree, seen, betrayed = 0.0, 0.0, 0
    for rows in range(2, SMALL + 1):
        here = size == rows
        spread = np.ptp(positive[here]) if here.sum() >= 5 else 0.0
        if not spread:
            continue
        correlation = np.corrcoef(value[here], positive[here])[0, 1] if np.ptp(value[here]) else 0.0
        agree += here.sum() * (correlation > ORDERED)
        seen += here.sum()
        betrayed += rows * int(here.sum())
    return bool(seen and agree >= MATCHED * seen and betrayed >= SMALL_SHARE * usable.sum())


def _finding(column: Column, by: str) -> Finding:
    of = f" of each {by}" if by else ""
    return Finding(
        code="rate-of-outcome",
        severity="warn",
        what=f"{column.name} is the rate of the outcome among the rows{of} that share its value, each row's "
        "own outcome counted in: rows in small groups tell on themselves.",
        do="Leave it out (exclude): the classifier makes use of categories by itself. Or make the rates of "
        "earlier rows only.",
        columns=(column.name, by) if by else (column.name,),
        sure=0.999,
    )
