"""Reasons that are never told: those of attributes that a spec protects, though the model may use them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from salesml.explain import Reasons
from salesml.explain.grouping import Groups
from salesml.scoring.shared_words import withheld_names
from salesml.snapshots.feature import Feature


def hidden(features: Sequence[Feature], groups: Groups, withheld: Collection[str]) -> NDArray[np.bool_]:
    """For each group of features, whether one of its members is made of an attribute that is withheld."""
    made = [not withheld_names(feature).isdisjoint(withheld) for feature in features]
    return np.array([any(made[at] for at in members) for members in groups.members], dtype=bool)


def without(found: Reasons, features: Sequence[Feature], withheld: Collection[str], top: int) -> Reasons:
    """The strongest reasons that are not withheld; what the others contribute stands among the rest.

    Parameters
    ----------
    found : Reasons
        Of ``top`` groups and as many more as are withheld, so that none is missed that may be told.
    """
    never = hidden(features, found.groups, withheld)
    if not never.any():
        return found
    gone = never[found.index]
    kept = np.argsort(gone, axis=1, kind="stable")[:, :top]
    told = np.take_along_axis(np.where(gone, 0.0, found.contribution), kept, axis=1)
    return replace(
        found,
        index=np.take_along_axis(found.index, kept, axis=1),
        contribution=told,
        share=np.take_along_axis(found.share, kept, axis=1),
        members=np.take_along_axis(found.members, kept[:, :, None], axis=1),
        other=found.other + found.contribution.sum(axis=1) - told.sum(axis=1),
    )


def how_many(features: Sequence[Feature], groups: Groups, withheld: Collection[str]) -> int:
    """How many groups no reason tells."""
    return int(hidden(features, groups, withheld).sum()) if withheld else 0
