"""The strongest contributions of each row as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain import strongest


def reasons_of(
    frame: pd.DataFrame, contributions: NDArray[np.float64], names: Sequence[str], top: int
) -> pd.DataFrame:
    """One row per reason, as ``PropensityClassifier.explain`` describes them.

    Parameters
    ----------
    frame : DataFrame of shape (rows, features)
        The columns as they were given, for their values.
    contributions : ndarray of shape (rows, features + 1)
    names : sequence of str
        Names of the features.
    top : int
        Reasons per row at most.
    """
    reasons = strongest(contributions, tuple(names), top)
    rows, listed = reasons.index.shape
    row = np.repeat(np.arange(rows), listed)
    column = reasons.index.ravel()
    contribution = reasons.contribution.ravel()
    return pd.DataFrame(
        {
            "row": row,
            "rank": np.tile(np.arange(1, listed + 1), rows),
            "feature": np.asarray(names, dtype=object)[column],
            "value": frame.astype("object").to_numpy()[row, column],
            "contribution": contribution,
            "direction": np.array(["none", "up", "down"])[np.sign(contribution).astype(np.intp)],
            "share": reasons.share.ravel(),
        }
    )
