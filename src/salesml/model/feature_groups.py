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
    if not groups.members:
        return np.zeros((0, 0))
    order = np.concatenate([np.array(members) for members in groups.members])
    starts = np.concatenate([[0], np.cumsum([len(members) for members in groups.members])[:-1]])
    best = np.maximum.reduceat(likeness[np.ix_(order, order)], starts, axis=1)
    worst = np.minimum.reduceat(best, starts, axis=0)
    result: Floats = np.minimum(worst, worst.T)
    return result


def _clusters(likeness: Floats) -> list[list[int]]:
    """Groups to be joined, most alike first, every two of a cluster alike enough (complete linkage)."""
    clusters = {place: [place] for place in range(len(likeness))}
    owner = np.arange(len(likeness))
    pairs = np.argwhere(np.triu(likeness >= TWINS, 1))
    order = np.argsort(-likeness[pairs[:, 0], pairs[:, 1]], kind="stable")
    for one, other in pairs[order].tolist():
        mine, theirs = int(owner[one]), int(owner[other])
        if mine != theirs and (likeness[np.ix_(clusters[mine], clusters[theirs])] >= TWINS).all():
            owner[clusters[theirs]] = mine
            clusters[mine] += clusters.pop(theirs)
    return [sorted(cluster) for cluster in clusters.values() if len(cluster) > 1]
