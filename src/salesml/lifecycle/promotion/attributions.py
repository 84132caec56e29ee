"""Whether two models score for the same reasons: nDCG of the features' shares of all contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from salesml.snapshots import Feature


def grouped(shares: Mapping[str, float], features: Sequence[Feature]) -> dict[str, float]:
    """Shares by group of features that say the same, largest first; what has no group stands for itself.

    Parameters
    ----------
    features : sequence of Feature
        Whose groups count: the champion's, for both models.
    """
    group = {feature.name: feature.group or feature.name for feature in features}
    found: dict[str, float] = {}
    for name, share in shares.items():
        key = group.get(name, name)
        found[key] = found.get(key, 0.0) + share
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def ndcg(reference: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Normalised discounted cumulative gain of the reference's features in the other's order.

    Parameters
    ----------
    reference : mapping of str to float
        The gain of each feature: its share in the reference.
    other : mapping of str to float
        Shares in the other model, by which its features are ordered. Features that the reference does not
        have are passed over, so that a new one does not push down all others; those that the other has not
        stand last.

    Returns
    -------
    float
        1 when the order is the same, or when nothing moves the scores of the reference.

    References
    ----------
    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (2002); as
    the measure of drift of attributions: Amazon SageMaker Model Monitor, which alarms below .9.
    """
    ideal = sorted(reference.values(), reverse=True)
    ordered = sorted(reference, key=lambda name: -other.get(name, -1.0))
    best = _discounted(ideal)
    return _discounted([reference[name] for name in ordered]) / best if best > 0 else 1.0


def kept(reference: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much of the reference's order the other keeps: its nDCG between what lots would give and 1.

    What nDCG features in random order have depends on how many there are and how unequal their shares: .5 on
    one table and .8 on another, so that no limit of the nDCG itself means the same on both.

    Returns
    -------
    float
        1 for the same order, 0 on average over all orders, below 0 for one that is worse than that. 1 as well
        where every order has the same nDCG.
    """
    by_lot = _by_lot([*reference.values()])
    return (ndcg(reference, other) - by_lot) / (1 - by_lot) if by_lot < 1 - 1e-9 else 1.0


def new_share(champion: Mapping[str, float], challenger: Mapping[str, float]) -> float:
    """The part of the challenger's contributions that features make which the champion does not have."""
    return float(sum(share for name, share in challenger.items() if name not in champion))


def _by_lot(gains: Sequence[float]) -> float:
    """The mean nDCG over all orders: in each place stands the mean gain."""
    best = _discounted(sorted(gains, reverse=True))
    return _discounted([float(np.mean(gains))] * len(gains)) / best if best > 0 else 1.0


def _discounted(gains: Sequence[float]) -> float:
    places = np.arange(2, len(gains) + 2)
    return float((np.asarray(gains) / np.log2(places)).sum()) if len(gains) else 0.0
