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


def new_share(champion: Mapping[str, float], challenger: Mapping[str, float]) -> float:
    """The part of the challenger's contributions that features make which the champion does not have."""
    return float(sum(share for name, share in challenger.items() if name not in champion))


def _discounted(gains: Sequence[float]) -> float:
    places = np.arange(2, len(gains) + 2)
    return float((np.asarray(gains) / np.log2(places)).sum()) if len(gains) else 0.0
