"""Bands of a list: who is to be acted on first, from raw scores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError


def band_cutoffs(
    raw: NDArray[np.float64], shares: Mapping[str, float], weight: NDArray[np.float64] | None = None
) -> dict[str, float]:
    """Least raw score of each band, so that the cumulative shares of ``raw`` lie at or above it.

    Parameters
    ----------
    raw : ndarray
        Raw scores of rows that the model has not seen.
    shares : mapping of str to float
        Cumulative share of the list per band, such as ``{"A": 0.05, "B": 0.2, "C": 0.5}``.
    weight : ndarray, optional
        How many accounts each of them stands for.
    """
    if len(raw) == 0:
        raise ModelError(
            Fault(code="no-scores", found="There are no scores to take the bands' cut-offs from")
        )
    order = np.argsort(-raw, kind="stable")
    counts = np.cumsum(np.ones(len(raw)) if weight is None else weight[order])
    scale = len(raw) / counts[-1]
    return {
        name: float(raw[order][np.searchsorted(counts * scale, max(1, round(share * len(raw))) - 1e-9)])
        for name, share in shares.items()
    }
