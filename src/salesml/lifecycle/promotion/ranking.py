"""How far a challenger moves the list: rank correlation, and who stays in its top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

TOP_BAND = "B"
DEFAULT_TOP = 0.2


@dataclass(frozen=True)
class Movement:
    """Two rankings of the same rows.

    Parameters
    ----------
    spearman : float
        Rank correlation of all rows; NaN where a side gives everyone the same score.
    overlap : float
        Share of the champion's top that stands in the challenger's.
    top : float
        The share of the list that counts as its top.
    """

    spearman: float
    overlap: float
    top: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def movement(
    champion: NDArray[np.float64], challenger: NDArray[np.float64], bands: Mapping[str, float]
) -> Movement:
    """Compare raw scores of the same rows.

    The top are the bands A and B, which are acted on. Rows of equal scores at its edge count in part, as if
    lots were drawn among them.
    """
    from scipy.stats import rankdata

    top = float(bands.get(TOP_BAND, DEFAULT_TOP))
    ranks = [rankdata(each) for each in (champion, challenger)]
    varied = all(np.ptp(each) > 0 for each in ranks)
    spearman = float(np.corrcoef(*ranks)[0, 1]) if varied else float("nan")
    inside = [_in_top(each, top) for each in (champion, challenger)]
    return Movement(spearman, float((inside[0] * inside[1]).sum() / inside[0].sum()), top)


def _in_top(score: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """1 for rows in the top, 0 below it, and the part of those at its edge that has room."""
    places = max(1.0, round(share * len(score)))
    edge = np.sort(score)[-int(places)]
    above, at = score > edge, score == edge
    room = (places - above.sum()) / at.sum()
    return np.where(above, 1.0, np.where(at, room, 0.0))
