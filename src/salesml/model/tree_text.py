"""One tree in LightGBM's text: its lines, and what the bits of its splits mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

CATEGORICAL, DEFAULT_LEFT, MISSING_APART = 1, 2, 8
"""Bits of ``decision_type``: a split by category; missing goes left of a number's; NaN is missing."""

_KEYS = (
    "num_leaves",
    "num_cat",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "leaf_weight",
    "leaf_count",
    "internal_value",
    "internal_weight",
    "internal_count",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
    "shrinkage",
)
_ONLY_BY_CATEGORY = ("cat_boundaries", "cat_threshold")


def in_text(fields: Mapping[str, str]) -> str:
    """A tree's lines in the order in which LightGBM writes them; a key that is not given stays empty."""
    return "\n".join(
        f"{key}={fields.get(key, '')}" for key in _KEYS if key in fields or key not in _ONLY_BY_CATEGORY
    )


def bits(codes: NDArray[np.integer[Any]]) -> list[int]:
    """A set of category codes as LightGBM keeps it: words of 32 bits, at least one."""
    words = [0] * (int(codes.max(initial=0)) // 32 + 1)
    for code in codes.tolist():
        words[code // 32] |= 1 << code % 32
    return words
