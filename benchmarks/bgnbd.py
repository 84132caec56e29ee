"""BG/NBD, by its published likelihood: who buys how often, and after which purchase a customer is gone.

No package that is still kept fits it without a sampler, so it is written here.

References
----------
Fader, Hardie and Lee, '"Counting your customers" the easy way: an alternative to the Pareto/NBD model',
Marketing Science 24 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """Purchases come at a rate that is gamma-distributed over customers (r, alpha).

    After each purchase a customer goes with a chance that is beta-distributed (a, b).
    """

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, customers: pd.DataFrame) -> BgNbd:
        """The most likely parameters of customers with ``x``, ``t_x`` and ``T``; the best of two starts."""
        x, t_x, age = (customers[name].to_numpy(np.float64) for name in ("x", "t_x", "T"))

        def cost(logs: Floats) -> float:
            return -float(cls(*np.exp(logs)).log_likelihood(x, t_x, age).mean())

        starts = [
            np.log(each) for each in ([1, 30, 1, 1], [0.5, 60, 0.5, 2], [2, 20, 0.3, 3], [0.3, 10, 1, 5])
        ]
        tried = [
            minimize(
                cost, start, method="Nelder-Mead", options={"maxiter": 1_000, "xatol": 1e-4, "fatol": 1e-8}
            )
            for start in starts
        ]
        return cls(*np.exp(min(tried, key=lambda each: each.fun).x))

    def log_likelihood(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Of each customer (equation 6 of the paper)."""
        bought = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        here = betaln(self.a, self.b + x) - betaln(self.a, self.b) - (self.r + x) * np.log(self.alpha + age)
        gone = np.where(
            x > 0,
            betaln(self.a + 1, self.b + np.maximum(x, 1) - 1)
            - betaln(self.a, self.b)
            - (self.r + x) * np.log(self.alpha + t_x),
            -np.inf,
        )
        return bought + np.logaddexp(here, gone)

    def alive(self, customers: pd.DataFrame) -> Floats:
        """P(alive) of each customer."""
        x, t_x, age = (customers[name].to_numpy(np.float64) for name in ("x", "t_x", "T"))
        odds = np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * np.log(
            (self.alpha + age) / (self.alpha + t_x)
        )
        return np.where(x > 0, expit(-odds), 1.0)

    def silent(self, customers: pd.DataFrame, days: float) -> Floats:
        """The chance that each customer buys nothing for so many days: gone, or there and waiting."""
        alive, age = self.alive(customers), customers["T"].to_numpy(np.float64)
        waits = ((self.alpha + age) / (self.alpha + age + days)) ** (self.r + customers["x"].to_numpy())
        return 1.0 - alive + alive * waits
