"""Takes off an outcome what was known before lots were drawn: intervals get narrower and stay true.

The difference between listed and others is the same with or without it on average, since lots do not look at
scores [1]_.

References
----------
.. [1] W. Lin, "Agnostic notes on regression adjustments to experimental data", Annals of Applied Statistics 7
   (2013).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salesml.payoffs.contrast import Floats
from salesml.payoffs.listed import Listed


def predicted(rows: Listed, outcome: Floats, known: NDArray[np.bool_]) -> Floats:
    """What the score and the value said of an outcome, by least squares over the rows that are known."""
    stake = np.where(np.isfinite(rows.value), rows.value, 0.0)
    columns = [np.ones(len(rows)), rows.probability, stake, stake * rows.probability]
    design = np.stack([each / (np.abs(each[known]).max(initial=0.0) or 1.0) for each in columns], axis=1)
    design = np.nan_to_num(design)
    if known.sum() <= 10 * design.shape[1]:
        return np.zeros(len(rows))
    found, *_ = np.linalg.lstsq(design[known], outcome[known], rcond=None)
    return np.asarray(design @ found, dtype=np.float64)
