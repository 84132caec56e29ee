"""Rows of lists for the tests of payoffs, by the benchmark's company."""

from __future__ import annotations

from typing import Any

import numpy as np
from benchmarks.payoff_company import Company, Simulated, simulate

from salesml.payoffs.listed import Listed


def simulated(seed: int = 0, **more: Any) -> Simulated:
    keys = {"lists": 12, "dates": 2, "rows": 20, "places": 6, "explore": 0.4} | more
    return simulate(Company("test", **keys), seed)


def listed(count: int, **columns: Any) -> Listed:
    """Rows one to a list, listed by the toss of a coin."""
    return Listed(**{
        "entity": np.array([f"P{place}" for place in range(count)], dtype=object),
        "list": np.array([f"R{place}" for place in range(count)], dtype=object),
        "band": np.array(["A"] * count, dtype=object),
        "as_of": np.full(count, np.datetime64("2025-01-01"), dtype="datetime64[D]"),
        "probability": np.full(count, 0.3), "value": np.full(count, np.nan), "label": np.zeros(count),
        "listed": np.arange(count) % 2 == 0,
        "picked": np.array(["explore" if place % 2 == 0 else "" for place in range(count)], dtype=object),
        "chance": np.full(count, 0.5), **columns,
    })  # fmt: skip
