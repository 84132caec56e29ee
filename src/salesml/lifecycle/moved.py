"""Attributes that do not mean what they meant in training: their levels have other shares now."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from scipy.stats import chi2

from salesml.model.bundle import Bundle
from salesml.model.level_shares import OTHER, level_shares
from salesml.model.screening.shift import MOVED, SURE

SHOWN = 3
FIT = "fit"
GONE = 0.1
"""A level that has less than this part of its share in training has all but gone."""
LEAST = 5.0
"""Rows to be expected in a level, without which it is counted among the others."""


def moved(bundle: Bundle, table: pa.Table) -> list[str]:
    """Warnings on the attributes of rows to score whose levels are not spread as in training.

    An attribute has moved when its population stability index against the training rows is at least
    .1 and the difference is beyond chance (chi-square, p below .01 over all attributes). Attributes are
    looked at, not what happens: that moves by its nature.

    A model of ideal customers has learned from prospects that were won, whose levels are spread otherwise
    than those of open ones by what won them. So there only a level that has all but gone is told, or
    more rows outside of all known levels.
    """
    if not table.num_rows:
        return []
    now = {
        name: level_shares(
            table[name].to_pandas(), [level for level in bundle.level_shares[name] if level != OTHER]
        )
        for name in watched(bundle)
        if name in table.column_names
    }
    return moved_shares(bundle, now, table.num_rows)


def watched(bundle: Bundle) -> list[str]:
    """The attributes whose levels are kept with a model."""
    return [feature.name for feature in bundle.features if bundle.level_shares.get(feature.name)]


def moved_shares(bundle: Bundle, found: Mapping[str, Mapping[str, float]], rows: int) -> list[str]:
    """As :func:`moved`, of shares that were counted over so many rows."""
    names = watched(bundle)
    lines = []
    for name in names:
        if name not in found or not rows:
            continue
        then, now = bundle.level_shares[name], found[name]
        cases = _told_apart(then, now) if bundle.task == FIT else [list(then)]
        if any(_differs(*_of(case, then, now), rows, len(names)) for case in cases):
            lines.append(_words(name, then, now))
    return lines


def _told_apart(then: Mapping[str, float], now: Mapping[str, float]) -> list[list[str]]:
    """Levels that selection does not move: those that have all but gone, and what is none of them."""
    gone = [[level] for level in then if level != OTHER and now.get(level, 0.0) < GONE * then[level]]
    return gone + ([[OTHER]] if now.get(OTHER, 0.0) > then.get(OTHER, 0.0) else [])


def _of(
    levels: list[str], then: Mapping[str, float], now: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """The shares of some levels, and of all others together where there are any."""
    some = [{level: each.get(level, 0.0) for level in levels} for each in (then, now)]
    if len(levels) < len(then):
        some = [{**each, "all others": 1.0 - sum(each.values())} for each in some]
    return some[0], some[1]


def _differs(then: Mapping[str, float], now: Mapping[str, float], rows: int, looked_at: int) -> bool:
    was = np.array([then[level] for level in then])
    found = np.array([now.get(level, 0.0) for level in then])
    few = was * rows < LEAST
    was = np.append(was[~few], was[few].sum())
    found = np.append(found[~few], found[few].sum())
    # Half a row more in every level keeps the index finite where a level was never seen.
    was, found = (was * rows + 0.5) / (rows + 0.5 * len(was)), (found * rows + 0.5) / (rows + 0.5 * len(was))
    index = float(((found - was) * np.log(found / was)).sum())
    statistic = float(rows * ((found - was) ** 2 / was).sum())
    p = float(chi2.sf(statistic, max(1, len(was) - 1)))
    return index >= MOVED and p < SURE / looked_at


def _words(name: str, then: Mapping[str, float], now: Mapping[str, float]) -> str:
    most = sorted(then, key=lambda level: -abs(now.get(level, 0.0) - then[level]))[:SHOWN]
    most = [level for level in most if f"{then[level]:.0%}" != f"{now.get(level, 0.0):.0%}"] or most[:1]
    told = "; ".join(
        f"{level or 'other or empty'} {then[level]:.0%}, now {now.get(level, 0.0):.0%}" for level in most
    )
    return (
        f"warning [attribute-moved] {name} is not spread as in training: {told}. Find out whether it still "
        "means the same; if it is written otherwise now, mend it or train again"
    )
