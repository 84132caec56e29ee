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
LEAST = 5.0
"""Rows to be expected in a level, without which it is counted among the others."""


def moved(bundle: Bundle, table: pa.Table) -> list[str]:
    """Warnings on the attributes of rows to score whose levels are not spread as in training.

    An attribute has moved when its population stability index against the training rows is at least
    .1 and the difference is beyond chance (chi-square, p below .01 over all attributes). Attributes are
    looked at, not what happens: that moves by its nature.
    """
    watched = [feature for feature in bundle.features if bundle.level_shares.get(feature.name)]
    lines = []
    for feature in watched:
        if feature.name not in table.column_names or not table.num_rows:
            continue
        then = bundle.level_shares[feature.name]
        levels = [level for level in then if level != OTHER]
        now = level_shares(table[feature.name].to_pandas(), levels)
        if _differs(then, now, table.num_rows, len(watched)):
            lines.append(_words(feature.name, then, now))
    return lines


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
    told = "; ".join(
        f"{level or 'other or empty'} {then[level]:.0%}, now {now.get(level, 0.0):.0%}" for level in most
    )
    return (
        f"warning [attribute-moved] {name} is not spread as in training: {told}. Find out whether it still "
        "means the same; if it is written otherwise now, mend it or train again"
    )
