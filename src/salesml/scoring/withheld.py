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


def without(found: Reasons, features: Sequence[Feature], withheld: Collection[str]) -> Reasons:
    """Reasons in which those that are withheld count nothing, so that they are not listed.

    What they contribute stands among what is not listed.
    """
    never = hidden(features, found.groups, withheld)
    if not never.any():
        return found
    return replace(found, contribution=np.where(never[found.index], 0.0, found.contribution))
