"""What is usual of each feature among the rows a model learned from, counted once and kept with it.

A rate is kept only where it is sure: of at least :data:`FEWEST` accounts alike, and with a 99 % Wilson
interval on one side of the rate of all. Each account counts once in the interval, however many rows it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.snapshots.feature import Feature
from salesml.words.facts import read_fact
from salesml.words.peers import FORMS, HALVED, RATED, Part, Peers, Usual
from salesml.words.ranges import ends

Floats = NDArray[np.float64]

FEWEST = 30
"""Accounts without which neither a rate nor a half is told."""
SURE = 2.576
"""Standard normal quantile of a two-sided interval of 99 %."""
FEW_VALUES = 5
"""A number of so many different whole values is not cut: each value stands alone."""
SPIKE = 0.1
"""A zero that so many of all have stands alone."""
FIGURES = 4
"""Decimals of a rate that is kept."""


def count_peers(
    features: Sequence[Feature],
    coded: Floats,
    missing: NDArray[np.bool_],
    levels: Sequence[Sequence[str]],
    y: NDArray[np.int8] | None,
    weight: Floats,
    accounts: Sequence[str],
    *,
    task: str,
    days: int = 0,
) -> Peers:
    """What is usual among rows.

    Parameters
    ----------
    features : sequence of Feature
    coded : ndarray of shape (rows, features)
        Numbers and codes of levels, NaN where missing or no level.
    missing : ndarray of bool of shape (rows, features)
        Where there is no value at all.
    levels : sequence of sequence of str
        Of each feature; empty for numbers.
    y : ndarray of shape (rows,) or None
        1 where the outcome came about; None where no rate may be told, as for a list of best customers.
    weight : ndarray of shape (rows,)
        How many rows of the whole each stands for.
    accounts : sequence of str
        The account of each row.
    task, days
        As in :class:`salesml.words.peers.Peers`.
    """
    owner = pd.factorize(np.asarray(accounts, dtype=object))[0]
    if owner.max(initial=-1) + 1 < FEWEST:
        return Peers(task=task, days=days)
    rate = None if y is None else _Rate(y, weight, owner)
    found = {
        feature.name: _usual(feature, coded[:, place], missing[:, place], levels[place], weight, rate)
        for place, feature in enumerate(features)
    }
    usual = {name: each for name, each in found.items() if each.parts or each.or_more is not None}
    every = None if rate is None else round(rate.every, FIGURES)
    return Peers(task=task, days=days, rate=every, usual=usual)


class _Rate:
    """Counts how often rows had the outcome."""

    def __init__(self, y: NDArray[np.int8], weight: Floats, owner: NDArray[np.intp]) -> None:
        self.weight, self.hits, self.owner = weight, weight * y, owner
        self.every = float(self.hits.sum() / weight.sum())

    def part(self, rows: NDArray[np.bool_], **which: Any) -> list[Part]:
        """Those rows as one part, if enough accounts share it and its rate is surely another."""
        weight = self.weight[rows]
        accounts = len(np.unique(self.owner[rows]))
        return self._kept(
            len(weight), accounts, weight.sum(), (weight**2).sum(), self.hits[rows].sum(), which
        )

    def levels(self, codes: Floats, levels: Sequence[str]) -> list[Part]:
        """The parts of a category, all counted at once."""
        known = ~np.isnan(codes)
        at, number = codes[known].astype(np.int64), len(levels)
        width = int(self.owner.max(initial=0)) + 1
        accounts = np.bincount(np.unique(at * width + self.owner[known]) // width, minlength=number)
        rows = np.bincount(at, minlength=number)
        sums = [
            np.bincount(at, each[known], minlength=number)
            for each in (self.weight, self.weight**2, self.hits)
        ]
        parts: list[Part] = []
        for code in np.flatnonzero(accounts >= FEWEST).tolist():
            weight, squares, hits = (float(each[code]) for each in sums)
            which = {"level": levels[code]}
            parts += self._kept(int(rows[code]), int(accounts[code]), weight, squares, hits, which)
        return parts

    def _kept(
        self, rows: int, accounts: int, weight: float, squares: float, hits: float, which: Mapping[str, Any]
    ) -> list[Part]:
        if accounts < FEWEST:
            return []
        rate = float(hits / weight)
        low, high = wilson(rate, accounts * weight**2 / (rows * squares))
        if low <= self.every <= high:
            return []
        return [Part(round(rate, FIGURES), rows, **which)]


def wilson(rate: float, number: float) -> tuple[float, float]:
    """The interval of a rate of so many (Wilson, JASA 1927)."""
    scale = 1 + SURE**2 / number
    middle = (rate + SURE**2 / (2 * number)) / scale
    half = SURE / scale * np.sqrt(rate * (1 - rate) / number + SURE**2 / (4 * number**2))
    return float(middle - half), float(middle + half)


def _usual(
    feature: Feature,
    column: Floats,
    missing: NDArray[np.bool_],
    levels: Sequence[str],
    weight: Floats,
    rate: _Rate | None,
) -> Usual:
    number = feature.kind == "number"
    kind = read_fact(feature.words, feature.form, feature.unit).kind if number or levels else ""
    parts: list[Part] = []
    whole = number and bool(np.all(column[~missing] == np.round(column[~missing])))
    if rate is not None and kind in RATED and feature.form != "month":
        parts = _ranges(column, feature.form, whole, rate) if number else rate.levels(column, levels)
        if not kind:
            parts += rate.part(missing)
    if not number or kind not in HALVED or feature.form not in FORMS:
        return Usual(parts=tuple(parts), whole=whole)
    or_more, or_less = halves(np.where(missing, np.nan, column), weight)
    return Usual(or_more, or_less, tuple(parts), whole)


def _ranges(column: Floats, form: str, whole: bool, rate: _Rate) -> list[Part]:
    """The parts of a number: each value where there are few, or a zero and ranges near the quartiles."""
    known = np.sort(column[~np.isnan(column)])
    if not len(known):
        return []
    parts: list[Part] = []
    zeros = column == 0
    distinct = np.unique(known) if whole and known[-1] - known[0] < FEW_VALUES else np.empty(0)
    if len(distinct):
        for value in distinct.tolist():
            parts += rate.part(column == value, low=value, high=value)
        return parts
    rest, first = ~np.isnan(column), None
    if known[0] == 0 and known[-1] > 0 and zeros.sum() >= SPIKE * len(known):
        parts += rate.part(zeros, low=0.0, high=0.0)
        rest &= ~zeros
        known = known[known > 0]
        least = float(known[0])
        first = 1.0 if whole else max((end for end in ends(form) if 0 < end <= least), default=least)
    cuts = _cuts(known, form, whole)
    for low, high in pairwise([first, *cuts, None]):
        if low is None and high is None:
            break
        inside = rest & (column >= (-np.inf if low is None else low))
        inside &= column < (np.inf if high is None else high)
        parts += rate.part(inside, low=low, high=high)
    return parts


def _cuts(ordered: Floats, form: str, whole: bool) -> list[float]:
    """Ends that a rep reads easily, each the nearest to a quartile."""
    grid = np.array([end for end in ends(form) if np.isfinite(end) and (not whole or end == round(end))])
    quartiles = np.quantile(ordered, (0.25, 0.5, 0.75), method="nearest")
    nearest = {float(grid[np.abs(grid - quartile).argmin()]) for quartile in quartiles}
    return sorted(cut for cut in nearest if ordered[0] < cut <= ordered[-1])


def halves(column: Floats, weight: Floats) -> tuple[float | None, float | None]:
    """The readable number that half of all rows reach, and the one that half do not pass.

    Who has no value counts as neither, so that both are true of all rows. None where less than half have a
    value.
    """
    known = ~np.isnan(column)
    order = np.argsort(column[known], kind="stable")
    values, share = column[known][order], np.cumsum(weight[known][order]) / weight.sum()
    if not len(values) or share[-1] < 0.5:
        return None, None
    less = float(values[min(int(np.searchsorted(share, 0.5)), len(values) - 1)])
    above = share[-1] - np.concatenate([[0.0], share[:-1]])
    more = float(values[np.flatnonzero(above >= 0.5 - 1e-12)[-1]])
    return _readable(more, np.floor), _readable(less, np.ceil)


def _readable(value: float, away: np.ufunc) -> float:
    """The value with two figures, moved to the side on which the statement stays true."""
    if value == 0 or (float(value).is_integer() and abs(value) < 100):
        return value
    unit = 10.0 ** (np.floor(np.log10(abs(value))) - 1)
    return float(f"{away(value / unit) * unit:.2g}")


def as_dict(peers: Peers) -> dict[str, Any]:
    """Peers as plain data."""
    usual = {
        name: {
            "or_more": each.or_more,
            "or_less": each.or_less,
            "whole": each.whole,
            "parts": [asdict(part) for part in each.parts],
        }
        for name, each in peers.usual.items()
    }
    return {"task": peers.task, "days": peers.days, "rate": peers.rate, "usual": usual}


def from_dict(data: Mapping[str, Any]) -> Peers:
    """The peers that :func:`as_dict` described."""
    usual = {str(name): _usual_from(each) for name, each in data["usual"].items()}
    return Peers(str(data["task"]), int(data["days"]), _number(data["rate"]), usual)


def _usual_from(data: Mapping[str, Any]) -> Usual:
    parts = tuple(
        Part(
            rate=float(part["rate"]),
            rows=int(part["rows"]),
            level=None if part["level"] is None else str(part["level"]),
            low=_number(part["low"]),
            high=_number(part["high"]),
        )
        for part in data["parts"]
    )
    return Usual(_number(data["or_more"]), _number(data["or_less"]), parts, bool(data["whole"]))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
