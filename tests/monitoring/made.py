"""Dates of a company in which nothing changes unless a test says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import expit

from salesml.monitoring.dated import Column, Dated, Floats
from salesml.snapshots.feature import Feature
from salesml.windows import step_back

COLUMNS = (
    Column(feature=Feature(name="orders", form="count", words="orders in the last 90 days", group="orders")),
    Column(feature=Feature(name="gap", form="days", words="days since the last order", group="gap")),
    Column(feature=Feature(name="month", form="month", source="calendar", group="month")),
    Column(
        feature=Feature(name="country", kind="category", form="category", words="country", group="country"),
        levels=("GB", "FR", "DE"),
    ),
)
NEWEST = dt.date(2026, 6, 1)
Change = Callable[[Floats, np.random.Generator], None]


def months(
    number: int, *, rows: int = 400, seed: int = 0, last: Change | None = None, ripe: int = 3
) -> list[Dated]:
    """One date a month, the newest last; ``last`` changes the rows of the newest date."""
    rng = np.random.default_rng(seed)
    habit, home = rng.gamma(3, 2, rows), rng.choice(3, rows, p=[0.6, 0.3, 0.1]).astype(float)
    return [
        _date(n, number, habit, home, np.random.default_rng(seed * 1000 + n), last, ripe)
        for n in range(number)
    ]


def _date(
    n: int, number: int, habit: Floats, home: Floats, rng: np.random.Generator, last: Change | None, ripe: int
) -> Dated:
    orders = rng.poisson(habit).astype(float)
    coded = np.column_stack(
        [orders, rng.exponential(90 / (1 + habit)), np.full(len(habit), float(n % 12)), home]
    )
    if last and n == number - 1:
        last(coded, rng)
    p = expit(-0.5 - 0.35 * (coded[:, 0] - 6))
    y = (rng.random(len(p)) < p).astype(np.int8)
    band = np.where(p > 0.7, "A", np.where(p > 0.5, "B", np.where(p > 0.3, "C", "D")))
    return Dated(
        as_of=step_back(NEWEST, number - 1 - n, "month"), coded=coded, p=p, band=band,
        entity=np.array([f"c{k}" for k in range(len(p))], dtype=object),
        y=y if n < number - ripe else None, size=np.array([4.0, 2.0, 0.1, 1.0]),
    )  # fmt: skip


def with_outcomes(dates: list[Dated], of: Callable[[Dated], np.ndarray], newest: int) -> list[Dated]:
    """The same dates with other outcomes on the newest that are ripe."""
    ripe = [each.as_of for each in dates if each.y is not None][-newest:]
    return [replace(each, y=of(each)) if each.as_of in ripe else each for each in dates]
