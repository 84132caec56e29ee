"""Groups of features that say the same, joined where their numbers go together.

The registry groups the windows and sums of one measure. Two such groups say the same when each feature of
either has a twin in the other: one whose ranks go with its own, |Spearman's rho| of at least :data:`TWINS`
on the training rows, a missing value ranking below all others. Groups are joined only where every two of them
say the same, so that no chain of half-likenesses joins what has little in common. Categories are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from salesml.explain.grouping import Groups
from salesml.snapshots.feature import JOINT, Feature

Floats = NDArray[np.float64]

TWINS = 0.9
ROWS = 20_000
"""Training rows, drawn once and for all, on which ranks are compared."""


def joined(features: Sequence[Feature], coded: Floats) -> tuple[Feature, ...]:
    """The features with the groups in which they make reasons.

    Parameters
    ----------
    features : sequence of Feature
    coded : ndarray of shape (rows, features)
        Training rows; missing as NaN.
    """
    groups = Groups.of([feature.group for feature in features])
    likeness = _between(groups, _likeness(features, coded))
    result = list(features)
    for cluster in _clusters(likeness):
        names = [groups.names[place] or features[groups.members[place][0]].name for place in cluster]
        for place in cluster:
            for member in groups.members[place]:
                result[member] = replace(features[member], group=JOINT.join(names))
    return tuple(result)


def _likeness(features: Sequence[Feature], coded: Floats) -> Floats:
    """|Spearman's rho| of each two numbers; 0 beside a category or what never changes."""
    from scipy.stats import rankdata  # takes long to load

    rows = len(coded)
    if rows > ROWS:
        coded = coded[np.sort(np.random.default_rng(0).choice(rows, ROWS, replace=False))]
    ranks = np.zeros(coded.shape)
    for place, feature in enumerate(features):
        column = coded[:, place]
        if feature.kind == "number" and len(column):
            ranks[:, place] = rankdata(np.where(np.isnan(column), -np.inf, column))
    ranks -= ranks.mean(axis=0) if len(ranks) else 0.0
    size = np.sqrt((ranks**2).sum(axis=0))
    ranks /= np.where(size > 0, size, 1.0)
    likeness: Floats = np.abs(ranks.T @ ranks)
    return likeness


def _between(groups: Groups, likeness: Floats) -> Floats:
    """For each two groups, how well the feature that fits worst has a twin in the other."""
    number = len(groups.members)
    result = np.zeros((number, number))
    for one, mine in enumerate(groups.members):
        best = np.stack([likeness[np.ix_(mine, theirs)].max(axis=1) for theirs in groups.members], axis=1)
        result[one] = best.min(axis=0)
    return np.minimum(result, result.T)


def _clusters(likeness: Floats) -> list[list[int]]:
    """Groups to be joined, most alike first, every two of a cluster alike enough (complete linkage)."""
    clusters = [[place] for place in range(len(likeness))]
    pairs = np.argwhere(np.triu(likeness >= TWINS, 1))
    order = np.argsort([-likeness[one, other] for one, other in pairs], kind="stable")
    for one, other in pairs[order]:
        mine = next(cluster for cluster in clusters if one in cluster)
        theirs = next(cluster for cluster in clusters if other in cluster)
        if mine is not theirs and (likeness[np.ix_(mine, theirs)] >= TWINS).all():
            clusters.remove(theirs)
            mine.extend(theirs)
    return [sorted(cluster) for cluster in clusters if len(cluster) > 1]
