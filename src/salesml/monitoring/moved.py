"""What moved in a column, in words: ``orders in the last 90 days: median 4, was 2``."""

from __future__ import annotations

import numpy as np

from salesml.monitoring.dated import Column, Dated, Floats
from salesml.words import numbers
from salesml.words.peers import written

NOTABLE = 0.02
"""A share of missing values, or of a level, is told from this difference on."""
SHOWN = 2
WHEN = {1: "a month before", 3: "three months before"}


def moved(column: Column, place: int, before: Dated, now: Dated) -> str:
    """What is different now, in words."""
    then, here = before.coded[:, place], now.coded[:, place]
    return f"{column.feature.words or column.name}: {'; '.join(_parts(column, then, here))}"


def _parts(column: Column, then: Floats, now: Floats) -> list[str]:
    parts = []
    gone, missing = float(np.isnan(then).mean()), float(np.isnan(now).mean())
    if column.levels:
        parts = _levels(column, then, now)
    elif missing < 1 and gone < 1:
        parts = [_median(column, then, now)]
    if abs(missing - gone) >= NOTABLE or not parts:
        empty = "unknown or empty" if column.levels else "empty"
        parts.append(f"{empty} in {numbers.percent(missing)} of the rows, was {numbers.percent(gone)}")
    return parts


def _median(column: Column, then: Floats, now: Floats) -> str:
    """The median or, where that stands still, the quantile or the mean that moved."""
    for name, share in (("median", 0.5), ("upper quartile", 0.75), ("lower quartile", 0.25)):
        was, is_ = (float(np.nanquantile(each, share)) for each in (then, now))
        texts = _text(column, is_), _text(column, was)
        if texts[0] != texts[1]:
            return f"{name} {texts[0]}, was {texts[1]}"
    return f"mean {_text(column, float(np.nanmean(now)))}, was {_text(column, float(np.nanmean(then)))}"


def _text(column: Column, value: float) -> str:
    return written(value, column.feature.form, column.feature.unit)


def _levels(column: Column, then: Floats, now: Floats) -> list[str]:
    size = len(column.levels)
    was, is_ = (
        np.bincount(each[~np.isnan(each)].astype(np.intp), minlength=size)[:size] / max(len(each), 1)
        for each in (then, now)
    )
    most = np.argsort(-np.abs(is_ - was), kind="stable")[:SHOWN]
    return [
        f"{column.levels[place]} {numbers.percent(float(is_[place]))}, "
        f"was {numbers.percent(float(was[place]))}"
        for place in most
        if abs(is_[place] - was[place]) >= NOTABLE / 4
    ]
