"""Intervals and p-values of a contrast, by drawing lots again or by Student's t.

An interval holds every ``theta`` that a test of ``y - theta * x`` does not refuse. With ``x`` having been
listed that is the effect of being listed; with ``x`` having been contacted it is Anderson and Rubin's
interval of the effect of a contact [1]_, which stays true however little listing changes contact: it then
has no end.

Where lots can be drawn again, the test is Fisher's [2]_: how many of the draws would have shown as much. It
is exact where ``theta`` is the same for all; divided by its standard error it holds for the mean of unequal
effects with many lists [3]_. Otherwise it is Student's t with the degrees of freedom that the clusters leave.

References
----------
.. [1] T. W. Anderson and H. Rubin, "Estimation of the parameters of a single equation in a complete system of
   stochastic equations", Annals of Mathematical Statistics 20 (1949).
.. [2] R. A. Fisher, "The Design of Experiments" (1935).
.. [3] J. Wu and P. Ding, "Randomization tests for weak null hypotheses in randomized experiments", Journal of
   the American Statistical Association 116 (2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from salesml.payoffs.contrast import Contrast

LEVEL = 0.95
STEPS = np.concatenate([np.arange(0.5, 6.1, 0.5), 2.0 ** np.arange(3, 21)])
HALVINGS = 40


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; ``low`` and ``high`` are infinite where the interval has no end."""

    value: float
    low: float
    high: float
    p_value: float

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.bounded and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Test:
    """Asks how surprising a ``theta`` is.

    Parameters
    ----------
    seen : Contrast
        What came about.
    draws : Contrast or None
        Of the lots drawn again; None to use Student's t.
    freedom : int
        Degrees of freedom of Student's t.
    """

    seen: Contrast
    draws: Contrast | None = None
    freedom: int = 0

    def p(self, theta: float) -> float:
        """How often chance alone would have shown as much, if ``theta`` were true."""
        t = float(self.seen.t(theta))
        if self.draws is None:
            return float(2 * stats.t.sf(t, self.freedom)) if self.freedom > 0 else 1.0
        others = self.draws.t(theta)
        return float((1 + (others >= t * (1 - 1e-9)).sum()) / (1 + len(others)))

    @property
    def p_of_x(self) -> float:
        """The same of ``x`` itself: whether listing changed it at all."""
        swapped = Test(_swapped(self.seen), _swapped(self.draws) if self.draws else None, self.freedom)
        return swapped.p(0.0)


def estimate(test: Test, level: float = LEVEL) -> Estimate:
    """The effect by ``test``, with the interval of all that it does not refuse."""
    seen = test.seen
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(seen.y / seen.x)
    if not math.isfinite(value):
        return Estimate(math.nan, -math.inf, math.inf, 1.0)
    alpha, zero = 1 - level, test.p(0.0)
    spread = float(seen.yy - 2 * value * seen.xy + value**2 * seen.xx)
    step = math.sqrt(max(spread, 0.0)) / abs(float(seen.x))
    if not step or not math.isfinite(step) or test.p_of_x > alpha:
        return Estimate(value, -math.inf, math.inf, zero)
    low, high = (_end(test, value, way * step, alpha) for way in (-1, 1))
    return Estimate(value, low, high, zero)


def _end(test: Test, value: float, step: float, alpha: float) -> float:
    """Where the test begins to refuse, on one side."""
    inside = value
    for steps in STEPS:
        outside = value + step * float(steps)
        if test.p(outside) <= alpha:
            break
        inside = outside
    else:
        return math.copysign(math.inf, step)
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if test.p(middle) <= alpha else (middle, outside)
    return outside


def _swapped(each: Contrast) -> Contrast:
    return Contrast(each.x, each.y, each.xx, each.xy, each.yy)
