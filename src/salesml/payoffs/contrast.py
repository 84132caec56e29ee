"""The difference of two weighted means, and how far chance moves it, by cluster.

With weights of one over the chance of being where a row is, this is Hájek's estimator of what listing does
[1]_. Its variance is that of the sum of each cluster's share in it (linearised, robust to whatever goes on
within a cluster) [2]_.

Everything is kept for ``y - theta * x``, whose difference is linear and whose variance is quadratic in
``theta``: a hypothesis about ``theta`` costs nothing more, whether ``x`` is having been listed or having been
contacted.

References
----------
.. [1] J. Hájek, comment on D. Basu, in "Foundations of Statistical Inference" (1971).
.. [2] K.-Y. Liang and S. L. Zeger, "Longitudinal data analysis using generalized linear models",
   Biometrika 73 (1986).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TINY = 1e-12


@dataclass(frozen=True)
class Contrast:
    """Of ``y`` and ``x``, the differences and their variances; one value, or one for each draw of the
    lots."""

    y: Floats
    x: Floats
    yy: Floats
    xy: Floats
    xx: Floats

    def t(self, theta: float) -> Floats:
        """The difference of ``y - theta * x`` in standard errors; infinite where one side is empty."""
        difference = self.y - theta * self.x
        spread = self.yy - 2 * theta * self.xy + theta**2 * self.xx
        scale = TINY * (self.yy + theta**2 * self.xx + TINY)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.abs(difference) / np.sqrt(np.maximum(spread, scale))
        return np.where(np.isnan(ratio), np.inf, ratio)


def contrast(one: Floats, other: Floats) -> Contrast:
    """The contrast of sums by cluster.

    Parameters
    ----------
    one, other : ndarray, shape (..., clusters, 3)
        Of either side the sums of the weights, of weighted ``y`` and of weighted ``x``. Clusters without
        any weight do not count.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        first, second = _centred(one), _centred(other)
    shares = first[1] - second[1]
    there = (one[..., 0] > 0) | (other[..., 0] > 0)
    number = there.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        small = np.where(number > 1, number / (number - 1.0), np.nan)
    y, x = shares[..., 0], shares[..., 1]
    return Contrast(
        y=first[0][..., 0] - second[0][..., 0],
        x=first[0][..., 1] - second[0][..., 1],
        yy=small * (y * y).sum(axis=-1),
        xy=small * (x * y).sum(axis=-1),
        xx=small * (x * x).sum(axis=-1),
    )


def sums(weight: Floats, y: Floats, x: Floats, codes: NDArray[np.int64], number: int) -> Floats:
    """By cluster the sums of the weights, of weighted ``y`` and of weighted ``x``."""
    columns = (weight, weight * y, weight * x)
    return np.stack([np.bincount(codes, each, minlength=number) for each in columns], axis=-1)


def _centred(side: Floats) -> tuple[Floats, Floats]:
    """The means of one side, and each cluster's share in their error."""
    whole = side.sum(axis=-2, keepdims=True)
    mean = whole[..., 1:] / whole[..., :1]
    share = (side[..., 1:] - mean * side[..., :1]) / whole[..., :1]
    return mean[..., 0, :], share
