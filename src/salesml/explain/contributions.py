"""SHAP values of a booster for coded rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import lightgbm as lgb

BLOCK = 65_536
"""Rows that are explained at once: bounds the memory that LightGBM's answer takes."""

ALONE = 64
"""Fewer rows than this are explained by one thread: waking others takes longer than the work."""


def contributions(
    booster: lgb.Booster, coded: NDArray[np.float64], *, threads: int = 0
) -> NDArray[np.float64]:
    """What each feature adds to each row's raw score.

    Parameters
    ----------
    booster : lightgbm.Booster
        A binary model.
    coded : ndarray of shape (rows, features)
        Rows as ``Coding.encode`` gives them.
    threads : int
        Threads that LightGBM may take, 0 for all. The values do not depend on it.

    Returns
    -------
    ndarray of shape (rows, features + 1)
        Path-dependent SHAP values in raw log-odds; the last column is the base value. Each row sums
        to ``booster.predict(coded, raw_score=True)``.

    References
    ----------
    Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
    Nature Machine Intelligence 2 (2020); computed by LightGBM's ``pred_contrib``.
    """
    threads = threads if len(coded) >= ALONE else 1
    blocks: list[Any] = [
        booster.predict(coded[start : start + BLOCK], pred_contrib=True, num_threads=threads)
        for start in range(0, len(coded), BLOCK)
    ]
    if not blocks:
        return np.empty((0, booster.num_feature() + 1))
    return np.concatenate(blocks).astype(np.float64, copy=False)
