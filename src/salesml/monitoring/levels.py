"""Levels that the model does not know: a category that is written otherwise now, whatever its history shows.

An attribute without a history is on every date as it is today, so that its own past cannot tell: this
holds it against what the model saw in training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import norm

from salesml.monitoring.dated import Column, Dated
from salesml.monitoring.family import of_a_look
from salesml.monitoring.finding import Finding
from salesml.words import numbers

MORE = 0.1
"""A share of unknown or empty values that grew by less raises no alarm."""
OTHER = ""


def watch_levels(
    now: Dated, columns: Sequence[Column], level_shares: Mapping[str, Mapping[str, float]], looks: int
) -> list[Finding]:
    """For each attribute, the share of rows with no level that the model knows, beside that of training."""
    places = [place for place, column in enumerate(columns) if level_shares.get(column.name)]
    alpha = of_a_look("features", looks) / max(1, len(places))
    found = []
    for place in places:
        name = columns[place].name
        was = float(level_shares[name].get(OTHER, 0.0))
        is_ = float(np.isnan(now.coded[:, place]).mean())
        error = float(np.sqrt(max(was * (1 - was), 1 / len(now)) / len(now)))
        p = float(norm.sf((is_ - was) / error))
        found.append(
            Finding(
                as_of=now.as_of, check="levels", feature=name, rows=len(now), value=is_, usual_low=was,
                usual_high=was, threshold=was + MORE, p_value=p, alarm=is_ - was >= MORE and p <= alpha,
                sentence=f"{columns[place].feature.words or name}: unknown to the model, or empty, in "
                f"{numbers.percent(is_)} of the rows, {numbers.percent(was)} in training",
            )
        )  # fmt: skip
    return found
